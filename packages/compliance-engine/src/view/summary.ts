import { products } from '@itsm-m365/licence-catalog';
import { type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { lastRecalculation } from '../apply.ts';
import { statuses } from '../engine/statuses.ts';
import { type PortalInput, statusIntervals } from '../tables.ts';

export interface LastRecalculation {
  readonly run: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly counts: Readonly<Record<string, number>>;
  readonly inputs: readonly PortalInput[];
}

export interface ComplianceSummary {
  /** Products per status; every status of a Microsoft 365 product is there, with 0 if need be. */
  readonly statuses: readonly { readonly status: string; readonly products: number }[];
  readonly unsynced: readonly { readonly reason: string; readonly products: number }[];
  readonly unused: number;
  readonly overAssigned: number;
  readonly waiting: number;
  /** Absent before the first one. */
  readonly last?: LastRecalculation;
}

export const readLast = async (
  trx: Transaction,
  portals?: readonly string[],
): Promise<LastRecalculation | undefined> => {
  const last = await lastRecalculation(trx);
  if (last === undefined) return undefined;
  return {
    run: last.run,
    startedAt: last.started_at,
    finishedAt: last.finished_at,
    counts: last.counts,
    inputs: last.inputs.filter(({ portal }) => portals?.includes(portal) ?? true),
  };
};

interface Grouped {
  readonly status: string;
  readonly reason: string;
  readonly products: unknown;
  readonly unused: unknown;
  readonly lacking: unknown;
  readonly waiting: unknown;
}

const grouped = async (trx: Transaction, portals: readonly string[] | undefined): Promise<Grouped[]> => {
  const open = trx.encode('time', openEnd);
  const query = trx
    .from(statusIntervals, 's')
    .join({ e: trx.name(products) }, 'e.id', 's.subject')
    .where({ 's.valid_to': open, 's.kind': 'product', 'e.deleted_at': open })
    .select('s.status', 's.reason')
    .select(
      trx.sql.raw('count(*) as products'),
      trx.sql.raw('sum(case when s.balance > 0 then s.balance else 0 end) as unused'),
      trx.sql.raw('sum(case when s.balance < 0 then -s.balance else 0 end) as lacking'),
      trx.sql.raw('sum(coalesce(s.waiting, 0)) as waiting'),
    )
    .groupBy('s.status', 's.reason')
    .orderBy('s.status');
  if (portals !== undefined) query.whereIn('e.portal', portals);
  return query;
};

const sum = (rows: readonly Grouped[], of: (row: Grouped) => unknown): number =>
  rows.reduce((total, row) => total + Number(of(row)), 0);

/** The view in a few figures. What cannot be synchronised takes no part in unused and over-assigned: it is the past. */
export const complianceSummary = async (
  trx: Transaction,
  portals: readonly string[] | undefined,
): Promise<ComplianceSummary> => {
  const rows = await grouped(trx, portals);
  const live = rows.filter(({ status }) => status !== 'cannot-be-synchronised');
  const last = await readLast(trx, portals);
  return {
    statuses: statuses
      .filter(({ microsoft365 }) => microsoft365)
      .map(({ id }) => ({
        status: id,
        products: sum(
          rows.filter(({ status }) => status === id),
          (row) => row.products,
        ),
      })),
    unsynced: rows
      .filter(({ reason }) => reason !== '')
      .map((row) => ({ reason: row.reason, products: Number(row.products) })),
    unused: sum(live, (row) => row.unused),
    overAssigned: sum(live, (row) => row.lacking),
    waiting: sum(live, (row) => row.waiting),
    ...(last === undefined ? {} : { last }),
  };
};
