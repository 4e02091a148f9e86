import { type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { notBefore } from '../catalogue/intervals.ts';
import { catalogueErrors } from '../errors.ts';
import { consumersOf } from '../queries/count-consumers.ts';
import { numberOf, sql, tableIn } from '../sql.ts';
import { assignments, type LicenceRow, licences, type ProductRow, positions, products } from '../tables.ts';

/** What goes with a product, and what does not. */
export interface DeletionItem {
  readonly product: string;
  readonly name: string;
  readonly deletable: boolean;
  readonly licences: readonly { readonly number: number; readonly name: string; readonly consumers: number }[];
}

/** Ids of one `in (…)`. */
const atOnce = 500;

/** Persons of one statement; keys are spread evenly, so that a range of them holds about as many rows as another. */
const ranges = 64;

const isDeletable = ({ source, sync_state }: ProductRow): boolean => source !== 'm365' || sync_state === 'unsynced';

const aliveProducts = async (trx: Transaction, ids: readonly string[]): Promise<ProductRow[]> => {
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))];
  const found: ProductRow[] = [];
  for (let index = 0; index < wanted.length; index += atOnce)
    found.push(
      ...(await trx.rows(products, (query) =>
        query.whereIn('id', wanted.slice(index, index + atOnce)).where({ deleted_at: trx.encode('time', openEnd) }),
      )),
    );
  const missing = wanted.find((id) => found.every((product) => product.id !== id));
  if (missing !== undefined) throw catalogueErrors.PRODUCT_NOT_FOUND({ product: missing });
  const byId = new Map(found.map((product) => [product.id, product]));
  return wanted.flatMap((id) => byId.get(id) ?? []);
};

const aliveLicences = (trx: Transaction, product: string): Promise<LicenceRow[]> =>
  trx.rows(licences, (query) => query.where({ product, deleted_at: trx.encode('time', openEnd) }).orderBy('number'));

/**
 * Shows what {@link deleteUnsynced} would take away. Changes nothing.
 *
 * @throws PRODUCT_NOT_FOUND
 */
export const previewDeletion = async (trx: Transaction, ids: readonly string[]): Promise<readonly DeletionItem[]> => {
  const items: DeletionItem[] = [];
  for (const product of await aliveProducts(trx, ids)) {
    const rows = await aliveLicences(trx, product.id);
    const counted = [];
    for (const { number, name } of rows)
      counted.push({ number, name, consumers: (await consumersOf(trx, number)).holders });
    items.push({ product: product.id, name: product.name, deletable: isDeletable(product), licences: counted });
  }
  return items;
};

const endPosition = async (trx: Transaction, licence: number, at: Instant): Promise<void> => {
  const open = { licence, valid_to: trx.encode('time', openEnd) };
  const rows = await trx.rows(positions, (query) => query.where(open));
  await trx.update(positions, { valid_to: notBefore(at, rows) }, (query) => query.where(open));
};

const endAssignments = async (trx: Transaction, licence: number, at: Instant): Promise<void> => {
  const open = { licence, valid_to: trx.encode('time', openEnd) };
  const latest = await numberOf(
    trx,
    sql`select count(*) as answer from ${tableIn(trx, assignments)}
      where licence = ${licence} and valid_to = ${open.valid_to} and valid_from > ${trx.encode('time', at)}`,
  );
  // A clock that went back: an interval of no length instead of a negative one.
  if (latest > 0)
    await trx.remove(assignments, (query) => query.where(open).whereRaw('valid_from > ?', [trx.encode('time', at)]));
  const width = Number.MAX_SAFE_INTEGER / ranges;
  for (let index = 0; index < ranges; index += 1) {
    await trx.update(assignments, { valid_to: at }, (query) =>
      query
        .where(open)
        .where('person', '>', Math.floor(width * index))
        .where('person', '<=', Math.floor(width * (index + 1))),
    );
    await trx.breathe();
  }
};

/**
 * Deletes products that are not synchronised any more, or were made by hand, with their licences (COMP-14). All or
 * none. The rows stay with `deleted_at`, their assignments and positions end, contacts stay; a later import of the SKU
 * makes a new product (D2). A second call finds nothing and throws.
 *
 * @throws PRODUCT_NOT_FOUND, PRODUCT_NOT_DELETABLE
 */
export const deleteUnsynced = async (
  trx: Transaction,
  ids: readonly string[],
  at: Instant,
  actor: string,
): Promise<{ readonly products: number; readonly licences: number }> => {
  const found = await aliveProducts(trx, ids);
  const refused = found.filter((product) => !isDeletable(product));
  if (refused.length > 0)
    throw catalogueErrors.PRODUCT_NOT_DELETABLE({
      count: refused.length,
      products: refused
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', '),
    });
  let count = 0;
  for (const product of found) {
    for (const { number } of await aliveLicences(trx, product.id)) {
      await trx.update(licences, { deleted_at: at, changed_at: at }, (query) => query.where({ number }));
      await endPosition(trx, number, at);
      await endAssignments(trx, number, at);
      count += 1;
    }
    await trx.update(products, { deleted_at: at, changed_at: at, deleted_by: actor.slice(0, 100) }, (query) =>
      query.where({ id: product.id }),
    );
  }
  return { products: found.length, licences: count };
};
