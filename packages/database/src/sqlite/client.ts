/// <reference path="../knex-dialects.d.ts" />
import Sqlite from 'better-sqlite3';
import BetterSqliteDialect, { type SqliteQuery } from 'knex/lib/dialects/better-sqlite3/index.js';
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js';
import { guardRunner, refuseSavepoint } from '../lane.ts';
import { translateSqlite } from './errors.ts';
import { WriterThread } from './writer-thread.ts';

export interface SqliteSettings {
  readonly filename: string;
  readonly role: 'writer' | 'reader';
}

/** What a client of ours holds. */
export type SqliteConnection = Sqlite.Database | WriterThread;

const isOpen = (connection: SqliteConnection): boolean =>
  connection instanceof WriterThread ? connection.alive : connection.open;

/**
 * Begins so that a failure to begin is one: knex's own way goes on after it, and the first statement would fail instead,
 * for a reason that is not the true one.
 */
class OwnTransaction extends SqliteTransaction {
  override begin(connection: unknown): Promise<unknown> {
    const { role } = this.client.connectionSettings as SqliteSettings;
    // A writer takes the write lock at once: one that reads first and writes later could fail with SQLITE_BUSY.
    return this.trxClient.query(connection, role === 'writer' ? 'BEGIN IMMEDIATE;' : 'BEGIN;');
  }
}

/** Milliseconds that a statement waits for a lock of another connection. */
const timeout = 5000;

const shared = ['synchronous = NORMAL', 'foreign_keys = ON', 'temp_store = MEMORY'] as const;
// WAL is a property of the file and set by the writer, which opens first.
const writing = ['journal_mode = WAL', ...shared, 'cache_size = -32000'] as const;
// The operating system keeps the file at hand too; only a writer has pages that are nowhere else.
const reading = [...shared, 'cache_size = -8000'] as const;

const openHere = ({ filename }: SqliteSettings): Sqlite.Database => {
  const memory = filename === ':memory:';
  const raw = new Sqlite(filename, { readonly: !memory, timeout });
  try {
    for (const pragma of reading) raw.pragma(pragma);
  } catch (error) {
    raw.close();
    throw error;
  }
  return raw;
};

/**
 * knex's better-sqlite3 client, with our settings of the file, errors that are ours, and one statement at a time. Its
 * connection is on the event loop's own thread: for the reader, whose queries are short, and a database in memory.
 */
export class SqliteClient extends BetterSqliteDialect {
  override async acquireRawConnection(): Promise<unknown> {
    return openHere(this.connectionSettings as SqliteSettings);
  }

  override runner(builder: unknown) {
    return guardRunner(this, super.runner(builder), translateSqlite);
  }

  override transaction(container: unknown, config: unknown, outer: unknown) {
    refuseSavepoint(outer);
    return new OwnTransaction(this, container, config, outer) as unknown as ReturnType<
      BetterSqliteDialect['transaction']
    >;
  }

  async runText(connection: SqliteConnection, sql: string): Promise<void> {
    if (connection instanceof WriterThread) await connection.script(sql);
    else connection.exec(sql);
  }

  translate(error: unknown): Error {
    return translateSqlite(error);
  }

  override async releaseConnection(connection: SqliteConnection) {
    // After a failed commit (disk full) SQLite keeps the transaction open; the next one would find itself inside it.
    if (isOpen(connection) && connection.inTransaction) await this.runText(connection, 'ROLLBACK');
    return super.releaseConnection(connection);
  }
}

/** The same, with the connection in a thread of its own. */
export class SqliteWriterClient extends SqliteClient {
  override acquireRawConnection(): Promise<WriterThread> {
    const { filename } = this.connectionSettings as SqliteSettings;
    return WriterThread.open({ filename, timeout, pragmas: writing });
  }

  override async validateConnection(connection: WriterThread): Promise<boolean> {
    return connection.alive;
  }

  override async _query(connection: WriterThread, query: SqliteQuery): Promise<object> {
    query.response = await connection.query(query.sql, this._formatBindings(query.bindings));
    const { changes, lastInsertRowid } = query.response as Partial<Sqlite.RunResult>;
    query.context = { changes, lastID: lastInsertRowid };
    return query;
  }
}
