import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sent, SignedIn } from './surroundings/client.ts';
import { describedBy, fillPath, knownIds, operationsOf } from './surroundings/crawl.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { hostSuite, type RunningHost } from './surroundings/hosts.ts';
import { addPortal, portalOf, section } from './surroundings/portals.ts';
import { runToEnd, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';

hostSuite('Permissions', (startHost) => {
  let folder: Folder;
  let simulated: Simulated;
  let host: RunningHost;
  let one = '';
  let two = '';

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 20 }, { users: 20 });
    host = await startHost({ folder: folder.path, http: simulated.http });
    one = (await addPortal(host, portalOf(simulated.tenant(0), 'One'))).id;
    two = (await addPortal(host, portalOf(simulated.tenant(1), 'Two'))).id;
    await runToEnd(host, tasks.completely);
  }, 40_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    folder.remove();
  });

  const problem = (method: string, path: string, sent: Sent = {}) => host.call<{ title: string }>(method, path, sent);

  it('asks everybody on every route to sign in, but for its health and the page that ends a sign-in', async () => {
    const known = await knownIds(host);
    const open: string[] = [];
    for (const { method, path } of operationsOf(await describedBy(host))) {
      const [filled = path.replaceAll(/[{}]/g, '')] = fillPath(path, known);
      const { status } = await problem(method, filled, { as: null, ...(method === 'GET' ? {} : { body: {} }) });
      if (status !== 401) open.push(`${method} ${path} ${status}`);
    }
    expect(open.sort()).toEqual(['GET /health/live 200', 'GET /health/ready 200', 'GET /mail-oauth/sign-in 200']);
  });

  it('refuses every route to somebody without a right, and to somebody with the right for one portal all others', async () => {
    const nobody = await host.signIn('nobody', []);
    const known = await knownIds(host);
    const open: string[] = [];
    for (const { method, path } of operationsOf(await describedBy(host))) {
      if (path.startsWith('/health/') || path === '/mail-oauth/sign-in') continue;
      const [filled = path.replaceAll(/[{}]/g, '')] = fillPath(path, known);
      const answer = await problem(method, filled, { as: nobody, ...(method === 'GET' ? {} : { body: {} }) });
      if (![403, 404, 422].includes(answer.status)) open.push(`${method} ${path} ${answer.status}`);
      if (answer.status === 422 && !['POST', 'PUT', 'DELETE'].includes(method)) open.push(`${method} ${path} 422`);
    }
    expect(open).toEqual([]);
  });

  it('shows one portal to whom has the right for one, and changes no other', async () => {
    const scope = { type: 'portal', id: one };
    const rights = [
      'm365-import.portals.read',
      'm365-import.portals.edit',
      'licence-catalog.read',
      'compliance-engine.read',
    ];
    const clerk: SignedIn = await host.signIn(
      'clerk',
      rights.map((permission) => ({ permission, scope })),
    );
    const names = async (path: string, name: string) => {
      const { body } = await host.call<{ items: readonly Record<string, unknown>[] }>('GET', path, { as: clerk });
      return [...new Set(body.items.map((item) => item[name]))];
    };
    expect(await names('/m365-import/portals', 'id')).toEqual([one]);
    expect(await names(`${section}/items`, 'id')).toEqual([one]);
    expect(await names('/licence-catalog/products?limit=500', 'portal')).toEqual([one]);
    expect(await names('/licence-catalog/licences', 'portal')).toEqual([one]);
    expect(await names('/compliance-engine/compliance?limit=500', 'portal')).toEqual([one]);
    const foreign = await host.get<{ items: readonly { id: string; portal: string }[] }>(
      '/licence-catalog/products?limit=500',
    );
    const product = foreign.items.find(({ portal }) => portal === two)?.id;
    for (const path of [
      `/m365-import/portals/${two}`,
      `/m365-import/portals/${two}/evidence`,
      `${section}/items/${two}`,
      `/licence-catalog/products/${product}`,
      `/compliance-engine/compliance/${product}`,
      `/compliance-engine/compliance/${product}/history`,
      `/compliance-engine/compliance/${product}/consumers`,
      '/licence-catalog/contacts',
      '/audit',
    ])
      expect([path, (await problem('GET', path, { as: clerk })).status]).toEqual([path, 403]);
    const { value, version } = await host.get<{ value: object; version: number }>(`${section}/items/${two}`);
    const change = { body: { value: { ...value, name: 'Mine' }, ifVersion: version }, as: clerk };
    const refused = await problem('PUT', `${section}/items/${two}`, { ...change, language: 'de' });
    expect(refused.status).toBe(403);
    expect(refused.body.title).toBe('Nicht erlaubt');
    expect((await problem('POST', `/tasks/${tasks.import}/start`, { as: clerk })).status).toBe(403);
    expect((await problem('POST', `${section}/items`, { body: { value }, as: clerk })).status).toBe(403);
    expect((await problem('GET', `${section}/items/${one}`, { as: clerk })).status).toBe(200);
  });

  it('hides persons from whom may see figures only', async () => {
    const auditor = await host.signIn('auditor', [{ permission: 'compliance-engine.read' }]);
    const list = await host.call<{ items: readonly { id: string; consumers: number }[] }>(
      'GET',
      '/compliance-engine/compliance',
      { as: auditor },
    );
    const used = list.body.items.find(({ consumers }) => consumers > 0);
    const detail = await host.call<{
      persons: unknown[];
      personsHidden: boolean;
      licences: readonly { holders: number }[];
    }>('GET', `/compliance-engine/compliance/${used?.id}/consumers`, { as: auditor });
    expect(detail.body).toMatchObject({ persons: [], personsHidden: true, licences: [{ holders: used?.consumers }] });
    expect(detail.text).not.toMatch(/@/);
  });
});
