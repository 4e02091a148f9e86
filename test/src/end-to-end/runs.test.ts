import { selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { hostSuite, type RunningHost } from './surroundings/hosts.ts';
import { addPortal, changePortal, portalOf, removePortal } from './surroundings/portals.ts';
import { ended, follow, runToEnd, start, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';
import { holdersOf, listedSkus } from './surroundings/truth.ts';
import { compliance, consumersOf, contacts, ofSku, products } from './surroundings/views.ts';

interface PortalState {
  readonly asOf: number | null;
  readonly failure: { readonly code: string } | null;
  readonly held: { readonly kind: string; readonly count: number; readonly of: number } | null;
}

const powerBi = 'a403ebcc-fae0-4ca2-8c8c-7a907fd6c235';

hostSuite('Runs', (startHost) => {
  let folder: Folder;
  let simulated: Simulated;
  let host: RunningHost;
  let good = '';
  let bad = '';

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 90 }, { users: 30 });
    host = await startHost({ folder: folder.path, http: simulated.http });
  }, 30_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    folder.remove();
  });

  const stateOf = async (portal: string): Promise<PortalState> =>
    (await host.get<{ portal: PortalState }>(`/m365-import/portals/${portal}`)).portal;
  const productsOf = async (portal: string) => (await products(host)).filter((product) => product.portal === portal);

  it('M365-11: several portals are imported, and the failure of one leaves the others alone', async () => {
    good = (await addPortal(host, portalOf(simulated.tenant(0), 'Good'))).id;
    bad = (await addPortal(host, portalOf(simulated.tenant(1), 'Bad'))).id;
    const [app] = simulated.tenant(1).apps;
    if (app !== undefined) app.roles = ['User.Read.All'];
    const run = await runToEnd(host, tasks.import);
    expect(run.state).toBe('partial');
    expect(run.items.map(({ key, state }) => [key, state]).sort()).toEqual(
      [
        [good, 'succeeded'],
        [bad, 'failed'],
      ].sort(),
    );
    expect(await productsOf(good)).toHaveLength(listedSkus(simulated.tenant(0)).length);
    expect(await productsOf(bad)).toEqual([]);
  });

  it('GERR-08: the cause and the remedy of a failed portal stand in the report and in the log of the run', async () => {
    const page = await host.get<{ items: RunDetail[] }>(`/runs?task=${tasks.import}&limit=1`);
    const run = await host.get<RunDetail>(`/runs/${page.items[0]?.id}`);
    const failed = run.notices.filter(({ item, notice }) => item === bad && notice.severity === 'error');
    expect(failed).toMatchObject([
      {
        notice: {
          code: 'GRAPH_PERMISSION_MISSING',
          subject: { id: bad, name: 'Bad' },
          remedy: { en: expect.stringMatching(/Organization\.Read\.All/), de: expect.stringMatching(/Administrator/i) },
        },
      },
    ]);
    expect(await stateOf(bad)).toMatchObject({ failure: { code: 'GRAPH_PERMISSION_MISSING' }, asOf: null });
    expect(await stateOf(good)).toMatchObject({ failure: null, asOf: expect.any(Number) });
    const log = await host.get<{ items: readonly { item: string | null; level: string; fields: object }[] }>(
      `/runs/${run.id}/log`,
    );
    expect(log.items.filter(({ item, level }) => item === bad && level !== 'info')).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ code: 'GRAPH_PERMISSION_MISSING' }) }),
    );
  });

  it('AUTH-14: the portal works again with its permission, and with a certificate instead of the secret', async () => {
    const { certificatePem, privateKeyPem } = selfSignedCertificate();
    const [app] = simulated.tenant(1).apps;
    if (app !== undefined) app.roles = ['User.Read.All', 'Organization.Read.All'];
    app?.addCertificate(certificatePem);
    const credential = { type: 'certificate', certificate: certificatePem, privateKey: privateKeyPem };
    expect((await changePortal(host, bad, { credential })).value).toMatchObject({
      credential: { type: 'certificate', privateKey: { stored: true } },
    });
    expect((await runToEnd(host, tasks.import)).state).toBe('succeeded');
    expect(await productsOf(bad)).toHaveLength(listedSkus(simulated.tenant(1)).length);
    await removePortal(host, bad);
  });

  it('M365-33: an import that would remove many assignments is seen to be held, and changes nothing', async () => {
    const tenant = simulated.tenant(0);
    await runToEnd(host, tasks.completely);
    const row = ofSku(
      (await compliance(host)).filter(({ portal }) => portal === good),
      powerBi,
    );
    const before = holdersOf(tenant, powerBi);
    expect(before.length).toBeGreaterThan(25);
    const others = (await contacts(host)).length;
    for (const id of [...tenant.truth.holders(powerBi)]) tenant.unassign(id, powerBi);
    const run = await runToEnd(host, tasks.completely);
    expect(run.state).toBe('partial');
    const child = await host.get<RunDetail>(`/runs/${run.items[0]?.child}`);
    expect(child.items).toMatchObject([{ key: good, state: 'held' }]);
    expect(child.notices.map(({ notice }) => notice.code)).toContain('IMPORT_HELD');
    expect((await stateOf(good)).held).toMatchObject({ kind: 'assignments', count: before.length });
    expect(await consumersOf(host, row.id)).toEqual(before);
    expect(await contacts(host)).toHaveLength(others);
  });

  it('a held import is published after a person confirmed the number seen, and only that number', async () => {
    const { held } = await stateOf(good);
    const confirm = (count: number) =>
      host.call<{ code: string }>('POST', `/m365-import/portals/${good}/confirmation`, { body: { count } });
    const wrong = await confirm((held?.count ?? 0) - 1);
    expect([wrong.status, wrong.body.code]).toEqual([409, 'HELD_COUNT_CHANGED']);
    expect((await confirm(held?.count ?? 0)).status).toBe(200);
    const run = await runToEnd(host, tasks.completely);
    expect(run.state).toBe('succeeded');
    expect((await stateOf(good)).held).toBeNull();
    const row = ofSku(
      (await compliance(host)).filter(({ portal }) => portal === good),
      powerBi,
    );
    expect(row).toMatchObject({ consumers: 0, status: 'fully-licensed' });
    expect((await confirm(0)).body.code).toBe('IMPORT_NOT_HELD');
  });

  it('COMP-03: of 200 starts at the same time by hand one run comes, and everybody is told which', async () => {
    simulated.simulator.faults.enable('hang', { endpoint: 'subscribedSkus' });
    const answers = await Promise.all(Array.from({ length: 200 }, () => start(host, tasks.import)));
    expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
    expect(answers.filter(({ started }) => started)).toHaveLength(1);
    const active = await host.get<{ items: RunDetail[] }>(`/runs?task=${tasks.import}&state=running`);
    expect(active.items.length).toBeLessThanOrEqual(1);
  });

  it('cancels a run that waits for an answer of Microsoft; nothing is changed, and the next run works', async () => {
    const page = await host.get<{ items: RunDetail[] }>(`/runs?task=${tasks.import}&limit=1`);
    const id = page.items[0]?.id ?? '';
    const before = await stateOf(good);
    const watched = follow(`${host.url}/runs/${id}/progress`, host.everything);
    expect((await host.call('POST', `/runs/${id}/cancel`)).status).toBe(202);
    const run = await ended(host, id, 20);
    expect(run).toMatchObject({ state: 'cancelled', stopReason: 'cancelled', items: [{ state: 'cancelled' }] });
    expect((await watched).at(-1)).toMatchObject({ event: 'end', run: { state: 'cancelled' } });
    expect(await stateOf(good)).toEqual(before);
    simulated.simulator.faults.clear();
    expect((await runToEnd(host, tasks.import)).state).toBe('succeeded');
    const audit = await host.get<{ items: readonly { action: string; details: object }[] }>('/audit?limit=200');
    expect(audit.items).toContainEqual(expect.objectContaining({ action: 'run.cancelled', details: { run: id } }));
  });

  it('cancels a sequence with the import that it waits for', async () => {
    simulated.simulator.faults.enable('slow-body', { milliseconds: 600_000, endpoint: 'subscribedSkus' });
    const { run } = await start(host, tasks.completely);
    await host.call('POST', `/runs/${run.id}/cancel`);
    expect(await ended(host, run.id, 20)).toMatchObject({ state: 'cancelled' });
    const page = await host.get<{ items: RunDetail[] }>(`/runs?parent=${run.id}`);
    expect(page.items.every(({ state }) => state === 'cancelled')).toBe(true);
    simulated.simulator.faults.clear();
  });
});
