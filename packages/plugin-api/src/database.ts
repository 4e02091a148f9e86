import type { Knex } from 'knex';
import type { Instant } from './clock.ts';

export type DialectName = 'mssql' | 'sqlite';

/** What one engine can and the other cannot, by name and with its reason in `@itsm-m365/database`. */
export interface Capabilities {
  /** Rows of one multi-row insert. */
  readonly maxRowsPerInsert: number;
  /** Bound values of one statement. */
  readonly maxParameters: number;
  /** Several processes may write at once. */
  readonly manyWriters: boolean;
  /** Statements block the event loop, so that long work is cut into key ranges. */
  readonly blocksEventLoop: boolean;
  /** Readers see a snapshot and never wait for a writer. False on SQL Server until its snapshot options are on. */
  readonly snapshotReads: boolean;
}

/**
 * How a column's value is held by each engine. Times are datetime2(3) on SQL Server and integer milliseconds on SQLite,
 * flags bit and 0/1; GUIDs are lower case on both. Texts and GUIDs are compared sign by sign on both engines, whatever
 * the collation of the database; `words` are sorted and searched by the database's own collation on SQL Server.
 */
export type ColumnType =
  | { readonly kind: 'guid' }
  | { readonly kind: 'text'; readonly length: number | 'max'; readonly words?: true }
  | { readonly kind: 'integer' }
  | { readonly kind: 'bigint' }
  | { readonly kind: 'number' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'time' }
  | { readonly kind: 'json' }
  | { readonly kind: 'bytes' };

export interface Column<Value = unknown> {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Never set; carries the type of the value. */
  readonly value?: Value;
}

/** A table as the code sees it. Keys of `columns` are the column names in SQL. */
export interface Table<Row extends object = Record<string, unknown>> {
  readonly name: string;
  readonly columns: { readonly [Name in keyof Row & string]: Column<Row[Name]> };
}

export type Where = (query: Knex.QueryBuilder) => unknown;

/**
 * One transaction. Statements on it run one after the other: never start two at once. Rows pass through the column types
 * in both directions; `sql` is for set-based statements that no method here can say.
 */
export interface Transaction {
  readonly sql: Knex.Transaction;
  readonly capabilities: Capabilities;
  readonly dialect: DialectName;
  /** The table's name with its schema, for `sql` and for `??` in raw statements. */
  name(table: Pick<Table, 'name'>): string;
  /** A query builder on the table; results are raw, see {@link Transaction.rows}. */
  from(table: Pick<Table, 'name'>, alias?: string): Knex.QueryBuilder;
  /** Rows of one table, decoded. */
  rows<Row extends object>(table: Table<Row>, where?: Where): Promise<Row[]>;
  /** Inserts, cut into chunks that the engine accepts. */
  insert<Row extends object>(table: Table<Row>, rows: readonly Row[]): Promise<void>;
  /** Updates and tells how many rows changed. Joins are not allowed (SQLite drops them silently). */
  update<Row extends object>(table: Table<Row>, patch: Partial<Row>, where: Where): Promise<number>;
  /** Deletes and tells how many rows went. */
  remove(table: Pick<Table, 'name'>, where: Where): Promise<number>;
  /** A raw statement; tells how many rows it changed. */
  execute(sql: string, bindings?: readonly Knex.RawBinding[]): Promise<number>;
  /** A raw query; rows as the engine gives them. */
  query<Row extends object>(sql: string, bindings?: readonly Knex.RawBinding[]): Promise<Row[]>;
  /** A value as the engine binds it, for use in `sql`: times and flags differ. */
  encode(type: ColumnType['kind'], value: unknown): Knex.Value;
  decode(type: ColumnType['kind'], value: unknown): unknown;
  /** Lets other work run where the engine blocks the event loop; does nothing elsewhere. */
  breathe(): Promise<void>;
}

export interface TransactionOptions {
  /** Times the whole transaction is tried again after a deadlock, a snapshot conflict or a lost connection. Default 3. */
  readonly retries?: number;
  readonly signal?: AbortSignal;
}

/** The product's own connections to the host's database. Every error that leaves it is a known error without values. */
export interface Database {
  readonly dialect: DialectName;
  readonly capabilities: Capabilities;
  name(table: Pick<Table, 'name'>): string;
  /** Reads one consistent state; changes nothing. Never waits for a writer where the engine can do that. */
  read<T>(work: (trx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Runs one transaction; `work` runs again as a whole after a deadlock (1205), a snapshot conflict (3960) or a lost
   * connection, so it must not have effects outside the transaction.
   */
  write<T>(work: (trx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Loads many rows and commits them by itself: TDS bulk load, or one prepared statement. For staging tables. */
  load<Row extends object>(table: Table<Row>, rows: Iterable<Row>, options?: TransactionOptions): Promise<number>;
  close(): Promise<void>;
}

/** One step of a plugin's schema. Additive; run in order, once, each in a transaction where the engine allows. */
export interface Migration {
  /** `001-portals`: number and words, unique in the plugin, never renamed. */
  readonly id: string;
  up(schema: MigrationContext): Promise<void>;
  /** Goes back. Refuses with `MIGRATION_LOSES_DATA` where rows would be lost and `allowDataLoss` is not set. */
  down(schema: MigrationContext): Promise<void>;
}

export interface IndexOptions {
  readonly unique?: boolean;
  readonly name: string;
}

export interface MigrationContext {
  readonly trx: Transaction;
  readonly now: Instant;
  readonly allowDataLoss: boolean;
  /** Creates a table with the types of the engine. The shape given is frozen with the migration, not the live one. */
  createTable(name: string, columns: Readonly<Record<string, Column>>, primaryKey: readonly string[]): Promise<void>;
  addColumns(
    name: string,
    columns: Readonly<Record<string, Column>>,
    defaults: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  createIndex(table: string, columns: readonly string[], options: IndexOptions): Promise<void>;
  dropIndex(table: string, name: string): Promise<void>;
  dropTable(name: string): Promise<void>;
}
