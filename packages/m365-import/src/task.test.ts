import {
  catalogueTables,
  consumerTypes,
  contacts,
  folders,
  licences,
  offeredConsumerTypes,
  products,
  renameProduct,
} from '@itsm-m365/licence-catalog';
import { simulatorDispatcher, startSimulator } from '@itsm-m365/microsoft-simulator';
import { openEnd } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portals } from './portals.ts';
import { importTables, portalStates } from './tables.ts';
import { importTask } from './task.ts';
import { assignmentLines, canary, dumpOf, openWorld, portalId, truthLines, type World } from './testing/world.ts';

const secondId = '22222222-2222-4222-8222-222222222222';

describe('the task Import Microsoft 365 licence data', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(undefined, {
      tenants: [
        { users: 40, seed: 1 },
        { users: 30, seed: 2, tenantId: '0a0a0a0a-0000-4000-8000-000000000002' },
      ],
    });
  });
  afterEach(() => world.close());

  const second = () => {
    const tenant = world.simulator.tenants[1];
    if (tenant === undefined) throw new Error('two tenants expected');
    return tenant;
  };
  const addSecond = (patch = {}) =>
    world.harness.putPortal(world.portal({ id: secondId, name: 'Fabrikam', ...patch }, second()));
  const alive = (portal = portalId) =>
    world.db.read((trx) =>
      trx.rows(products, (query) => query.where({ portal, deleted_at: trx.encode('time', openEnd) })),
    );

  it('M365-30: is there with both titles', () => {
    expect(importTask.title).toEqual({
      en: 'Import Microsoft 365 licence data',
      de: 'Microsoft 365 Lizenzdaten importieren',
    });
    expect(importTask.id).toBe('m365-import.import-licences');
  });

  it('M365-32: starts by an interval that the host may change', () => {
    expect(importTask.schedule).toEqual({ kind: 'interval', minutes: 300 });
  });

  it('M365-33: tells its phases and how far it is, in both languages', async () => {
    const result = await world.harness.runOne();
    expect(result.progress.map(({ phase }) => phase.en)).toEqual([
      'Reading licences',
      'Reading users',
      'Comparing',
      'Publishing',
      'Reading names of groups',
    ]);
    expect(result.progress.map(({ phase }) => phase.de)).toContain('Benutzer werden gelesen');
    world.advance(25);
    const again = await world.harness.runOne();
    expect(again.progress.find(({ phase }) => phase.en === 'Reading users')).toMatchObject({ done: 40, total: 40 });
  });

  it('M365-11: imports every portal on its own; one that fails does not stop the other', async () => {
    await addSecond();
    world.simulator.faults.enable('permission-refused', { tenantId: world.tenant.tenantId });
    const [first, other] = await world.harness.run();
    expect([first?.state, first?.error?.code, other?.state]).toEqual([
      'failed',
      'GRAPH_PERMISSION_MISSING',
      'succeeded',
    ]);
    expect(await assignmentLines(world.db, secondId)).toEqual(truthLines(second()));
    expect(await assignmentLines(world.db)).toEqual([]);
    world.simulator.faults.clear();
    world.advance(1);
    expect((await world.harness.run()).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    expect(await assignmentLines(world.db, secondId)).toEqual(truthLines(second()));
  });

  it('imports portals for the first time at the same moment, into one common folder', async () => {
    await addSecond();
    const results = await world.harness.run({ together: true });
    expect(results.map(({ state, error }) => [state, error?.code])).toEqual([
      ['succeeded', undefined],
      ['succeeded', undefined],
    ]);
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    expect(await assignmentLines(world.db, secondId)).toEqual(truthLines(second()));
    const rows = await world.db.read((trx) => trx.rows(folders));
    const roots = rows.filter(({ name }) => name === 'Microsoft 365').map(({ id }) => id);
    expect(roots).toHaveLength(1);
    expect(
      rows
        .filter(({ parent }) => parent === roots[0])
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Contoso', 'Fabrikam']);
  });

  it('M365-37: gives nobody a way to edit imported products', async () => {
    await world.harness.runOne();
    const [product] = await alive();
    const { clock } = world.harness.services;
    await expect(
      world.db.write((trx) => renameProduct(trx, product?.id ?? '', 'Mine', clock.now())),
    ).rejects.toMatchObject({
      code: 'PRODUCT_READ_ONLY',
    });
  });

  it('M365-43: does not offer its consumer type for products made by hand', () => {
    expect(offeredConsumerTypes).not.toContain('m365');
    expect(consumerTypes).toContain('m365');
  });

  it('AUTH-16: gets a token for each portal, and a refused one is an error of that portal’s item', async () => {
    await addSecond({ secret: 'wrong' });
    const results = await world.harness.run();
    expect(results.map(({ state }) => state)).toEqual(['succeeded', 'failed']);
    expect(results[1]?.error?.code).toMatch(/^ENTRA_/);
    expect(results[1]?.error?.kind).toBe('credentials');
  });

  it('M365-15: puts the portal’s name in front of licences and products', async () => {
    await world.harness.runOne();
    const names = await world.db.read(async (trx) =>
      [...(await trx.rows(products)), ...(await trx.rows(licences))].map(({ name }) => name),
    );
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(name).toMatch(/^Contoso - ./);
  });

  it('M365-41: names a product by portal and title, and follows a renamed portal with the next import', async () => {
    await world.harness.runOne();
    const before = (await alive()).map(({ id, title }) => `${id} Contoso - ${title}`).sort();
    expect((await alive()).map(({ id, name }) => `${id} ${name}`).sort()).toEqual(before);
    await world.harness.putPortal(world.portal({ name: 'Contoso AG' }));
    world.advance(5);
    expect((await world.harness.runOne()).state).toBe('succeeded');
    expect((await alive()).map(({ id, name }) => `${id} ${name}`).sort()).toEqual(
      before.map((text) => text.replace('Contoso', 'Contoso AG')),
    );
  });

  it('M365-39: puts products into Microsoft 365 > portal name when they are made', async () => {
    await world.harness.runOne();
    const rows = await world.db.read((trx) => trx.rows(folders));
    const folder = rows.find(({ name }) => name === 'Contoso');
    expect(rows.find(({ id }) => id === folder?.parent)?.name).toBe('Microsoft 365');
    for (const product of await alive()) expect(product.folder).toBe(folder?.id);
  });

  it('M365-40: leaves a product in the folder that somebody moved it to', async () => {
    await world.harness.runOne();
    const [product] = await alive();
    const rows = await world.db.read((trx) => trx.rows(folders));
    const root = rows.find(({ name }) => name === 'Microsoft 365')?.id ?? '';
    await world.db.write((trx) => trx.update(products, { folder: root }, (query) => query.where({ id: product?.id })));
    world.advance(25);
    await world.harness.runOne();
    expect((await alive()).find(({ id }) => id === product?.id)?.folder).toBe(root);
  });

  it('M365-42: gives imported products the automatic consumer type m365', async () => {
    await world.harness.runOne();
    for (const product of await alive()) expect(product.consumer_type).toBe('m365');
  });

  it('M365-38: links each licence to its product', async () => {
    await world.harness.runOne();
    const ids = new Set((await alive()).map(({ id }) => id));
    for (const licence of await world.db.read((trx) => trx.rows(licences))) expect(ids.has(licence.product)).toBe(true);
  });

  it('M365-36: records contacts as holders of the right licences', async () => {
    await world.harness.runOne();
    const people = new Map((await world.db.read((trx) => trx.rows(contacts))).map((row) => [row.object_id, row]));
    for (const text of await assignmentLines(world.db)) expect(people.has(text.split('|')[0] ?? '')).toBe(true);
  });

  it('M365-23: leaves what was imported in place when the portal is deleted, marked, and never touches it again', async () => {
    await world.harness.runOne();
    const before = await assignmentLines(world.db);
    const item = (await world.harness.services.settings.items(portals))[0];
    if (item === undefined) throw new Error('a portal expected');
    const now = world.harness.services.clock.now();
    await world.db.write(async (trx) => portals.removed?.(item, trx, { actor: 'ann', now }));
    world.harness.dropPortal(portalId);
    world.advance(5);
    expect(await world.harness.run()).toEqual([]);
    expect((await alive()).map(({ sync_reason }) => sync_reason)).toEqual((await alive()).map(() => 'portal-deleted'));
    expect(await assignmentLines(world.db)).toEqual(before);
  });

  it('only says that a portal vanished from the settings, and leaves its data synchronised', async () => {
    await world.harness.runOne();
    world.harness.dropPortal(portalId);
    const result = await world.harness.runOne();
    expect([result.state, result.notices[0]?.code]).toEqual(['succeeded', 'PORTAL_NOT_CONFIGURED']);
    expect((await alive()).every(({ sync_state }) => sync_state === 'synced')).toBe(true);
  });

  it('leaves out a portal that is switched off', async () => {
    await world.harness.putPortal(world.portal({ active: false }));
    expect(await world.harness.run()).toEqual([]);
  });

  it('warns once of a credential that will end, and refuses an ended one without asking Microsoft', async () => {
    await world.harness.putPortal(world.portal({ validUntil: '2026-01-24' }));
    const first = await world.harness.runOne();
    expect(first.notices.find(({ code }) => code === 'CREDENTIAL_EXPIRES')?.details).toMatchObject({ days: 10 });
    world.advance(1);
    expect((await world.harness.runOne()).notices.map(({ code }) => code)).not.toContain('CREDENTIAL_EXPIRES');
    world.advance(24 * 4);
    expect((await world.harness.runOne()).notices.map(({ code }) => code)).toContain('CREDENTIAL_EXPIRES');
    world.advance(24 * 10);
    world.calls();
    const last = await world.harness.runOne();
    expect(last.error?.code).toBe('SECRET_EXPIRED');
    expect(world.calls()).toEqual({});
  });

  it('keeps two SKUs of one title apart', async () => {
    const [sku] = world.tenant.truth.skus();
    world.tenant.addSku({
      skuId: 'abababab-0000-4000-8000-000000000001',
      skuPartNumber: sku?.skuPartNumber ?? '',
      subscriptions: [{ seats: 5 }],
    });
    world.tenant.addSku({
      skuId: 'abababab-0000-4000-8000-000000000002',
      skuPartNumber: sku?.skuPartNumber ?? '',
      subscriptions: [{ seats: 6 }],
    });
    expect((await world.harness.runOne()).state).toBe('succeeded');
    const twins = (await alive()).filter((product) => product.sku.startsWith('abababab'));
    expect(twins.map(({ title }) => title)).toEqual([sku?.skuPartNumber, sku?.skuPartNumber]);
  });

  it('goes on without the right to read purchases, and says what is missing', async () => {
    const [app] = world.tenant.apps;
    if (app !== undefined) app.roles = ['User.Read.All', 'LicenseAssignment.Read.All'];
    const result = await world.harness.runOne();
    expect(result.state).toBe('succeeded');
    expect(result.notices.map(({ code }) => code)).toContain('SUBSCRIPTIONS_NOT_READABLE');
  });

  it('shows no planted secret in notices, errors, logs, progress or tables', async () => {
    await addSecond({ secret: `${canary}2` });
    const before = await world.harness.run();
    world.simulator.faults.enable('truncated-json', {});
    world.advance(1);
    const results = [...before, ...(await world.harness.run())];
    const tables = await dumpOf(world.db, [...catalogueTables, ...importTables]);
    const said = JSON.stringify([
      results,
      world.harness.log,
      results.map(({ error }) => [error?.stack, error?.details]),
    ]);
    expect(results.map(({ state }) => state)).toContain('failed');
    expect(`${tables}${said}`).not.toContain(canary);
    // The harness does hold it: the search would find it where it is.
    expect(await world.harness.services.settings.items(portals)).toHaveLength(2);
  });

  it('marks the state of a failed portal and keeps its figures’ time', async () => {
    await world.harness.runOne();
    const before = (await world.db.read((trx) => trx.rows(portalStates)))[0];
    world.simulator.faults.enable('internal-server-error', {});
    world.advance(1);
    await world.harness.runOne();
    const after = (await world.db.read((trx) => trx.rows(portalStates)))[0];
    expect(after).toMatchObject({
      failed_code: 'GRAPH_UNAVAILABLE',
      last_complete_at: before?.last_complete_at,
      delta_link: before?.delta_link,
    });
  });
});

describe('names of groups', () => {
  it('are read where the application may, and their absence is said once and harms nothing', async () => {
    const { groupNames } = await import('./tables.ts');
    const world = await openWorld(undefined, { users: 40 });
    try {
      const refused = await world.harness.runOne();
      expect(refused.state).toBe('succeeded');
      expect(refused.notices.map(({ code }) => code)).toContain('GROUP_NAMES_NOT_READABLE');
      const [app] = world.tenant.apps;
      if (app !== undefined) app.roles = [...app.roles, 'GroupMember.Read.All'];
      world.advance(25);
      const read = await world.harness.runOne();
      expect(read.notices.map(({ code }) => code)).not.toContain('GROUP_NAMES_NOT_READABLE');
      const rows = await world.db.read((trx) => trx.rows(groupNames));
      const names = new Map(world.tenant.groups.map(({ id, displayName }) => [id, displayName]));
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row.name).toBe(names.get(row.group_id));
    } finally {
      await world.close();
    }
  });
});

describe('a cloud of its own', () => {
  it('is asked at its own hosts', async () => {
    const running = await startSimulator({ tenants: [{ users: 10, cloud: 'china' }], secret: canary });
    const refused: string[] = [];
    const http = simulatorDispatcher(running.url, { onRefused: (host) => refused.push(host) });
    const world = await openWorld(undefined, { users: 10, portal: false });
    try {
      const { createHarness } = await import('./testing/index.ts');
      const harness = createHarness({
        db: world.db,
        http,
        clock: { ...world.harness.services.clock, now: () => Date.now() },
      });
      await harness.putPortal(world.portal({ cloud: 'china' }, running.simulator.tenant));
      expect((await harness.runOne()).state).toBe('succeeded');
      expect(refused).toEqual([]);
    } finally {
      await http.destroy();
      await running.close();
      await world.close();
    }
  });
});
