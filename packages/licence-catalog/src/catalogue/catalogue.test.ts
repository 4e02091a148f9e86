import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { openEnd } from '@itsm-m365/plugin-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SkuReading } from '../model.ts';
import { deleteUnsynced, previewDeletion } from '../products/delete-products.ts';
import { createProduct, moveProduct, renameProduct } from '../products/edit-products.ts';
import { createFolder, deleteFolder, listFolders, renameFolder } from '../products/folders.ts';
import { portalDeleted } from '../products/portal-deleted.ts';
import { readProducts } from '../queries/read-products.ts';
import type { PortalIdentity, SubscriptionReading } from '../readings.ts';
import { editSku } from '../skus/titles.ts';
import { createStage } from '../stage/stage.ts';
import { assignments, licences, positions, products, subscriptions } from '../tables.ts';
import { openCatalogue, seededRandom } from '../testing/catalogue.ts';
import { aPerson, holding } from '../testing/persons.ts';
import { aPortal, aSku, aSubscription, e3, e5, unknownSku } from '../testing/readings.ts';
import { applyCatalogue } from './apply-catalogue.ts';
import { prepareCatalogue } from './load-catalogue.ts';

interface Import {
  readonly readings?: readonly SkuReading[];
  readonly exclusions?: readonly string[];
  readonly subscriptions?: readonly SubscriptionReading[];
}

describe.each(eachDatabase())('the catalogue on $name', (engine) => {
  let test: TestDatabase;
  let portals = 0;
  const random = seededRandom(7);
  beforeAll(async () => {
    if (!engine.skipped) test = await openCatalogue(engine);
  });
  afterAll(() => test?.close());

  const it_ = it.skipIf(engine.skipped);
  const newPortal = (name?: string): PortalIdentity => {
    portals += 1;
    return aPortal(portals, name);
  };
  const both = [aSku(e3, 'SPE_E3'), aSku(e5, 'SPE_E5', 5)];
  const run = async (portal: PortalIdentity, at: number, what: Import = {}) => {
    const plan = await prepareCatalogue(test.db, {
      portal,
      readings: what.readings ?? both,
      subscriptions: what.subscriptions,
      exclusions: new Set(what.exclusions ?? []),
      random,
    });
    const counts = await test.db.write((trx) => applyCatalogue(trx, plan, at));
    return { plan, counts };
  };
  const read = (portal: PortalIdentity) => test.db.read((trx) => readProducts(trx, { portal: portal.id }));
  const states = async (portal: PortalIdentity) =>
    Object.fromEntries(
      (await read(portal)).map(({ partNumber, sync }) => [
        partNumber,
        sync.state === 'synced' ? 'synced' : sync.reason,
      ]),
    );
  const productOf = async (portal: PortalIdentity, partNumber: string) => {
    const found = (await read(portal)).find((product) => product.partNumber === partNumber);
    if (found === undefined) throw new Error('No such product');
    return found;
  };

  it_('M365-31: makes a product and a licence of every SKU', async () => {
    const portal = newPortal();
    const { counts, plan } = await run(portal, 1_000);
    expect(counts).toMatchObject({ productsCreated: 2, positionsChanged: 2 });
    expect(plan.licenceOf.get(e3)).toBeTypeOf('number');
    expect((await productOf(portal, 'SPE_E3')).licences).toMatchObject([
      { units: { enabled: 10 }, seats: { paid: 10 }, channel: 'leasing', licenceType: 'full', metric: 'user-cal' },
    ]);
  });

  it_('M365-41: names a product by portal name and title', async () => {
    const portal = newPortal('Contoso Ltd');
    await run(portal, 1_000);
    expect((await productOf(portal, 'SPE_E3')).name).toBe('Contoso Ltd - Microsoft 365 E3');
  });

  it_('M365-15: puts the portal name before licences too, and follows a new name', async () => {
    const portal = newPortal('Old');
    await run(portal, 1_000);
    await run({ ...portal, name: 'New' }, 2_000);
    const product = await productOf(portal, 'SPE_E5');
    expect([product.name, product.licences[0]?.name]).toEqual(['New - Microsoft 365 E5', 'New - Microsoft 365 E5']);
  });

  it_('M365-38: tells the product of a licence', async () => {
    const portal = newPortal();
    await run(portal, 1_000);
    const product = await productOf(portal, 'SPE_E3');
    expect(product.licences.map((licence) => licence.product)).toEqual([product.id]);
  });

  it_('M365-39: puts new products into Microsoft 365 > portal name', async () => {
    const portal = newPortal('Fabrikam');
    await run(portal, 1_000);
    const folders = await test.db.read(listFolders);
    const folder = folders.find(({ id }) => id === folders.find(({ name }) => name === 'Fabrikam')?.id);
    expect(folders.find(({ id }) => id === folder?.parent)?.name).toBe('Microsoft 365');
    expect((await productOf(portal, 'SPE_E3')).folder).toBe(folder?.id);
  });

  it_('M365-40: leaves a product in the folder it was moved to', async () => {
    const portal = newPortal();
    await run(portal, 1_000);
    const { id } = await productOf(portal, 'SPE_E3');
    const folder = await test.db.write((trx) => createFolder(trx, { parent: '', name: `Mine ${portal.id}` }, random));
    await test.db.write((trx) => moveProduct(trx, id, folder, 1_500));
    await run(portal, 2_000);
    expect((await productOf(portal, 'SPE_E3')).folder).toBe(folder);
  });

  it_('M365-37: refuses every other change of an imported product', async () => {
    const portal = newPortal();
    await run(portal, 1_000);
    const { id } = await productOf(portal, 'SPE_E3');
    await expect(test.db.write((trx) => renameProduct(trx, id, 'Other', 2_000))).rejects.toMatchObject({
      code: 'PRODUCT_READ_ONLY',
    });
  });

  it_('M365-42: marks imported products with the consumer type m365', async () => {
    const portal = newPortal();
    await run(portal, 1_000);
    expect((await productOf(portal, 'SPE_E3')).consumerType).toBe('m365');
  });

  it_('M365-43: refuses the consumer type m365 for a product made by hand', async () => {
    const make = (consumerType: string) =>
      test.db.write((trx) => createProduct(trx, { name: 'By hand', folder: '', consumerType }, { random, at: 1_000 }));
    await expect(make('m365')).rejects.toMatchObject({ code: 'CONSUMER_TYPE_NOT_OFFERED' });
    const id = await make('manual');
    await test.db.write((trx) => renameProduct(trx, id, 'Renamed', 2_000));
    const all = await test.db.read((trx) => readProducts(trx));
    expect(all.find((product) => product.id === id)).toMatchObject({ name: 'Renamed', source: 'manual' });
  });

  it_('COMP-11: marks what the portal no longer has, and what it calls Deleted', async () => {
    const portal = newPortal();
    await run(portal, 1_000);
    await run(portal, 2_000, { readings: [aSku(e3, 'SPE_E3', 1, { capabilityStatus: 'Deleted' })] });
    expect(await states(portal)).toEqual({ SPE_E3: 'missing-in-portal', SPE_E5: 'missing-in-portal' });
  });

  it_('M365-28: keeps what was imported when it is excluded later', async () => {
    const portal = newPortal();
    await run(portal, 1_000);
    const { plan } = await run(portal, 2_000, { exclusions: [e3] });
    expect(await states(portal)).toEqual({ SPE_E3: 'excluded', SPE_E5: 'synced' });
    expect(plan.licenceOf.has(e3)).toBe(false);
    expect((await productOf(portal, 'SPE_E3')).licences[0]?.units?.enabled).toBe(10);
  });

  it_('M365-29: synchronises again when the exclusion is taken back', async () => {
    const portal = newPortal();
    const first = await run(portal, 1_000);
    await run(portal, 2_000, { exclusions: [e3] });
    const again = await run(portal, 3_000, { readings: [aSku(e3, 'SPE_E3', 12), aSku(e5, 'SPE_E5', 5)] });
    expect(await states(portal)).toEqual({ SPE_E3: 'synced', SPE_E5: 'synced' });
    expect(again.plan.licenceOf.get(e3)).toBe(first.plan.licenceOf.get(e3));
    expect((await productOf(portal, 'SPE_E3')).licences[0]?.units?.enabled).toBe(12);
  });

  it_('M365-26: makes nothing of a SKU that is excluded from the start', async () => {
    const portal = newPortal();
    await run(portal, 1_000, { exclusions: [e3] });
    expect(await states(portal)).toEqual({ SPE_E5: 'synced' });
  });

  it_('COMP-13: marks everything of a deleted portal, for good', async () => {
    const portal = newPortal();
    await run(portal, 1_000, { exclusions: [] });
    await run(portal, 1_500, { exclusions: [e3] });
    expect(await test.db.write((trx) => portalDeleted(trx, portal.id.toUpperCase(), 2_000))).toBe(2);
    expect(await test.db.write((trx) => portalDeleted(trx, portal.id, 2_500))).toBe(0);
    await run(portal, 3_000);
    expect(await states(portal)).toEqual({ SPE_E3: 'portal-deleted', SPE_E5: 'portal-deleted' });
  });

  it_('refuses a plan that is older than the deletion of its portal', async () => {
    const portal = newPortal();
    await run(portal, 1_000);
    const input = { portal, readings: [], subscriptions: undefined, exclusions: new Set<string>(), random };
    const plan = await prepareCatalogue(test.db, input);
    await test.db.write((trx) => portalDeleted(trx, portal.id, 2_000));
    await expect(test.db.write((trx) => applyCatalogue(trx, plan, 3_000))).rejects.toMatchObject({
      code: 'CATALOGUE_CHANGED',
    });
  });

  it_('COMP-14: deletes several products that are not synchronised, and only those', async () => {
    const portal = newPortal();
    const { plan } = await run(portal, 1_000);
    const stage = createStage(test.db, {
      portal: portal.id,
      tenant: portal.tenant,
      ticket: 't',
      mode: 'full',
      licences: plan.numbers,
      random,
    });
    const number = plan.licenceOf.get(e3) ?? 0;
    await stage.add([aPerson(1, [holding(number)])]);
    await stage.compare();
    await test.db.write((trx) => stage.publish(trx, 1_000));
    await stage.clear();
    const ids = (await read(portal)).map(({ id }) => id);
    const remove = () => test.db.write((trx) => deleteUnsynced(trx, ids, 3_000, 'ann'));
    await expect(remove()).rejects.toMatchObject({ code: 'PRODUCT_NOT_DELETABLE', details: { count: 2 } });
    await run(portal, 2_000, { readings: [] });
    const preview = await test.db.read((trx) => previewDeletion(trx, ids));
    expect(preview.map(({ deletable, licences: own }) => [deletable, own[0]?.consumers])).toEqual([
      [true, 1],
      [true, 0],
    ]);
    expect(await remove()).toEqual({ products: 2, licences: 2 });
    await expect(remove()).rejects.toMatchObject({ code: 'PRODUCT_NOT_FOUND' });
    expect(await read(portal)).toEqual([]);
    const [row] = await test.db.read((trx) => trx.rows(assignments, (query) => query.where({ licence: number })));
    expect(row).toMatchObject({ valid_from: 1_000, valid_to: 3_000 });
    const old = await test.db.read((trx) => trx.rows(products, (query) => query.where({ portal: portal.id })));
    expect(old.map(({ deleted_at, deleted_by }) => [deleted_at, deleted_by])).toEqual([
      [3_000, 'ann'],
      [3_000, 'ann'],
    ]);
    const again = await run(portal, 4_000);
    expect(again.counts.productsCreated).toBe(2);
    expect(again.plan.licenceOf.get(e3)).not.toBe(number);
  });

  it_('writes no row for an unchanged portal, and none when a plan is applied twice', async () => {
    const portal = newPortal();
    const what = {
      readings: both,
      subscriptions: [aSubscription('s1', e3), aSubscription('s2', e5, { isTrial: true })],
    };
    const first = await run(portal, 1_000, what);
    const snapshot = () =>
      test.db.read(async (trx) => ({
        products: await trx.rows(products, (query) => query.where({ portal: portal.id }).orderBy('id')),
        licences: await trx.rows(licences, (query) => query.where({ portal: portal.id }).orderBy('number')),
        positions: await trx.rows(positions, (query) =>
          query.whereIn('licence', [...first.plan.numbers]).orderBy('licence'),
        ),
        subscriptions: await trx.rows(subscriptions, (query) =>
          query.where({ portal: portal.id }).orderBy('subscription_id'),
        ),
      }));
    const before = await snapshot();
    const again = await run(portal, 2_000, what);
    expect(Object.values(again.counts)).toEqual([0, 0, 0, 0]);
    await test.db.write((trx) => applyCatalogue(trx, first.plan, 3_000));
    expect(await snapshot()).toEqual(before);
  });

  it_(
    'keeps quantities and subscriptions as intervals, also twice in one millisecond and on a clock that goes back',
    async () => {
      const portal = newPortal();
      const at = (enabled: number) => ({
        readings: [aSku(e3, 'SPE_E3', enabled)],
        subscriptions: enabled > 12 ? [] : [aSubscription('s1', e3, { total: enabled })],
      });
      const { plan } = await run(portal, 1_000, at(10));
      await run(portal, 2_000, at(11));
      await run(portal, 2_000, at(12));
      await run(portal, 1_500, at(13));
      await run(portal, 3_000, at(14));
      const history = await test.db.read((trx) =>
        trx.rows(positions, (query) => query.whereIn('licence', [...plan.numbers]).orderBy('valid_from')),
      );
      expect(history.map(({ valid_from, valid_to, enabled }) => [valid_from, valid_to, enabled])).toEqual([
        [1_000, 2_000, 10],
        [2_000, 3_000, 13],
        [3_000, openEnd, 14],
      ]);
      const bought = await test.db.read((trx) =>
        trx.rows(subscriptions, (query) => query.where({ portal: portal.id })),
      );
      expect(bought.map(({ valid_from, valid_to, total }) => [valid_from, valid_to, total])).toEqual([
        [1_000, 2_000, 10],
      ]);
    },
  );

  it_('shows the part number of a SKU without a title, and an edited title with the next import', async () => {
    const portal = newPortal('P');
    const readings = [aSku(unknownSku.toUpperCase(), 'NEW_THING')];
    await run(portal, 1_000, { readings });
    expect((await productOf(portal, 'NEW_THING')).name).toBe('P - NEW_THING');
    await test.db.write((trx) => editSku(trx, { sku: unknownSku, title: 'New Thing', class: 'trial' }, 1_500));
    await run(portal, 2_000, { readings });
    expect(await productOf(portal, 'NEW_THING')).toMatchObject({ name: 'P - New Thing', skuClass: 'trial' });
  });

  it_('lets the folder follow the portal name until a user renames it', async () => {
    const portal = newPortal('North');
    await run(portal, 1_000);
    await run({ ...portal, name: 'South' }, 2_000);
    const own = async () =>
      (await test.db.read(listFolders)).find(({ system_key }) => system_key === `m365:${portal.id}`);
    expect((await own())?.name).toBe('South');
    await test.db.write(async (trx) => renameFolder(trx, (await own())?.id ?? '', 'My South'));
    await run({ ...portal, name: 'West' }, 3_000);
    expect((await own())?.name).toBe('My South');
    await expect(test.db.write(async (trx) => deleteFolder(trx, (await own())?.id ?? ''))).rejects.toMatchObject({
      code: 'FOLDER_OF_IMPORT',
    });
  });

  it_('gives two portals of one name two folders', async () => {
    await run(newPortal('Twin'), 1_000);
    await run(newPortal('twin '), 2_000);
    const names = (await test.db.read(listFolders)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Twin', 'twin (2)']));
  });

  it_('plans two new portals at once into one Microsoft 365 folder', async () => {
    const inputs = [newPortal('Left'), newPortal('Right')].map((portal) => ({
      portal,
      readings: both,
      subscriptions: undefined,
      exclusions: new Set<string>(),
      random,
    }));
    const fresh = await openCatalogue(engine);
    const plans = [];
    for (const input of inputs) plans.push(await prepareCatalogue(fresh.db, input));
    for (const plan of plans) await fresh.db.write((trx) => applyCatalogue(trx, plan, 1_000));
    const folders = await fresh.db.read(listFolders);
    const all = await fresh.db.read((trx) => readProducts(trx));
    await fresh.close();
    expect(folders.filter(({ system_key }) => system_key === 'm365')).toHaveLength(1);
    const ids = new Set(folders.map(({ id }) => id));
    expect(all.map(({ folder }) => ids.has(folder))).toEqual([true, true, true, true]);
    expect(folders.filter(({ parent }) => parent !== '').map(({ parent }) => ids.has(parent))).toEqual([true, true]);
  });
});
