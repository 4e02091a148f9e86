import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importAge } from './gauge.ts';
import { importPermissions } from './permissions.ts';
import { m365ImportPlugin } from './plugin.ts';
import { call } from './testing/routes.ts';
import { canary, openWorld, portalId, type World } from './testing/world.ts';
import { expiringCredentials, staleImports } from './watch.ts';

const secondId = '22222222-2222-4222-8222-222222222222';

describe('what screens are drawn from', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(undefined, { users: 20 });
  });
  afterEach(() => world.close());

  const path = (portal: string, rest = '') => ['GET', `/portals/:portal${rest}`, { params: { portal } }] as const;

  it('M365-10: lists all portals for the left side, and shows the chosen one for the right', async () => {
    await world.harness.putPortal(world.portal({ id: secondId, name: 'Second', description: 'A second one' }));
    await world.harness.run();
    const list = await call(world, 'GET', '/portals');
    expect(list).toMatchObject({
      items: [
        { id: portalId, name: 'Contoso', users: 20, stale: '' },
        { id: secondId, description: 'A second one' },
      ],
    });
    const shown = await call(world, ...path(portalId));
    expect(shown).toMatchObject({ portal: { name: 'Contoso', authentication: 'secret' } });
    expect(JSON.stringify([list, shown])).not.toContain(canary);
    expect(JSON.stringify(list)).not.toContain('secret-1');
  });

  it('M365-19: has a new portal in the list as soon as it is stored, before any import', async () => {
    expect(await call(world, 'GET', '/portals')).toMatchObject({
      items: [{ name: 'Contoso', asOf: null, stale: 'never' }],
    });
  });

  it('shows an actor only the portals they may see', async () => {
    await world.harness.putPortal(world.portal({ id: secondId, name: 'Second' }));
    const allows = (_: string, scope: string | undefined) => scope === secondId;
    expect(await call(world, 'GET', '/portals', { allows })).toMatchObject({ items: [{ id: secondId }] });
    await expect(call(world, 'GET', '/portals/:portal', { params: { portal: portalId }, allows })).rejects.toThrow(
      'FORBIDDEN',
    );
    await expect(
      call(world, 'POST', '/portals/:portal/confirmation', {
        params: { portal: portalId },
        body: { count: 1 },
        allows,
      }),
    ).rejects.toThrow('FORBIDDEN');
  });

  it('audits a confirmation with the number that was seen', async () => {
    const { portalStates } = await import('./tables.ts');
    await world.harness.runOne();
    await world.db.write((trx) =>
      trx.update(portalStates, { held_kind: 'assignments', held_count: 7, held_of: 9, held_at: 1 }, (query) =>
        query.where({ portal: portalId }),
      ),
    );
    const audited: object[] = [];
    await call(world, 'POST', '/portals/:portal/confirmation', {
      params: { portal: portalId },
      body: { count: 7 },
      audited,
    });
    expect(audited).toEqual([
      {
        action: 'm365-import.removal.confirmed',
        object: `portal/${portalId}`,
        details: { kind: 'assignments', count: 7 },
      },
    ]);
  });

  it('keeps the raw answers of each run, readable and checked by their hash', async () => {
    await world.harness.runOne();
    const list = await call(world, ...path(portalId, '/evidence'));
    expect(list).toMatchObject({ items: [{ run: 'run-1' }, { run: 'run-1' }] });
    const found = await call(world, 'GET', '/portals/:portal/evidence/:run/:kind', {
      params: { portal: portalId, run: 'run-1', kind: 'subscribedSkus' },
    });
    const { answer, sha256 } = found as { answer: { skuId: string }[]; sha256: string };
    expect(createHash('sha256').update(JSON.stringify(answer)).digest('hex')).toBe(sha256);
    const ids = world.tenant.truth
      .skus()
      .filter((sku) => sku.listed)
      .map((sku) => sku.skuId);
    expect(answer.map(({ skuId }) => skuId).sort()).toEqual(ids.sort());
    await expect(
      call(world, 'GET', '/portals/:portal/evidence/:run/:kind', {
        params: { portal: portalId, run: 'run-9', kind: 'x' },
      }),
    ).rejects.toMatchObject({ code: 'EVIDENCE_NOT_FOUND' });
  });

  it('answers an unknown portal with a known error', async () => {
    await expect(call(world, ...path('nobody'))).rejects.toMatchObject({ code: 'PORTAL_UNKNOWN', status: 404 });
  });

  it('shows the guide with the exact permission names', async () => {
    expect(JSON.stringify(await call(world, 'GET', '/guide'))).toContain('Organization.Read.All');
  });

  it('notices a portal without a complete import for a day, even where no run starts, under one key', async () => {
    const { services } = world.harness;
    expect(await staleImports.check(services)).toEqual([]);
    world.advance(25);
    expect((await staleImports.check(services)).map(({ notice }) => notice.code)).toEqual(['IMPORT_NEVER']);
    await world.harness.runOne();
    expect(await staleImports.check(services)).toEqual([]);
    world.advance(24);
    const [first] = await staleImports.check(services);
    world.advance(5);
    const [later] = await staleImports.check(services);
    expect([first?.notice.code, later?.key]).toEqual(['IMPORT_STALE', first?.key]);
    expect(first?.notice.message.de).toContain('seit 24 Stunden');
  });

  it('watches credentials without revealing them', async () => {
    await world.harness.putPortal(world.portal({ validUntil: '2026-01-20' }));
    const secrets = { ...world.harness.services.secrets, reveal: async () => Promise.reject(new Error('revealed')) };
    const due = await expiringCredentials.check({ ...world.harness.services, secrets });
    expect(due.map(({ notice }) => [notice.code, notice.subject?.name])).toEqual([['CREDENTIAL_EXPIRES', 'Contoso']]);
  });

  it('measures the age of the last complete import, endless before the first', async () => {
    expect((await importAge.read(world.harness.services))[0]?.value).toBe(Number.POSITIVE_INFINITY);
    await world.harness.runOne();
    world.advance(2);
    expect(await importAge.read(world.harness.services)).toEqual([
      { labels: { portal: portalId, name: 'Contoso' }, value: 7200 },
    ]);
  });

  it('M365-22: needs a right of its own to delete, and deletes one item at a time', () => {
    expect(m365ImportPlugin.settings?.[0]?.permissions.edit).toBe(importPermissions.editPortals);
    expect(m365ImportPlugin.settings?.[0]?.kind).toBe('collection');
  });

  it('contributes everything under its own prefix', () => {
    const ids = [
      ...(m365ImportPlugin.permissions ?? []),
      ...(m365ImportPlugin.settings ?? []),
      ...(m365ImportPlugin.tasks ?? []),
      ...(m365ImportPlugin.watches ?? []),
      ...(m365ImportPlugin.pages ?? []),
    ].map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(/^m365-import\./);
  });

  it('M365-35: leaves contacts where master data keeps them, in the catalogue’s table', async () => {
    const { contacts } = await import('@itsm-m365/licence-catalog');
    await world.harness.runOne();
    const rows = await world.db.read((trx) => trx.rows(contacts));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect([row.source, row.tenant]).toEqual(['m365', world.tenant.tenantId]);
  });
});
