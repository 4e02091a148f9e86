import { selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { hostSuite, type RunningHost } from './surroundings/hosts.ts';
import { addPortal, changePortal, portalOf, readPortal, removePortal, section } from './surroundings/portals.ts';
import { ended, follow, runToEnd, start, tasks } from './surroundings/runs.ts';
import { clientSecret, type Simulated, simulate } from './surroundings/simulated.ts';
import { bySku, expectedFigures, holdersOf, listedSkus, skuNamed } from './surroundings/truth.ts';
import { compliance, consumersOf, contacts, figuresOf, licences, ofSku, products } from './surroundings/views.ts';

interface Report {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly remedy?: { readonly en: string };
  }[];
}

// One story: each test goes on where the one before ended.
hostSuite('The life of a portal', (startHost) => {
  let folder: Folder;
  let simulated: Simulated;
  let host: RunningHost;
  let portal = '';

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 140 });
    host = await startHost({ folder: folder.path, http: simulated.http });
  }, 30_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    folder.remove();
  });

  const statuses = async () => figuresOf(await compliance(host));
  const expected = () => expectedFigures(simulated.tenant());

  it('AUTH-15: a connection is tested with a typed secret before anything is stored', async () => {
    const value = portalOf(simulated.tenant(), 'Contoso');
    const report = await host.post<Report>(`${section}/test`, { value });
    expect(report.steps.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(report.ok).toBe(true);
    expect(await host.get(`${section}/items`)).toEqual({ items: [] });
  });

  it('AUTH-17: a connection is tested with a certificate whose key signs the assertion', async () => {
    const { certificatePem, privateKeyPem } = selfSignedCertificate();
    const credential = { type: 'certificate', certificate: certificatePem, privateKey: privateKeyPem };
    const value = portalOf(simulated.tenant(), 'Contoso', { credential });
    const unknown = await host.post<Report>(`${section}/test`, { value });
    expect(unknown.ok).toBe(false);
    simulated.tenant().apps[0]?.addCertificate(certificatePem);
    expect((await host.post<Report>(`${section}/test`, { value })).ok).toBe(true);
  });

  it('tells what to do where a typed secret is wrong', async () => {
    const credential = { type: 'secret', value: 'wrong', validUntil: '2099-12-31' };
    const value = portalOf(simulated.tenant(), 'Contoso', { credential });
    const report = await host.post<Report>(`${section}/test`, { value });
    expect(report.ok).toBe(false);
    expect(report.steps.find(({ outcome }) => outcome === 'failed')?.remedy?.en).toMatch(/secret/i);
  });

  it('stores a portal and never shows its secret again', async () => {
    const stored = await addPortal(host, portalOf(simulated.tenant(), 'Contoso'));
    portal = stored.id;
    expect(stored.value).toMatchObject({ name: 'Contoso', credential: { type: 'secret', value: { stored: true } } });
    const list = await host.call('GET', `${section}/items`);
    expect(list.text).toContain('Contoso');
    expect(list.text).not.toContain(clientSecret);
  });

  it('COMP-05: a long run is watched by server-sent events and by polling, and both end with the same', async () => {
    const { run, started } = await start(host, tasks.completely);
    expect(started).toBe(true);
    const [told, polled] = await Promise.all([
      follow(`${host.url}/runs/${run.id}/progress`, host.everything),
      ended(host, run.id),
    ]);
    expect(told.at(-1)?.event).toBe('end');
    expect(told.slice(0, -1).map(({ event }) => event)).not.toContain('end');
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)?.run).toMatchObject({ id: run.id, state: 'succeeded', endedAt: polled.endedAt });
    expect(polled.state).toBe('succeeded');
  });

  it('COMP-04: Recalculate completely imports first, then recalculates', async () => {
    const page = await host.get<{ items: RunDetail[] }>(`/runs?task=${tasks.completely}`);
    const detail = await host.get<RunDetail>(`/runs/${page.items[0]?.id}`);
    const children = await Promise.all(detail.items.map(({ child }) => host.get<RunDetail>(`/runs/${child}`)));
    expect(children.map(({ task, state, trigger }) => ({ task, state, trigger }))).toEqual([
      { task: tasks.import, state: 'succeeded', trigger: 'parent' },
      { task: tasks.recalculate, state: 'succeeded', trigger: 'parent' },
    ]);
    const [first, second] = children;
    expect(second?.startedAt).toBeGreaterThanOrEqual(first?.endedAt ?? Number.NaN);
    expect(first?.items).toMatchObject([{ state: 'succeeded', subject: { name: 'Contoso', id: portal } }]);
  });

  it('M365-31: the import creates a product and a licence for each SKU, with the units that Microsoft names', async () => {
    const wanted = bySku(
      listedSkus(simulated.tenant()).map(({ skuId, units, consumed }) => ({ sku: skuId, ...units, consumed })),
    );
    const found = await licences(host);
    expect(bySku(found.map(({ sku, units }) => ({ sku, ...units })))).toEqual(wanted);
    const shown = await products(host);
    expect(bySku(shown).map(({ sku }) => sku)).toEqual(wanted.map(({ sku }) => sku));
    expect(shown.every(({ readOnly, sync }) => readOnly && sync.state === 'synced')).toBe(true);
    expect(shown.every((product) => product.licences.length === 1 && product.name.startsWith('Contoso - '))).toBe(true);
  });

  it('M365-35: the contacts listed are those who hold a licence or wait for one', async () => {
    const listed = new Set(listedSkus(simulated.tenant()).map(({ skuId }) => skuId));
    const wanted = [...simulated.tenant().truth.users()].filter((user) =>
      user.paths.some((path) => listed.has(path.skuId)),
    );
    const found = await contacts(host);
    expect(found.map(({ objectId }) => objectId).sort()).toEqual(wanted.map(({ id }) => id).sort());
    const ann = wanted[0];
    expect(found.find(({ objectId }) => objectId === ann?.id)).toMatchObject({
      displayName: ann?.displayName,
      userPrincipalName: ann?.userPrincipalName,
    });
  });

  it('M365-36: behind each figure stand the persons who hold the SKU, also in small pages', async () => {
    const rows = await compliance(host);
    for (const sku of listedSkus(simulated.tenant()))
      expect(await consumersOf(host, ofSku(rows, sku.skuId).id), sku.skuPartNumber).toEqual(
        holdersOf(simulated.tenant(), sku.skuId),
      );
    const { skuId } = skuNamed(simulated.tenant(), 'SPE_E3');
    const one = await consumersOf(host, ofSku(rows, skuId).id, 7);
    expect(one).toEqual(holdersOf(simulated.tenant(), skuId));
  });

  it('COMP-01: consumers, seats, balance and status of every product equal those of the tenant', async () => {
    expect(await statuses()).toEqual(expected());
    expect(new Set(expected().map(({ status }) => status))).toEqual(new Set(['fully-licensed', 'not-enough', 'clear']));
    const byLicence = await compliance(host, 'licence');
    expect(bySku(byLicence).map(({ sku, status }) => [sku, status])).toEqual(
      expected().map(({ sku, status }) => [sku, status]),
    );
  });

  it('COMP-07: an exclusion shows at the product after the import, and as status after the recalculation only', async () => {
    const { skuId } = skuNamed(simulated.tenant(), 'SPE_E3');
    const before = ofSku(await compliance(host), skuId);
    const schedule = { enabled: false, schedule: null, timeoutMinutes: null, ifVersion: 0 };
    const { version } = await host.get<{ version: number }>(`/tasks/${tasks.recalculate}/schedule`);
    await host.put(`/tasks/${tasks.recalculate}/schedule`, { ...schedule, ifVersion: version });
    await changePortal(host, portal, { exclusions: [skuId] });
    expect((await runToEnd(host, tasks.import)).state).toBe('succeeded');
    expect(ofSku(await products(host), skuId).sync).toEqual({ state: 'unsynced', reason: 'excluded' });
    expect(ofSku(await compliance(host), skuId)).toMatchObject({ status: before.status, consumers: before.consumers });
    expect((await runToEnd(host, tasks.recalculate)).state).toBe('succeeded');
    const after = ofSku(await compliance(host), skuId);
    expect(after).toMatchObject({ status: 'cannot-be-synchronised', reason: 'excluded' });
    expect(after.statusTitle.en).toBe('Product cannot be synchronised');
  });

  it('M365-28: an exclusion deletes nothing', async () => {
    expect(await products(host)).toHaveLength(listedSkus(simulated.tenant()).length);
    const { skuId } = skuNamed(simulated.tenant(), 'SPE_E3');
    const excluded = ofSku(await compliance(host), skuId);
    expect(await consumersOf(host, excluded.id)).toEqual(holdersOf(simulated.tenant(), skuId));
  });

  it('M365-29: an exclusion taken back is put right by import and recalculation', async () => {
    await changePortal(host, portal, { exclusions: [] });
    expect((await runToEnd(host, tasks.completely)).state).toBe('succeeded');
    expect(await statuses()).toEqual(expected());
    const { skuId } = skuNamed(simulated.tenant(), 'SPE_E3');
    expect(ofSku(await products(host), skuId).sync).toEqual({ state: 'synced' });
  });

  it('COMP-11: a SKU that left the tenant cannot be synchronised any more, with that reason', async () => {
    const { skuId } = skuNamed(simulated.tenant(), 'WINDOWS_STORE');
    simulated.tenant().removeSku(skuId);
    expect((await runToEnd(host, tasks.completely)).state).toBe('succeeded');
    expect(ofSku(await compliance(host), skuId)).toMatchObject({
      status: 'cannot-be-synchronised',
      reason: 'missing-in-portal',
    });
  });

  it('COMP-14: what is synchronised cannot be deleted, and one such among others keeps them all', async () => {
    const all = await products(host);
    const answer = await host.call<{ code: string; remedy: string }>('POST', '/licence-catalog/products/deletion', {
      body: { products: all.map(({ id }) => id) },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body.remedy).not.toBe('');
    expect(await products(host)).toHaveLength(all.length);
  });

  it('M365-22: deleting a portal names the version seen, so that nobody deletes what has changed since', async () => {
    const { version } = await readPortal(host, portal);
    const stale = await host.call('DELETE', `${section}/items/${portal}?ifVersion=${version - 1}`);
    expect(stale.status).toBe(409);
    const unconfirmed = await host.call('DELETE', `${section}/items/${portal}`);
    expect(unconfirmed.status).toBe(422);
    expect((await readPortal(host, portal)).version).toBe(version);
  });

  it('M365-23: a deleted portal leaves its products and licences', async () => {
    await removePortal(host, portal);
    const all = await products(host);
    expect(all.length).toBeGreaterThan(10);
    expect(new Set(all.map(({ sync }) => sync.state))).toEqual(new Set(['unsynced']));
    expect(new Set((await compliance(host)).map(({ reason }) => reason))).toEqual(new Set(['', 'missing-in-portal']));
  });

  it('COMP-13: after the recalculation they cannot be synchronised, since the portal was deleted', async () => {
    expect((await runToEnd(host, tasks.completely)).state).toBe('succeeded');
    for (const kind of ['product', 'licence'] as const) {
      const rows = await compliance(host, kind);
      expect(new Set(rows.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
        new Set(['cannot-be-synchronised portal-deleted']),
      );
    }
  });

  it('deletes what cannot be synchronised, several at once, after a preview of what goes', async () => {
    const all = await products(host);
    const [kept, ...gone] = all.map(({ id }) => id);
    const chosen = { products: gone };
    const preview = await host.post<{ items: readonly { deletable: boolean }[] }>(
      '/licence-catalog/products/deletion-preview',
      chosen,
    );
    expect(preview.items.map(({ deletable }) => deletable)).toEqual(gone.map(() => true));
    expect(await host.post('/licence-catalog/products/deletion', chosen)).toEqual({
      products: gone.length,
      licences: gone.length,
    });
    expect((await products(host)).map(({ id }) => id)).toEqual([kept]);
    expect((await compliance(host)).map(({ id }) => id)).toEqual([kept]);
    expect(
      (await host.get<{ items: readonly { action: string }[] }>('/audit?limit=200')).items.map(({ action }) => action),
    ).toContain('product.delete');
  });
});
