import type { ColumnType, Transaction } from '@itsm-m365/plugin-api';
import type { Knex } from 'knex';

/** A value as the engine binds it, for `where`. */
export const bound = (trx: Transaction, kind: ColumnType['kind'], value: unknown): Knex.Value =>
  trx.encode(kind, value) as Knex.Value;

/** A place in a list that is ordered by time and id, newest first. */
export interface Cursor {
  readonly at: number;
  readonly id: string;
}

/** One page. `next` is handed back to read on; absent at the end. */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export const writeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at}~${id}`).toString('base64url');

/** Undefined for text that is no cursor: then the list starts at its beginning. */
export const readCursor = (text: string | undefined): Cursor | undefined => {
  const match = /^(-?\d{1,16})~(.{1,400})$/s.exec(Buffer.from(text ?? '', 'base64url').toString());
  return match === null ? undefined : { at: Number(match[1]), id: match[2] ?? '' };
};

/** Keyset paging: newest first, after the cursor. Both engines use the index on the two columns. */
export const newestFirst =
  (trx: Transaction, at: string, id: string, cursor: Cursor | undefined, limit: number) =>
  (query: Knex.QueryBuilder): Knex.QueryBuilder => {
    if (cursor !== undefined) {
      const time = bound(trx, 'time', cursor.at);
      query.where((either) =>
        either.where(at, '<', time).orWhere((same) => same.where(at, time).andWhere(id, '<', cursor.id)),
      );
    }
    return query
      .orderBy([
        { column: at, order: 'desc' },
        { column: id, order: 'desc' },
      ])
      .limit(limit + 1);
  };

/** Cuts the row too many off, which only told that there is more. */
export const pageOf = <Row, T>(
  rows: readonly Row[],
  limit: number,
  cursor: (row: Row) => Cursor,
  show: (row: Row) => T,
): PageOf<T> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(show),
    ...(rows.length > limit && last !== undefined ? { next: writeCursor(cursor(last)) } : {}),
  };
};
