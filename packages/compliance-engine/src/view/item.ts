import { folders, licences, products } from '@itsm-m365/licence-catalog';
import { type ColumnType, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import type { SubjectKind } from '../engine/plan.ts';
import { type RestKind, restKinds } from '../engine/rests.ts';
import { statusIntervals } from '../tables.ts';

/** A row of the compliance view: a product or licence with its published status and the figures it rests on. */
export interface ComplianceItem {
  readonly id: string;
  readonly kind: SubjectKind;
  readonly name: string;
  readonly portal: string;
  /** `''` for a product made by hand. */
  readonly portalName: string;
  /** `''` where it stands in none. */
  readonly folder: string;
  readonly folderName: string;
  readonly sku: string;
  readonly partNumber: string;
  readonly metric: string;
  readonly status: string;
  readonly reason: string;
  readonly cause: string;
  readonly enabled: number | null;
  readonly warning: number | null;
  readonly suspended: number | null;
  readonly trial: number | null;
  readonly consumedReported: number | null;
  readonly consumers: number | null;
  readonly waiting: number | null;
  readonly difference: number | null;
  readonly required: number | null;
  readonly available: number | null;
  readonly balance: number | null;
  readonly unused: number | null;
  readonly overAssigned: number | null;
  readonly restsOn: readonly RestKind[];
  readonly restsUntil: number | null;
  /** Since when it has this status with these figures. */
  readonly since: number;
  readonly run: string;
}

const selected = {
  id: ['s.subject', 'guid'],
  name: ['e.name', 'text'],
  portal: ['e.portal', 'guid'],
  portalName: ["coalesce(pf.system_name, '')", 'text'],
  folder: ["coalesce(f.id, '')", 'guid'],
  folderName: ["coalesce(f.name, '')", 'text'],
  sku: ['e.sku', 'guid'],
  partNumber: ['e.part_number', 'text'],
  metric: ['e.metric', 'text'],
  status: ['s.status', 'text'],
  reason: ['s.reason', 'text'],
  cause: ['s.cause', 'text'],
  enabled: ['s.enabled', 'bigint'],
  warning: ['s.warning', 'bigint'],
  suspended: ['s.suspended', 'bigint'],
  trial: ['s.trial', 'bigint'],
  consumedReported: ['s.consumed_reported', 'bigint'],
  consumers: ['s.consumers', 'bigint'],
  waiting: ['s.waiting', 'bigint'],
  required: ['s.required', 'bigint'],
  available: ['s.available', 'bigint'],
  balance: ['s.balance', 'bigint'],
  restsOn: ['s.rests_on', 'text'],
  restsUntil: ['s.rests_until', 'time'],
  since: ['s.valid_from', 'time'],
  run: ['s.run', 'text'],
} as const satisfies Readonly<Record<string, readonly [string, ColumnType['kind']]>>;

type Raw = Readonly<Record<string, unknown>>;

/** The current statuses of what is alive, as a query to narrow. */
export const currentItems = (trx: Transaction, kind: SubjectKind): ReturnType<Transaction['from']> => {
  const open = trx.encode('time', openEnd);
  const query = trx
    .from(statusIntervals, 's')
    .where('s.valid_to', open)
    .where('s.kind', kind)
    .where('e.deleted_at', open)
    .select(Object.entries(selected).map(([alias, [sql]]) => trx.sql.raw(`${sql} as ??`, [alias])));
  // The portal's name stands at its folder, and stays there when the portal is deleted.
  const portalFolder = trx.sql.raw("pf.system_key = concat('m365:', e.portal)");
  if (kind === 'product') {
    return query
      .join({ e: trx.name(products) }, 'e.id', 's.subject')
      .leftJoin({ pf: trx.name(folders) }, portalFolder)
      .leftJoin({ f: trx.name(folders) }, 'f.id', 'e.folder');
  }
  // A licence stands in the folder of its product; it may have none.
  return query
    .join({ e: trx.name(licences) }, 'e.id', 's.subject')
    .leftJoin({ pf: trx.name(folders) }, portalFolder)
    .leftJoin({ p: trx.name(products) }, 'p.id', 'e.product')
    .leftJoin({ f: trx.name(folders) }, 'f.id', 'p.folder');
};

export const isRestKind = (value: string): value is RestKind => restKinds.some((kind) => kind === value);

/** Reads a row of {@link currentItems}. */
export const itemOf = (trx: Transaction, kind: SubjectKind, raw: Raw): ComplianceItem => {
  const decoded = Object.fromEntries(
    Object.entries(selected).map(([alias, [, type]]) => [alias, trx.decode(type, raw[alias])]),
  ) as Omit<ComplianceItem, 'kind' | 'restsOn' | 'difference' | 'unused' | 'overAssigned'> & { restsOn: string };
  const { balance, consumedReported, required } = decoded;
  return {
    ...decoded,
    kind,
    restsOn: decoded.restsOn.split(',').filter(isRestKind),
    difference: consumedReported === null || required === null ? null : consumedReported - required,
    unused: balance === null ? null : Math.max(0, balance),
    overAssigned: balance === null ? null : Math.max(0, -balance),
  };
};
