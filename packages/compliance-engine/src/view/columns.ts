import type { ColumnType } from '@itsm-m365/plugin-api';
import { statuses } from '../engine/statuses.ts';

/** A column of the list: where its value comes from, and how it is sorted. `e` is the product or licence, `s` its status, `pf` the portal's folder. */
export interface ListColumn {
  readonly sql: string;
  readonly type: ColumnType['kind'];
  /** Null figures (they could not be computed) sort before all others on both engines. */
  readonly nullable?: true;
}

const figure = (name: string): ListColumn => ({ sql: `s.${name}`, type: 'bigint', nullable: true });

/** Ids of statuses are our own constants, so they may stand in the text of the statement. */
const severity = `case s.status ${statuses.map(({ id, rank }) => `when '${id}' then ${rank}`).join(' ')} else -1 end`;

/** Every column of the list that can be sorted by (requirements C1). */
export const listColumns = {
  name: { sql: 'e.name', type: 'text' },
  status: { sql: severity, type: 'integer' },
  reason: { sql: 's.reason', type: 'text' },
  portal: { sql: "coalesce(pf.system_name, '')", type: 'text' },
  folder: { sql: "coalesce(f.name, '')", type: 'text' },
  partNumber: { sql: 'e.part_number', type: 'text' },
  metric: { sql: 'e.metric', type: 'text' },
  enabled: figure('enabled'),
  warning: figure('warning'),
  suspended: figure('suspended'),
  trial: figure('trial'),
  consumedReported: figure('consumed_reported'),
  consumers: figure('consumers'),
  waiting: figure('waiting'),
  difference: { sql: '(s.consumed_reported - s.required)', type: 'bigint', nullable: true },
  required: figure('required'),
  available: figure('available'),
  balance: figure('balance'),
  since: { sql: 's.valid_from', type: 'time' },
} as const satisfies Readonly<Record<string, ListColumn>>;

export type SortColumn = keyof typeof listColumns;

export const sortColumns = Object.keys(listColumns) as readonly SortColumn[];

/** Below every figure. */
const belowAll = -Number.MAX_SAFE_INTEGER;

/** The column as it is compared: nulls have a place of their own, since a comparison with null is never true. */
export const sortable = (name: SortColumn): { readonly sql: string; readonly type: ColumnType['kind'] } => {
  const { sql, type, nullable }: ListColumn = listColumns[name];
  return { sql: nullable === true ? `coalesce(${sql}, ${belowAll})` : sql, type };
};
