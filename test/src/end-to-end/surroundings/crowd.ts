import type { FaultName, SimulatorTenant } from '@itsm-m365/microsoft-simulator';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './folder.ts';
import { type Gate, gateOn } from './gate.ts';
import { type RunningHost, startReferenceHost } from './hosts.ts';
import { addPortal, portalOf } from './portals.ts';
import { ended, runToEnd, settled, start, tasks } from './runs.ts';
import { type Simulated, simulate } from './simulated.ts';
import { compliance } from './views.ts';

/** `concurrency` of the import task: portals that one node works on at the same time. */
const atOnce = 4;

const faulty: readonly { readonly fault: FaultName; readonly code: string; readonly every: number }[] = [
  { fault: 'permission-refused', code: 'GRAPH_PERMISSION_MISSING', every: 7 },
  { fault: 'proxy-page-forbidden', code: 'GRAPH_ERROR_UNREADABLE', every: 11 },
];

interface PortalRow {
  readonly id: string;
  readonly users: number;
  readonly asOf: number | null;
  readonly failure: { readonly code: string } | null;
}

/** The most that ran at one time. An item that ends at an instant makes room for one that begins at it. */
const mostAtOnce = (run: RunDetail): number => {
  const turns = run.items
    .flatMap(({ startedAt, endedAt }) => [
      { at: startedAt ?? Number.NaN, by: 1 },
      { at: endedAt ?? Number.NaN, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let running = 0;
  return Math.max(...turns.map(({ by }) => (running += by)));
};

/** Many small portals in one installation: some fail, and none of it is seen at the others. */
export const crowdSuite = (count: number, seconds: number) =>
  describe(`${count} portals in one installation`, { timeout: seconds * 1000 }, () => {
    let folder: Folder;
    let simulated: Simulated;
    let gate: Gate;
    let host: RunningHost;
    const tenants = new Map<string, SimulatorTenant>();
    /** Codes of what is to fail, by portal. */
    const failing = new Map<string, string>();

    beforeAll(async () => {
      folder = temporaryFolder();
      const sizes = Array.from({ length: count }, (_, number) => ({ users: 10 + (number % 21), skus: 3 }));
      simulated = await simulate(...sizes);
      gate = gateOn(simulated.http, (path) => path.startsWith('/v1.0/users?'));
      host = await startReferenceHost({ folder: folder.path, http: gate.http });
      for (const [number, tenant] of simulated.simulator.tenants.entries()) {
        const { id } = await addPortal(host, portalOf(tenant, `Portal ${number}`));
        tenants.set(id, tenant);
        const found = faulty.find(({ every }) => number % every === every - 1);
        if (found === undefined) continue;
        simulated.simulator.faults.enable(found.fault, { tenantId: tenant.tenantId });
        failing.set(id, found.code);
      }
    }, seconds * 1000);
    afterAll(async () => {
      gate?.open();
      await host?.close();
      await simulated?.close();
      folder.remove();
    });

    const portalsNow = async () => (await host.get<{ items: readonly PortalRow[] }>('/m365-import/portals')).items;
    const consumersOf = async () =>
      (await compliance(host)).map(({ portal, sku, consumers }) => `${portal} ${sku} ${consumers}`).sort();
    const trueConsumers = (which: (portal: string) => boolean) =>
      [...tenants]
        .filter(([portal]) => which(portal))
        .flatMap(([portal, { truth }]) =>
          truth
            .skus()
            .filter(({ listed }) => listed)
            .map(({ skuId }) => `${portal} ${skuId} ${[...truth.holders(skuId)].length}`),
        )
        .sort();

    it('are worked on a few at a time, and each shows how far it is', async () => {
      const { run } = await start(host, tasks.import);
      await gate.until(atOnce);
      const during = await host.get<RunDetail>(`/runs/${run.id}`);
      const { waiting } = gate;
      gate.open();
      const done = await ended(host, run.id, seconds);
      const running = during.items.filter(({ state }) => state === 'running');
      const seen = running.map(({ progress, subject }) => `${subject?.name}: ${progress?.phase.en}`);
      expect(seen.filter((line) => /^Portal \d+: Reading /.test(line))).toHaveLength(atOnce);
      expect([running.length, waiting, mostAtOnce(done)]).toEqual([atOnce, atOnce, atOnce]);
      expect(during.items.filter(({ state }) => state === 'waiting').length).toBeGreaterThan(0);
      expect(done.items).toHaveLength(count);
    });

    it('fail each for itself: the others are imported exactly, and every failure is told with its portal', async () => {
      await settled(host, tasks.import);
      const page = await host.get<{ items: RunDetail[] }>(`/runs?task=${tasks.import}&limit=1`);
      const run = await host.get<RunDetail>(`/runs/${page.items[0]?.id}`);
      expect(run.state).toBe('partial');
      const failed = run.items.filter(({ state }) => state === 'failed');
      expect(failed.map(({ key }) => key).sort()).toEqual([...failing.keys()].sort());
      const told = run.notices.filter(({ notice }) => notice.severity === 'error');
      expect(new Map(told.map(({ item, notice }) => [item, notice.code]))).toEqual(failing);
      expect(new Map((await portalsNow()).map(({ id, users, failure }) => [id, failure?.code ?? users]))).toEqual(
        new Map([...tenants].map(([id, { truth }]) => [id, failing.get(id) ?? [...truth.users()].length])),
      );
      expect((await runToEnd(host, tasks.recalculate)).state).toBe('succeeded');
      expect(await consumersOf()).toEqual(trueConsumers((portal) => !failing.has(portal)));
    });

    it('recover each for itself, while those imported before read their changes only', async () => {
      const { faults, statistics } = simulated.simulator;
      faults.clear();
      statistics.reset();
      const { run } = await start(host, tasks.import);
      expect((await ended(host, run.id, seconds)).state).toBe('succeeded');
      expect(statistics.report().requests).toMatchObject({ users: failing.size, subscribedSkus: count });
      expect((await runToEnd(host, tasks.recalculate)).state).toBe('succeeded');
      expect(await consumersOf()).toEqual(trueConsumers(() => true));
    });
  });
