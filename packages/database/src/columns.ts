import type { Column, ColumnType, Table } from '@itsm-m365/plugin-api';

const column = <Value>(type: ColumnType): Column<Value> => ({ type, nullable: false });

/**
 * A GUID or any other id of at most 36 characters, in lower case. Held as characters on both engines, not as
 * `uniqueidentifier`: that sorts by its last bytes, fails with error 8169 where it is compared with anything else, and
 * turns to upper case when it is cast.
 */
export const guid = (): Column<string> => column({ kind: 'guid' });
/** At most `length` UTF-16 units (1 to 4000), checked before anything is sent, as SQLite would not check it. */
export const text = (length: number): Column<string> => column({ kind: 'text', length });
/**
 * A text that people read, sort and search: a name, a title. Compared by the database's collation on SQL Server, so never
 * part of a key: where ß equals ss, two names that differ would collide there and nowhere else.
 */
export const words = (length: number): Column<string> => column({ kind: 'text', length, words: true });
export const longText = (): Column<string> => column({ kind: 'text', length: 'max' });
/** A whole number of 32 bits. */
export const integer = (): Column<number> => column({ kind: 'integer' });
/** A whole number within ±(2^53 - 1); a larger one in the database is refused when it is read. */
export const bigint = (): Column<number> => column({ kind: 'bigint' });
/** A finite floating point number. */
export const number = (): Column<number> => column({ kind: 'number' });
export const flag = (): Column<boolean> => column({ kind: 'flag' });
/** An `Instant`: whole milliseconds, years 1 to 9999. */
export const time = (): Column<number> => column({ kind: 'time' });
/** Any JSON value, stored as text and read whole. The null of a nullable column is SQL's. */
export const json = <Value>(): Column<Value> => column({ kind: 'json' });
export const bytes = (): Column<Buffer> => column({ kind: 'bytes' });

export const nullable = <Value>(inner: Column<Value>): Column<Value | null> => ({ type: inner.type, nullable: true });

type ValueOf<C> = C extends Column<infer Value> ? Value : never;
type Columns = Readonly<Record<string, Column>>;
export type RowOfColumns<C extends Columns> = { -readonly [Name in keyof C]: ValueOf<C[Name]> };

/** The row of a table: `type PortalRow = RowOf<typeof portals>`. */
export type RowOf<T> = T extends Table<infer Row> ? Row : never;

/** Declares a table as the code sees it; the row type is inferred from the columns. */
export const defineTable = <const C extends Columns>(name: string, columns: C): Table<RowOfColumns<C>> => ({
  name,
  columns: columns as unknown as Table<RowOfColumns<C>>['columns'],
});
