import { likeText } from '@itsm-m365/licence-catalog';
import type { Transaction } from '@itsm-m365/plugin-api';
import type { SubjectKind } from '../engine/plan.ts';
import { type SortColumn, sortable } from './columns.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { type ComplianceItem, currentItems, itemOf } from './item.ts';

export interface ListRequest {
  readonly kind: SubjectKind;
  readonly status?: string;
  readonly reason?: string;
  readonly portal?: string;
  readonly folder?: string;
  /** Part of the name, part number or SKU id. */
  readonly text?: string;
  readonly sort: SortColumn;
  readonly descending: boolean;
  readonly cursor?: string;
  readonly limit: number;
  /** The portals that may be seen; absent: all. */
  readonly portals?: readonly string[];
}

export interface ListPage {
  readonly items: readonly ComplianceItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** One page of the compliance view, by keyset: the same page again, however far down, costs the same. */
export const listCompliance = async (trx: Transaction, request: ListRequest): Promise<ListPage> => {
  const { kind, sort, descending, limit } = request;
  const { sql, type } = sortable(sort);
  const direction = descending ? 'desc' : 'asc';
  const query = currentItems(trx, kind)
    .select(trx.sql.raw(`${sql} as ??`, ['sort_value']))
    .orderByRaw(`${sql} ${direction}, s.subject ${direction}`)
    .limit(limit + 1);
  if (request.status !== undefined) query.where('s.status', request.status);
  if (request.reason !== undefined) query.where('s.reason', request.reason);
  if (request.portal !== undefined) query.where('e.portal', request.portal.toLowerCase());
  if (request.folder !== undefined) query.where('f.id', request.folder.toLowerCase());
  if (request.portals !== undefined) query.whereIn('e.portal', request.portals);
  if (request.text !== undefined) {
    const pattern = `%${likeText(request.text)}%`;
    query.whereRaw(
      `(lower(e.name) like lower(?) escape '!' or lower(e.part_number) like lower(?) escape '!'
        or e.sku like lower(?) escape '!')`,
      [pattern, pattern, pattern],
    );
  }
  if (request.cursor !== undefined) {
    const after = readCursor(request.cursor, { sort, descending });
    const value = trx.encode(type, after.value);
    const beyond = descending ? '<' : '>';
    query.whereRaw(`(${sql} ${beyond} ? or (${sql} = ? and s.subject ${beyond} ?))`, [value, value, after.id]);
  }
  const rows: Readonly<Record<string, unknown>>[] = await query;
  const items = rows.slice(0, limit).map((raw) => itemOf(trx, kind, raw));
  const last = rows[limit - 1];
  const end = items.at(-1);
  if (rows.length <= limit || last === undefined || end === undefined) return { items };
  const value = trx.decode(type, last.sort_value) as string | number;
  return { items, next: writeCursor({ sort, descending, value, id: end.id }) };
};
