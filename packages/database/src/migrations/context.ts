import type { Column, IndexOptions, Instant, MigrationContext, Transaction } from '@itsm-m365/plugin-api';
import { databaseErrors } from '../errors.ts';
import { runStatement } from '../statement.ts';
import { columnsOf } from './catalogue.ts';
import {
  addColumns,
  type Columns,
  checkKey,
  createIndex,
  createTable,
  dropIndex,
  dropTable,
  type TablePlace,
} from './ddl.ts';

/** Where statements go: to the database, or into a script. */
export interface Sink {
  run(statement: string): Promise<void>;
  /** The columns of a table as they are when the statement runs. */
  columns(table: string): Promise<Record<string, Column>>;
  /** Tells what was just created, where the database cannot be asked. */
  created(table: string, columns: Columns): void;
}

/** Columns by table, as created so far. */
export type CreatedColumns = Map<string, Columns>;

/** The catalogue's columns, with what is known better: SQLite keeps no lengths, and a script creates nothing. */
export const knownColumns = (trx: Transaction, created: CreatedColumns): Pick<Sink, 'columns' | 'created'> => ({
  columns: async (table) => ({ ...(await columnsOf(trx, table)), ...created.get(table) }),
  created: (table, columns) => void created.set(table, { ...created.get(table), ...columns }),
});

/** The statements of a migration, sent to the database as they come. */
export const databaseSink = (trx: Transaction): Sink => ({
  run: (statement) => runStatement(trx, statement),
  ...knownColumns(trx, new Map()),
});

export interface ContextOptions {
  readonly now: Instant;
  readonly allowDataLoss: boolean;
}

/** What a migration works with. Each method builds one statement text, so that running and scripting cannot differ. */
export class SchemaContext implements MigrationContext {
  readonly trx: Transaction;
  readonly now: Instant;
  readonly allowDataLoss: boolean;
  readonly #sink: Sink;

  constructor(trx: Transaction, sink: Sink, { now, allowDataLoss }: ContextOptions) {
    this.trx = trx;
    this.now = now;
    this.allowDataLoss = allowDataLoss;
    this.#sink = sink;
  }

  async createTable(name: string, columns: Columns, primaryKey: readonly string[]): Promise<void> {
    await this.#sink.run(createTable(this.trx.dialect, this.#place(name), columns, primaryKey));
    this.#sink.created(name, columns);
  }

  async addColumns(name: string, columns: Columns, defaults: Readonly<Record<string, unknown>>): Promise<void> {
    for (const statement of addColumns(this.trx.dialect, this.#place(name), columns, defaults))
      await this.#sink.run(statement);
    this.#sink.created(name, columns);
  }

  async createIndex(table: string, columns: readonly string[], options: IndexOptions): Promise<void> {
    const known = await this.#sink.columns(table);
    const keys = columns.map((name) => {
      const column = known[name];
      if (column === undefined)
        throw databaseErrors.MIGRATION_INVALID({ reason: `index ${options.name}: ${table} has no column ${name}` });
      // Two nulls are equal in a unique index of SQL Server and different in one of SQLite.
      if (options.unique === true && column.nullable)
        throw databaseErrors.MIGRATION_INVALID({
          reason: `unique index ${options.name}: ${table}.${name} may be null`,
        });
      return column;
    });
    checkKey(table, keys, 1700);
    await this.#sink.run(createIndex(this.trx.dialect, this.#place(table), columns, options));
  }

  async dropIndex(table: string, name: string): Promise<void> {
    await this.#sink.run(dropIndex(this.trx.dialect, this.#place(table), name));
  }

  async dropTable(name: string): Promise<void> {
    if (!this.allowDataLoss) {
      const found: unknown = await this.trx.from({ name }).first(this.trx.sql.raw('1 as found'));
      if (found !== undefined) throw databaseErrors.MIGRATION_LOSES_DATA({ place: name });
    }
    await this.#sink.run(dropTable(this.trx.dialect, this.#place(name)));
  }

  #place(name: string): TablePlace {
    return { name, full: this.trx.name({ name }) };
  }
}
