import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { startTestHost } from '@itsm-m365/test-host';
import { parallelism } from './measurement.ts';
import type { Place, Prepared } from './roles.ts';

const section = '/settings/m365-import.portals/items';
const task = 'm365-import.import-licences';

const portalOf = ({ tenantId, clientId, secret }: Place, number: number) => ({
  name: `Portal ${number}`,
  description: '',
  active: true,
  guardMaxSharePercent: 10,
  guardMinCount: 20,
  fullListingHours: 24,
  cloud: 'global',
  tenantId,
  clientId,
  credential: { type: 'secret', value: secret, validUntil: '2099-12-31' },
  exclusions: [],
});

/**
 * Many portals in one installation, in one process with everything in it that a server has: core, settings, leases, a host.
 * `warm`: after a first import of all.
 */
export const preparePortals = async (
  store: DatabaseConnection,
  places: readonly Place[],
  warm: boolean,
): Promise<Prepared> => {
  const folder = mkdtempSync(join(tmpdir(), 'itsm-m365-bench-host-'));
  const simulatorUrl = places[0]?.url ?? '';
  const host = await startTestHost({ folder, simulatorUrl, connection: store });
  const addPortals = async (): Promise<void> => {
    for (const [number, place] of places.entries()) {
      const answer = await host.call('POST', section, { body: { value: portalOf(place, number + 1) } });
      if (answer.status >= 300) throw new Error(`A portal was refused: ${JSON.stringify(answer.body)}`);
    }
  };
  const importAll = async () => {
    const { run } = await host.tasks.start(task);
    const ended = await host.tasks.wait(run.id);
    // One of 500 that fails is a figure, and no reason to lose the others.
    for (const { notice } of ended.notices.filter((told) => told.notice.severity === 'error'))
      process.stderr.write(`  ${notice.subject?.name}: ${notice.code}: ${notice.message.en}\n`);
    return ended;
  };
  return {
    async warmUp() {
      await addPortals();
      if (warm) await importAll();
    },
    async work() {
      const { items, counts } = await importAll();
      const spans = items.map(({ startedAt, endedAt }) => ({ from: startedAt ?? 0, to: endedAt ?? 0 }));
      const { most, mean } = parallelism(spans);
      const succeeded = items.filter(({ state }) => state === 'succeeded').length;
      return { ...counts, portals: items.length, succeeded, atOnceMost: most, atOnceMean: mean };
    },
    async close() {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
