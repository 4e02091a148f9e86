import type { RunDetail } from '@itsm-m365/server-tasks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { hostSuite, type RunningHost } from './surroundings/hosts.ts';
import { addPortal, changePortal, portalOf, removePortal } from './surroundings/portals.ts';
import { ended, runToEnd, settled, start, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';
import { bySku, expectedStatus, listedSkus, skuNamed } from './surroundings/truth.ts';
import { compliance, ofSku, products } from './surroundings/views.ts';

/** Polls until Microsoft was asked for something while its answer is on the way. */
const asked = async (simulated: Simulated, before: number): Promise<void> => {
  const latest = performance.now() + 10_000;
  while (simulated.simulator.statistics.report().roundTrips <= before) {
    if (performance.now() > latest) throw new Error('Microsoft was not asked');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

hostSuite('What happens during an import', (startHost) => {
  let folder: Folder;
  let simulated: Simulated;
  let host: RunningHost;

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 60 }, { users: 20 });
    host = await startHost({ folder: folder.path, http: simulated.http });
  }, 30_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    folder.remove();
  });

  /** Starts an import whose users are slow to come, does something meanwhile, and waits for the end. */
  const meanwhile = async (act: () => Promise<unknown>): Promise<RunDetail> => {
    simulated.simulator.faults.enable('slow-body', { milliseconds: 1200, endpoint: ['users', 'users-delta'] });
    const before = simulated.simulator.statistics.report().roundTrips + 3;
    const { run } = await start(host, tasks.import);
    await asked(simulated, before);
    await act();
    const end = await ended(host, run.id);
    simulated.simulator.faults.clear();
    await settled(host, tasks.recalculate);
    return end;
  };

  it('a portal changed meanwhile is put right by the next import', async () => {
    const portal = (await addPortal(host, portalOf(simulated.tenant(0), 'Changed'))).id;
    await runToEnd(host, tasks.completely);
    const { skuId } = skuNamed(simulated.tenant(0), 'SPE_E5');
    await meanwhile(() => changePortal(host, portal, { name: 'Renamed', exclusions: [skuId], fullListingHours: 1 }));
    expect((await runToEnd(host, tasks.completely)).state).toBe('succeeded');
    const shown = ofSku(await products(host), skuId);
    expect(shown.sync).toEqual({ state: 'unsynced', reason: 'excluded' });
    expect(
      (await products(host))
        .filter(({ sync }) => sync.state === 'synced')
        .every(({ name }) => name.startsWith('Renamed - ')),
    ).toBe(true);
    await changePortal(host, portal, { exclusions: [] });
    expect((await runToEnd(host, tasks.completely)).state).toBe('succeeded');
    const wanted = listedSkus(simulated.tenant(0)).map((sku) => expectedStatus(simulated.tenant(0), sku));
    expect(bySku((await compliance(host)).map(({ sku, status, consumers }) => ({ sku, status, consumers })))).toEqual(
      bySku(wanted.map(({ sku, status, consumers }) => ({ sku, status, consumers }))),
    );
    await removePortal(host, portal);
  });

  it('a portal deleted meanwhile stays deleted, whatever the import still publishes', async () => {
    const tenant = simulated.tenant(1);
    const portal = (await addPortal(host, portalOf(tenant, 'Deleted'))).id;
    await runToEnd(host, tasks.completely);
    await meanwhile(() => removePortal(host, portal));
    await runToEnd(host, tasks.completely);
    const rows = (await compliance(host)).filter((row) => row.portal === portal);
    expect(rows.length).toBe(listedSkus(tenant).length);
    expect(new Set(rows.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
      new Set(['cannot-be-synchronised portal-deleted']),
    );
  });

  it('a new portal that is deleted during its first import leaves nothing that looks synchronised', async () => {
    const tenant = simulated.tenant(1);
    const portal = (await addPortal(host, portalOf(tenant, 'Brief'))).id;
    await meanwhile(() => removePortal(host, portal));
    await runToEnd(host, tasks.completely);
    const left = (await products(host)).filter((product) => product.portal === portal);
    expect(left.filter(({ sync }) => sync.state === 'synced')).toEqual([]);
  });

  it('a host that stops meanwhile changes nothing, and imports after its restart', async () => {
    const tenant = simulated.tenant(0);
    const portal = (await addPortal(host, portalOf(tenant, 'Restarted'))).id;
    simulated.simulator.faults.enable('hang', { endpoint: 'users' });
    const before = simulated.simulator.statistics.report().roundTrips + 3;
    const { run } = await start(host, tasks.import);
    await asked(simulated, before);
    await host.close();
    simulated.simulator.faults.clear();
    host = await startHost({ folder: folder.path, http: simulated.http });
    expect(await ended(host, run.id)).toMatchObject({ state: 'cancelled', stopReason: 'shutdown' });
    expect((await products(host)).filter((product) => product.portal === portal)).toEqual([]);
    expect((await runToEnd(host, tasks.completely)).state).toBe('succeeded');
    expect((await products(host)).filter((product) => product.portal === portal)).toHaveLength(
      listedSkus(tenant).length,
    );
  });
});
