import { type Instant, openEnd, type Table, type Transaction, type Where } from '@itsm-m365/plugin-api';
import { catalogueErrors } from '../errors.ts';
import { folders, licences, positions, products, subscriptions } from '../tables.ts';
import { type IntervalPlan, type IntervalRow, notBefore, planIntervals } from './intervals.ts';
import { nameKey } from './names.ts';
import type { CataloguePlan, ProductChange } from './plan-catalogue.ts';

export interface AppliedCounts {
  readonly productsCreated: number;
  readonly productsChanged: number;
  readonly positionsChanged: number;
  readonly subscriptionsChanged: number;
}

/**
 * Answers the folder that each planned one has become: another portal's import may have made *Microsoft 365* since the
 * plan, under another id.
 */
const applyFolders = async (
  trx: Transaction,
  { folders: plan }: CataloguePlan,
): Promise<(planned: string) => string> => {
  const actual = new Map<string, string>();
  const folderOf = (planned: string): string => actual.get(planned) ?? planned;
  for (const folder of plan.create) {
    const [there] = await trx.rows(folders, (query) => query.where({ system_key: folder.system_key }));
    if (there === undefined) await trx.insert(folders, [{ ...folder, parent: folderOf(folder.parent) }]);
    else actual.set(folder.id, there.id);
  }
  for (const { id, name } of plan.rename)
    await trx.update(folders, { name, name_key: nameKey(name), system_name: name }, (query) => query.where({ id }));
  return folderOf;
};

const applyCreated = async (
  trx: Transaction,
  plan: CataloguePlan,
  { at, folderOf }: { readonly at: Instant; readonly folderOf: (planned: string) => string },
): Promise<number> => {
  const numbers = plan.create.map(({ licence }) => licence.number);
  const there = new Set(
    (await trx.rows(licences, (query) => query.whereIn('number', numbers))).map(({ number }) => number),
  );
  const create = plan.create.filter(({ licence }) => !there.has(licence.number));
  const times = { created_at: at, changed_at: at };
  await trx.insert(
    products,
    create.map(({ product }) => ({ ...product, ...times, folder: folderOf(product.folder) })),
  );
  await trx.insert(
    licences,
    create.map(({ licence }) => ({ ...licence, ...times })),
  );
  return create.length;
};

/** The item is as alive, and its portal as undeleted, as when the plan was made. */
const stillFollows =
  (trx: Transaction, key: { readonly id: string } | { readonly number: number }): Where =>
  (query) =>
    query.where({ ...key, deleted_at: trx.encode('time', openEnd) }).whereNot({ sync_reason: 'portal-deleted' });

const applyChange = async (trx: Transaction, change: ProductChange, at: Instant): Promise<boolean> => {
  const times = { changed_at: at };
  const { product: id, licence: number, columns, appliesTo } = change;
  const changed =
    (await trx.update(products, { ...columns, ...times, applies_to: appliesTo }, stillFollows(trx, { id }))) +
    (await trx.update(licences, { ...columns, ...times }, stillFollows(trx, { number })));
  return changed === 2;
};

const applyIntervals = async <Row extends IntervalRow>(
  trx: Transaction,
  table: Table<Row>,
  plan: IntervalPlan<Row>,
  { at, where }: { readonly at: Instant; readonly where: (row: Row) => Readonly<Record<string, string | number>> },
): Promise<number> => {
  const open = { valid_to: trx.encode('time', openEnd) };
  const ended: Partial<IntervalRow> = { valid_to: at };
  for (const row of plan.drop) await trx.remove(table, (query) => query.where({ ...where(row), ...open }));
  for (const row of plan.close)
    await trx.update(table, ended as Partial<Row>, (query) => query.where({ ...where(row), ...open }));
  await trx.insert(table, plan.open);
  return Math.max(plan.open.length, plan.close.length + plan.drop.length);
};

const applyPositions = async (trx: Transaction, plan: CataloguePlan, at: Instant): Promise<number> => {
  const open = { valid_to: trx.encode('time', openEnd) };
  const current = await trx.rows(positions, (query) => query.whereIn('licence', [...plan.numbers]).where(open));
  const instant = notBefore(at, current);
  const keyOf = ({ licence }: { readonly licence: number }): string => String(licence);
  const intervals = planIntervals(current, plan.positions, { at: instant, keyOf, endMissing: false });
  return applyIntervals(trx, positions, intervals, { at: instant, where: ({ licence }) => ({ licence }) });
};

const applySubscriptions = async (trx: Transaction, plan: CataloguePlan, at: Instant): Promise<number> => {
  if (plan.subscriptions === undefined) return 0;
  const portal = plan.portal.id.toLowerCase();
  const open = { valid_to: trx.encode('time', openEnd) };
  const current = await trx.rows(subscriptions, (query) => query.where({ portal, ...open }));
  const instant = notBefore(at, current);
  const keyOf = ({ subscription_id }: { readonly subscription_id: string }): string => subscription_id;
  const intervals = planIntervals(current, plan.subscriptions, { at: instant, keyOf, endMissing: true });
  const where = ({ subscription_id }: { readonly subscription_id: string }) => ({ portal, subscription_id });
  return applyIntervals(trx, subscriptions, intervals, { at: instant, where });
};

/**
 * Writes a plan. Its place is the publishing transaction, after the fence. Applying the same plan twice changes nothing
 * the second time; an unchanged portal writes no row.
 *
 * @throws CATALOGUE_CHANGED (conflict) where a planned item was deleted, or its portal was, since the plan was made.
 */
export const applyCatalogue = async (trx: Transaction, plan: CataloguePlan, at: Instant): Promise<AppliedCounts> => {
  const folderOf = await applyFolders(trx, plan);
  const productsCreated = await applyCreated(trx, plan, { at, folderOf });
  for (const change of plan.change)
    if (!(await applyChange(trx, change, at))) throw catalogueErrors.CATALOGUE_CHANGED({ portal: plan.portal.name });
  return {
    productsCreated,
    productsChanged: plan.change.length,
    positionsChanged: await applyPositions(trx, plan, at),
    subscriptionsChanged: await applySubscriptions(trx, plan, at),
  };
};
