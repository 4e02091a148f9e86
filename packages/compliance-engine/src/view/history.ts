import { licences, products } from '@itsm-m365/licence-catalog';
import type { Text, Transaction } from '@itsm-m365/plugin-api';
import { complianceErrors } from '../errors.ts';
import { recalculations, type StatusRow, statusIntervals } from '../tables.ts';
import { inWords } from './detail.ts';

/** One interval of the history: what was published, from when to when, by which run, and what stood before. */
export interface HistoryEntry {
  readonly validFrom: number;
  /** `openEnd` for the present one. */
  readonly validTo: number;
  /** `''` for the first. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly required: number | null;
  readonly available: number | null;
  readonly balance: number | null;
  readonly consumedReported: number | null;
  readonly dataAsOf: number | null;
  readonly run: string;
  /** Who started the run; `''` where the run is not recorded any more. */
  readonly actor: string;
  readonly trigger: string;
  readonly explanation: readonly { readonly id: string; readonly text: Text }[];
}

export interface HistoryPage {
  readonly portal: string;
  readonly entries: readonly HistoryEntry[];
  /** Ask again with this as `before` for older ones; absent at the end. */
  readonly next?: number;
}

/** The portal of a subject, dead or alive: history stays readable after deletion. */
const portalOf = async (trx: Transaction, id: string): Promise<string> => {
  const [product] = await trx.rows(products, (query) => query.where({ id }));
  if (product !== undefined) return product.portal;
  const [licence] = await trx.rows(licences, (query) => query.where({ id }));
  if (licence === undefined) throw complianceErrors.COMPLIANCE_SUBJECT_UNKNOWN({ id });
  return licence.portal;
};

const starters = async (trx: Transaction, rows: readonly StatusRow[]) => {
  const runs = [...new Set(rows.map(({ run }) => run))];
  const found = runs.length === 0 ? [] : await trx.rows(recalculations, (query) => query.whereIn('run', runs));
  return new Map(found.map(({ run, actor, trigger }) => [run, { actor, trigger }]));
};

/** The history of a product or licence, newest first. @throws COMPLIANCE_SUBJECT_UNKNOWN */
export const complianceHistory = async (
  trx: Transaction,
  id: string,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<HistoryPage> => {
  const portal = await portalOf(trx, id);
  // One more than asked for tells what stood before the oldest of the page.
  const rows = await trx.rows(statusIntervals, (query) => {
    query
      .where('subject', id)
      .orderBy('valid_from', 'desc')
      .limit(limit + 1);
    if (before !== undefined) query.whereRaw('valid_from < ?', [trx.encode('time', before)]);
    return query;
  });
  const page = rows.slice(0, limit);
  const started = await starters(trx, page);
  const entries = page.map((row, index): HistoryEntry => {
    const earlier = rows[index + 1];
    return {
      validFrom: row.valid_from,
      validTo: row.valid_to,
      from: earlier?.valid_to === row.valid_from ? earlier.status : '',
      to: row.status,
      reason: row.reason,
      required: row.required,
      available: row.available,
      balance: row.balance,
      consumedReported: row.consumed_reported,
      dataAsOf: row.data_as_of,
      run: row.run,
      actor: started.get(row.run)?.actor ?? '',
      trigger: started.get(row.run)?.trigger ?? '',
      explanation: inWords(row.explanation),
    };
  });
  const oldest = page.at(-1);
  return { portal, entries, ...(rows.length > limit && oldest !== undefined ? { next: oldest.valid_from } : {}) };
};
