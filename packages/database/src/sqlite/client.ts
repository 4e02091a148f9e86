/// <reference path="../knex-dialects.d.ts" />
import Sqlite from 'better-sqlite3';
import BetterSqliteDialect from 'knex/lib/dialects/better-sqlite3/index.js';
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js';
import { guardRunner, refuseSavepoint } from '../lane.ts';
import { translateSqlite } from './errors.ts';

export interface SqliteSettings {
  readonly filename: string;
  readonly role: 'writer' | 'reader';
}

/** A transaction that takes the write lock at once: one that reads first and writes later could fail with SQLITE_BUSY. */
class WriterTransaction extends SqliteTransaction {
  override begin(connection: unknown): Promise<unknown> {
    return this.query(connection, 'BEGIN IMMEDIATE;');
  }
}

export const openSqliteFile = ({ filename, role }: SqliteSettings): Sqlite.Database => {
  const memory = filename === ':memory:';
  const raw = new Sqlite(filename, { readonly: role === 'reader' && !memory, timeout: 5000 });
  try {
    // WAL is a property of the file and set by the writer, which opens first.
    if (role === 'writer' && !memory) raw.pragma('journal_mode = WAL');
    raw.pragma('synchronous = NORMAL');
    raw.pragma('foreign_keys = ON');
    raw.pragma('cache_size = -32000');
    raw.pragma('temp_store = MEMORY');
  } catch (error) {
    raw.close();
    throw error;
  }
  return raw;
};

/** knex's better-sqlite3 client, with our settings of the file, errors that are ours, and one statement at a time. */
export class SqliteClient extends BetterSqliteDialect {
  override async acquireRawConnection(): Promise<Sqlite.Database> {
    return openSqliteFile(this.connectionSettings as SqliteSettings);
  }

  override runner(builder: unknown) {
    return guardRunner(this, super.runner(builder), translateSqlite);
  }

  override transaction(container: unknown, config: unknown, outer: unknown) {
    refuseSavepoint(outer);
    const writer = (this.connectionSettings as SqliteSettings).role === 'writer';
    return writer
      ? (new WriterTransaction(this, container, config, outer) as unknown as ReturnType<
          BetterSqliteDialect['transaction']
        >)
      : super.transaction(container, config, outer);
  }

  async runText(connection: Sqlite.Database, sql: string): Promise<void> {
    connection.exec(sql);
  }

  translate(error: unknown): Error {
    return translateSqlite(error);
  }

  override releaseConnection(connection: Sqlite.Database) {
    // After a failed commit (disk full) SQLite keeps the transaction open; the next one would find itself inside it.
    if (connection.open && connection.inTransaction) connection.exec('ROLLBACK');
    return super.releaseConnection(connection);
  }
}
