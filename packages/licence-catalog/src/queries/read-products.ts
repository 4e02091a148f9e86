import { type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { stateOf } from '../catalogue/sync-state.ts';
import type { Seats, SyncState, Units } from '../model.ts';
import type { SkuClass } from '../skus/sku-titles.ts';
import { allSkus } from '../skus/titles.ts';
import { type LicenceRow, licences, type PositionRow, type ProductRow, products } from '../tables.ts';
import { positionsAsOf } from './as-of.ts';

/** A licence with its quantities; both undefined where none was ever published. */
export interface LicenceRecord {
  readonly number: number;
  readonly id: string;
  readonly product: string;
  readonly portal: string;
  readonly sku: string;
  readonly name: string;
  readonly title: string;
  readonly partNumber: string;
  readonly channel: string;
  readonly licenceType: string;
  readonly metric: string;
  readonly sync: SyncState;
  readonly units: Units | undefined;
  readonly seats: Seats | undefined;
  readonly capabilityStatus: string;
  /** When the quantities in force began. */
  readonly positionSince: Instant | undefined;
}

export interface ProductRecord {
  readonly id: string;
  readonly source: 'm365' | 'manual';
  readonly portal: string;
  readonly sku: string;
  readonly folder: string;
  readonly name: string;
  readonly title: string;
  readonly partNumber: string;
  readonly appliesTo: 'User' | 'Company';
  readonly metric: string;
  readonly consumerType: string;
  readonly skuClass: SkuClass;
  readonly sync: SyncState;
  readonly createdAt: Instant;
  readonly changedAt: Instant;
  readonly licences: readonly LicenceRecord[];
}

/** Values of one `in (…)`. */
export const atOnce = 500;

const unitsOf = (position: PositionRow): Units => ({
  enabled: position.enabled,
  warning: position.warning,
  suspended: position.suspended,
  lockedOut: position.locked_out,
  consumed: position.consumed,
});

const seatsOf = (position: PositionRow): Seats => ({
  paid: position.paid,
  grace: position.grace,
  trial: position.trial,
  endsAt: position.seats_end_at === openEnd ? undefined : position.seats_end_at,
});

const licenceRecord = (row: LicenceRow, position: PositionRow | undefined): LicenceRecord => ({
  number: row.number,
  id: row.id,
  product: row.product,
  portal: row.portal,
  sku: row.sku,
  name: row.name,
  title: row.title,
  partNumber: row.part_number,
  channel: row.channel,
  licenceType: row.licence_type,
  metric: row.metric,
  sync: stateOf(row),
  units: position === undefined ? undefined : unitsOf(position),
  seats: position === undefined ? undefined : seatsOf(position),
  capabilityStatus: position?.capability_status ?? '',
  positionSince: position?.valid_from,
});

const productRecord = (row: ProductRow, skuClass: SkuClass, records: readonly LicenceRecord[]): ProductRecord => ({
  id: row.id,
  source: row.source === 'm365' ? 'm365' : 'manual',
  portal: row.portal,
  sku: row.sku,
  folder: row.folder,
  name: row.name,
  title: row.title,
  partNumber: row.part_number,
  appliesTo: row.applies_to === 'Company' ? 'Company' : 'User',
  metric: row.metric,
  consumerType: row.consumer_type,
  skuClass,
  sync: stateOf(row),
  createdAt: row.created_at,
  changedAt: row.changed_at,
  licences: records,
});

const openPositions = async (
  trx: Transaction,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, PositionRow>> => {
  const current = new Map<number, PositionRow>();
  for (let index = 0; index < numbers.length; index += atOnce)
    for (const position of await positionsAsOf(trx, { licences: numbers.slice(index, index + atOnce) }))
      current.set(position.licence, position);
  return current;
};

/** Joins products with their licences, quantities and classes. */
const describe = async (
  trx: Transaction,
  rows: readonly ProductRow[],
  licenceRows: readonly LicenceRow[],
): Promise<readonly ProductRecord[]> => {
  const current = await openPositions(
    trx,
    licenceRows.map(({ number }) => number),
  );
  const skus = await allSkus(trx);
  const byProduct = new Map<string, LicenceRecord[]>();
  for (const row of licenceRows) {
    const list = byProduct.get(row.product) ?? [];
    list.push(licenceRecord(row, current.get(row.number)));
    byProduct.set(row.product, list);
  }
  return rows.map((row) => productRecord(row, skus.get(row.sku)?.class ?? 'paid', byProduct.get(row.id) ?? []));
};

/**
 * Alive products with their licences and quantities, by name: some hundred per portal, read whole. One transaction sees
 * one state, so a recalculation reads them and {@link countConsumers} in the same one.
 */
export const readProducts = async (
  trx: Transaction,
  question: { readonly portal?: string } = {},
): Promise<readonly ProductRecord[]> => {
  const alive = {
    deleted_at: trx.encode('time', openEnd),
    ...(question.portal === undefined ? {} : { portal: question.portal.toLowerCase() }),
  };
  const rows = await trx.rows(products, (query) => query.where(alive).orderBy('name').orderBy('id'));
  return describe(trx, rows, await trx.rows(licences, (query) => query.where(alive).orderBy('number')));
};

/** The records of products that were read before, at most {@link atOnce}. */
export const describeProducts = async (
  trx: Transaction,
  rows: readonly ProductRow[],
): Promise<readonly ProductRecord[]> => {
  const alive = { deleted_at: trx.encode('time', openEnd) };
  const ids = rows.map(({ id }) => id);
  return describe(
    trx,
    rows,
    await trx.rows(licences, (query) => query.whereIn('product', ids).where(alive).orderBy('number')),
  );
};
