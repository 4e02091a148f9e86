import { products } from '@itsm-m365/licence-catalog';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { availableSkus } from './sku-list.ts';
import { portalSkus } from './tables.ts';
import { assignmentLines, openWorld, portalId, truthLines, type World } from './testing/world.ts';

describe('exclusions', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  /** A SKU that somebody holds. */
  const held = (): string =>
    [...world.tenant.truth.users()]
      .flatMap((user) => user.held)
      .find((sku) => world.tenant.truth.skus().some((one) => one.skuId === sku && one.listed)) ?? '';
  const stateOf = async (sku: string): Promise<string> => {
    const [row] = await world.db.read((trx) => trx.rows(products, (query) => query.where({ sku, portal: portalId })));
    return row === undefined ? 'none' : `${row.sync_state} ${row.sync_reason}`.trim();
  };
  const run = async (exclusions: readonly string[]) => {
    await world.harness.putPortal(world.portal({ exclusions: [...exclusions] }));
    world.advance(5);
    const result = await world.harness.runOne();
    expect(result.state).toBe('succeeded');
    return result;
  };
  const linesOf = async (sku: string) => (await assignmentLines(world.db)).filter((text) => text.split('|')[1] === sku);

  it('M365-26: leaves an excluded licence out of the coming import', async () => {
    const sku = held();
    const result = await run([sku]);
    expect(await stateOf(sku)).toBe('none');
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant, [sku]));
    expect(result.counts.skipped).toBe(1);
    const rows = await world.db.read((trx) => trx.rows(portalSkus, (query) => query.where({ portal: portalId })));
    expect(rows.filter((row) => !row.imported).map((row) => row.sku)).toEqual([sku]);
  });

  it('M365-28: keeps what was imported before, marked as excluded, and changes nothing of it', async () => {
    const sku = held();
    await run([]);
    const before = await linesOf(sku);
    for (const user of [...world.tenant.truth.users()].filter((one) => one.held.includes(sku)))
      world.tenant.unassign(user.id, sku);
    await run([sku]);
    expect(await stateOf(sku)).toBe('unsynced excluded');
    expect(before.length).toBeGreaterThan(0);
    expect(await linesOf(sku)).toEqual(before);
  });

  it('M365-29: brings a licence up to date again as soon as it is no longer excluded', async () => {
    const sku = held();
    await run([]);
    await run([sku]);
    const one = [...world.tenant.truth.users()].find((user) => user.held.includes(sku));
    world.tenant.unassign(one?.id ?? '', sku);
    await run([sku]);
    const result = await run([]);
    expect(await stateOf(sku)).toBe('synced');
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    expect(result.counts.updated).toBe(1);
  });

  it('M365-27: takes a licence out of the excluded ones by storing the list without it', async () => {
    const [first = '', second = ''] = world.tenant.truth.skus().map((sku) => sku.skuId);
    await run([first, second]);
    await run([second]);
    expect([await stateOf(first), await stateOf(second)]).toEqual(['synced', 'none']);
  });

  it('M365-25: shows all known licences, or only those subscribed in the portal, excluded ones included', async () => {
    const sku = held();
    await run([sku]);
    const all = await availableSkus(world.db, portalId, false);
    const subscribed = await availableSkus(world.db, portalId, true);
    const listed = world.tenant.truth.skus().filter((one) => one.listed);
    expect(subscribed.map((one) => one.skuId).sort()).toEqual(listed.map((one) => one.skuId).sort());
    expect(subscribed.some((one) => one.skuId === sku)).toBe(true);
    expect(all.length).toBeGreaterThan(subscribed.length);
    expect(await availableSkus(world.db, undefined, true)).toEqual([]);
  });

  it('marks a licence that vanished, or that Microsoft calls deleted, as missing, and takes it up again', async () => {
    await run([]);
    const sku = held();
    const before = await linesOf(sku);
    world.tenant.removeSku(sku);
    await run([]);
    expect(await stateOf(sku)).toBe('unsynced missing-in-portal');
    expect(await linesOf(sku)).toEqual(before);
    expect((await availableSkus(world.db, portalId, true)).map((one) => one.skuId)).not.toContain(sku);
  });

  it('takes up a licence again that Microsoft called deleted for a while, with everything that changed meanwhile', async () => {
    const sku = held();
    await run([]);
    for (const { id } of world.tenant.subscriptionsOf(sku)) world.tenant.expireSubscription(id, 'Deleted');
    const all = [...world.tenant.truth.users()];
    const holder = all.find((user) => user.held.includes(sku))?.id ?? '';
    const other = all.find((user) => !user.paths.some((path) => path.skuId === sku))?.id ?? '';
    // One leaves, one comes: counts agree, so only the holders tell.
    world.tenant.unassign(holder, sku);
    world.tenant.assign(other, sku);
    await run([]);
    expect(await stateOf(sku)).toBe('unsynced missing-in-portal');
    expect((await availableSkus(world.db, portalId, true)).map((one) => one.skuId)).not.toContain(sku);
    world.tenant.addSubscription(sku, { seats: 100 });
    await run([]);
    expect(await stateOf(sku)).toBe('synced');
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
  });
});
