import { catalogueTables } from '@itsm-m365/licence-catalog';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importTables, portalStates } from './tables.ts';
import { call } from './testing/routes.ts';
import { assignmentLines, dumpOf, openWorld, portalId, truthLines, type World } from './testing/world.ts';
import { heldImports } from './watch.ts';

const data = catalogueTables.filter(({ name }) => !/evidence|publication|stage|counter/.test(name));

describe('holding an import that would remove too much', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(undefined, { users: 100 });
    expect((await world.harness.runOne()).state).toBe('succeeded');
  });
  afterEach(() => world.close());

  const run = async () => {
    world.advance(5);
    return world.harness.runOne();
  };
  const dump = () => dumpOf(world.db, data);
  const state = async () => (await world.db.read((trx) => trx.rows(portalStates)))[0];
  const removeMany = (count: number) => {
    const holders = [...world.tenant.truth.users()].filter((user) => user.held.length > 0);
    for (const user of holders.slice(0, count)) world.tenant.removeUser(user.id);
  };
  const confirm = (count: number) =>
    call(world, 'POST', '/portals/:portal/confirmation', { params: { portal: portalId }, body: { count } });

  it('changes nothing, says what would go, and marks the figures stale', async () => {
    const before = await dump();
    removeMany(30);
    const result = await run();
    expect(result.state).toBe('held');
    expect(await dump()).toBe(before);
    const held = await state();
    expect(held?.held_kind).toBe('assignments');
    const notice = result.notices.find(({ code }) => code === 'IMPORT_HELD');
    expect(notice?.details).toMatchObject({ count: held?.held_count, of: held?.held_of });
    const overview = await call(world, 'GET', '/portals');
    expect(overview).toMatchObject({
      items: [{ stale: 'held', held: { kind: 'assignments', count: held?.held_count } }],
    });
  });

  it('tells people once for each time it came to that', async () => {
    const { services } = world.harness;
    expect(await heldImports.check(services)).toEqual([]);
    removeMany(30);
    await run();
    const [first] = await heldImports.check(services);
    await run();
    const [again] = await heldImports.check(services);
    expect([first?.notice.code, again?.key]).toEqual(['IMPORT_HELD', first?.key]);
  });

  it('checks removals that delta tells of against a full listing before it asks anyone', async () => {
    removeMany(30);
    world.calls();
    await run();
    expect(world.calls()).toMatchObject({ users: 1 });
  });

  it('publishes a confirmed removal once, and holds the next one again', async () => {
    removeMany(30);
    await run();
    const count = (await state())?.held_count ?? 0;
    await confirm(count);
    const result = await run();
    expect(result.state).toBe('succeeded');
    expect(result.notices.map(({ code }) => code)).toContain('REMOVAL_CONFIRMED');
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    removeMany(30);
    expect((await run()).state).toBe('held');
  });

  it('holds again where more would go than was confirmed, and the confirmation is used up', async () => {
    removeMany(30);
    await run();
    await confirm((await state())?.held_count ?? 0);
    removeMany(20);
    world.calls();
    expect((await run()).state).toBe('held');
    // Everything at once: one page, and the place where delta goes on.
    expect(world.calls()).toMatchObject({ users: 1, 'users-delta': 1 });
    expect((await run()).state).toBe('held');
  });

  it('refuses a confirmation of another number, or where nothing is held', async () => {
    await expect(confirm(1)).rejects.toMatchObject({ code: 'IMPORT_NOT_HELD' });
    removeMany(30);
    await run();
    const count = (await state())?.held_count ?? 0;
    await expect(confirm(count + 1)).rejects.toMatchObject({ code: 'HELD_COUNT_CHANGED', status: 409 });
  });

  it('holds an empty listing of users, and an empty list of licences', async () => {
    const before = await dump();
    world.simulator.faults.enable('empty-users', {});
    world.advance(24);
    const users = await world.harness.runOne();
    expect([users.state, (await state())?.held_kind]).toEqual(['held', 'users']);
    world.simulator.faults.clear();
    for (const sku of world.tenant.truth.skus()) world.tenant.removeSku(sku.skuId);
    const skus = await run();
    expect([skus.state, (await state())?.held_kind]).toEqual(['held', 'skus']);
    expect(await dump()).toBe(before);
  });

  it('refuses an empty listing even when it was confirmed, as long as Microsoft counts users', async () => {
    const before = await dump();
    world.simulator.faults.enable('empty-users', {});
    world.advance(24);
    await world.harness.runOne();
    await confirm((await state())?.held_count ?? 0);
    expect((await run()).error?.code).toBe('IMPORT_LISTING_INCOMPLETE');
    expect(await dump()).toBe(before);
  });

  it('goes on by itself when the cause went away', async () => {
    world.simulator.faults.enable('empty-users', {});
    world.advance(24);
    expect((await world.harness.runOne()).state).toBe('held');
    world.simulator.faults.clear();
    world.calls();
    expect((await run()).state).toBe('succeeded');
    expect(world.calls()).toMatchObject({ users: 1 });
    expect((await state())?.held_kind).toBe('');
    expect(await call(world, 'GET', '/portals')).toMatchObject({ items: [{ stale: '' }] });
  });

  it('writes nothing of a held import but its state and the evidence', async () => {
    removeMany(30);
    const link = (await state())?.delta_link;
    await run();
    expect((await state())?.delta_link).toBe(link);
    expect(await dumpOf(world.db, importTables)).toContain('assignments');
  });
});
