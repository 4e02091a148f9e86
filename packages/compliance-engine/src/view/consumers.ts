import { holdersAsOf, licences, type NamedHolder, products } from '@itsm-m365/licence-catalog';
import { openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { complianceErrors } from '../errors.ts';

/** Where the persons of a product or licence are looked for. */
export interface ConsumerSource {
  readonly portal: string;
  /** Numbers of its licences, in order. */
  readonly licences: readonly { readonly number: number; readonly id: string; readonly name: string }[];
}

export interface ConsumerRequest {
  readonly who: 'holding' | 'waiting';
  /** The licence that pages are read of, and the person the last page ended with. */
  readonly licence?: number;
  readonly after?: number;
  readonly limit: number;
}

export interface ConsumerPage {
  readonly items: readonly (NamedHolder & { readonly licence: number })[];
  readonly next?: { readonly licence: number; readonly after: number };
}

/** @throws COMPLIANCE_SUBJECT_UNKNOWN */
export const consumerSource = async (trx: Transaction, id: string): Promise<ConsumerSource> => {
  const alive = { deleted_at: trx.encode('time', openEnd) };
  const rows = await trx.rows(licences, (query) =>
    query
      .where(alive)
      .where((either) => either.where({ product: id }).orWhere({ id }))
      .orderBy('number'),
  );
  const [product] = await trx.rows(products, (query) => query.where({ ...alive, id }));
  const portal = product?.portal ?? rows[0]?.portal;
  if (portal === undefined) throw complianceErrors.COMPLIANCE_SUBJECT_UNKNOWN({ id });
  return { portal, licences: rows.map(({ number, id: licence, name }) => ({ number, id: licence, name })) };
};

/**
 * The persons behind the figures, by licence and then by key, as the catalogue has them now: after an import and before
 * the next recalculation that may be others than the published figures count.
 */
export const consumersOf = async (
  trx: Transaction,
  source: ConsumerSource,
  { who, licence, after, limit }: ConsumerRequest,
): Promise<ConsumerPage> => {
  const numbers = source.licences.map(({ number }) => number);
  const from = licence === undefined ? numbers : numbers.slice(Math.max(0, numbers.indexOf(licence)));
  const [current, following] = from;
  if (current === undefined) return { items: [] };
  const page = await holdersAsOf(trx, { licence: current, who, limit, ...(after === undefined ? {} : { after }) });
  const items = page.items.map((holder) => ({ ...holder, licence: current }));
  if (page.next !== undefined) return { items, next: { licence: current, after: page.next } };
  return following === undefined ? { items } : { items, next: { licence: following, after: 0 } };
};
