import type { Capabilities, DialectName, KnownError, Notice, Table, Transaction } from '@itsm-m365/plugin-api';
import type { Knex } from 'knex';
import type { Lane } from './lane.ts';
import type { ColumnCodec } from './rows.ts';

export type Access = 'read' | 'write' | 'load';

export interface Opened {
  readonly trx: Knex.Transaction;
  /** Called when the work is done: from then on an aborted signal must not cancel the commit or the rollback. */
  settle(): void;
  /** Called once the transaction has ended in whatever way. */
  leave(): void;
}

/** What the two engines do differently; everything else is written once, in `database.ts` and `transaction.ts`. */
export interface Engine {
  readonly dialect: DialectName;
  readonly capabilities: Capabilities;
  readonly advice: readonly Notice[];
  /** True where a read and a write wait for the same connection (SQLite in memory). */
  readonly oneConnection: boolean;
  name(table: Pick<Table, 'name'>): string;
  begin(access: Access, signal: AbortSignal | undefined): Promise<Opened>;
  translate(error: unknown): KnownError;
  /** The value of a column in an insert or update. */
  bind(codec: ColumnCodec, value: unknown): Knex.RawBinding;
  /** Inserts rows that are many, by the engine's fastest way, on the connection of the transaction. */
  bulk<Row extends object>(trx: Transaction, lane: Lane, table: Table<Row>, rows: Iterable<Row>): Promise<number>;
  insert<Row extends object>(trx: Transaction, lane: Lane, table: Table<Row>, rows: readonly Row[]): Promise<void>;
  execute(sql: Knex.Transaction, statement: string, bindings: readonly Knex.RawBinding[]): Promise<number>;
  rowsOf(answer: unknown): readonly object[];
  breathe(): Promise<void>;
  close(): Promise<void>;
}
