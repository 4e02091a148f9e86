import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Capabilities, Table, Transaction } from '@itsm-m365/plugin-api';
import type Sqlite from 'better-sqlite3';
import knex, { type Knex } from 'knex';
import type { Access, Engine, Opened } from '../engine.ts';
import { quiet } from '../knex-log.ts';
import type { Lane } from '../lane.ts';
import { Queue } from '../queue.ts';
import type { ColumnCodec } from '../rows.ts';
import { SqliteClient, type SqliteSettings, SqliteWriterClient } from './client.ts';
import { translateSqlite } from './errors.ts';
import { insertRows } from './insert.ts';
import { ownFile } from './ownership.ts';

const capabilities: Capabilities = {
  // knex writes a multi-row insert as UNION ALL SELECT, and SQLite allows 500 terms of a compound select.
  maxRowsPerInsert: 500,
  // SQLITE_MAX_VARIABLE_NUMBER is 32,766.
  maxParameters: 32_000,
  // One process owns the file; see `ownership.ts`.
  manyWriters: false,
  // Reads run on the event loop's own thread; writes do so in memory only.
  blocksEventLoop: true,
  // WAL: a reader sees the state of its start. In memory there is one connection, and reads wait for their turn.
  snapshotReads: true,
};

const build = (connection: SqliteSettings): Knex =>
  knex({
    client: connection.role === 'writer' && connection.filename !== ':memory:' ? SqliteWriterClient : SqliteClient,
    connection,
    useNullAsDefault: true,
    compileSqlOnError: false,
    log: quiet,
    // The one connection is never given up, and turns are taken in `Queue`, without a limit of time.
    pool: { min: 1, max: 1, idleTimeoutMillis: 2 ** 31 - 1 },
  });

/**
 * A failed statement loses its transaction (`lane.ts`), so SQLite need not be able to undo it alone. To do so it copies
 * each page before it changes it: a third of the time of an insert into a table with an index in another order.
 */
const withoutUndo = (statement: string): string =>
  statement.replace(/^\s*(insert|update)(?=\s)(?!\s+or\s)/i, '$1 or fail');

interface Place {
  readonly knex: Knex;
  readonly queue: Queue;
}

class SqliteEngine implements Engine {
  readonly dialect = 'sqlite';
  readonly capabilities = capabilities;
  readonly advice = [];
  readonly oneConnection: boolean;
  readonly #writer: Place;
  readonly #reader: Place;
  readonly #release: () => void;

  constructor(file: string, release: () => void) {
    this.oneConnection = file === ':memory:';
    this.#writer = { knex: build({ filename: file, role: 'writer' }), queue: new Queue() };
    this.#reader = this.oneConnection
      ? this.#writer
      : { knex: build({ filename: file, role: 'reader' }), queue: new Queue() };
    this.#release = release;
  }

  /** Opens the writer's connection, which creates the file; the reader's may not write and could not. */
  async start(): Promise<void> {
    await this.#writer.knex.raw('select count(*) as tables from sqlite_master');
  }

  name(table: Pick<Table, 'name'>): string {
    return table.name;
  }

  translate(error: unknown) {
    return translateSqlite(error);
  }

  async begin(access: Access, signal: AbortSignal | undefined): Promise<Opened> {
    const { knex: place, queue } = access === 'read' ? this.#reader : this.#writer;
    const leave = await queue.enter(signal);
    try {
      return { trx: await place.transaction(), settle: () => undefined, leave };
    } catch (error) {
      leave();
      throw translateSqlite(error);
    }
  }

  bind(codec: ColumnCodec, value: unknown): Knex.RawBinding {
    return codec.encode(value);
  }

  async bulk<Row extends object>(
    trx: Transaction,
    lane: Lane,
    table: Table<Row>,
    rows: Iterable<Row>,
  ): Promise<number> {
    // Many loads in a row append and read nothing again: the last one's pages would fill the cache, 32 MB, for nobody.
    await trx.execute('pragma shrink_memory');
    return insertRows(trx, lane, table, rows);
  }

  async insert<Row extends object>(
    trx: Transaction,
    lane: Lane,
    table: Table<Row>,
    rows: readonly Row[],
  ): Promise<void> {
    await insertRows(trx, lane, table, rows);
  }

  async execute(sql: Knex.Transaction, statement: string, bindings: readonly Knex.RawBinding[]): Promise<number> {
    const answer: unknown = await sql.raw(withoutUndo(statement), bindings);
    if (Array.isArray(answer)) return answer.length;
    return (answer as Sqlite.RunResult).changes;
  }

  rowsOf(answer: unknown): readonly object[] {
    return Array.isArray(answer) ? answer : [];
  }

  breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    // Runs after every transaction that was queued before.
    for (const { knex: place, queue } of new Set([this.#reader, this.#writer])) {
      await queue.enter();
      await place.destroy();
    }
    this.#release();
  }
}

/**
 * Opens a SQLite file, which is created where it is missing, or a database in memory.
 *
 * @throws DATABASE_LOCKED_BY_OTHER_PROCESS, DATABASE_RIGHT_MISSING, DATABASE_READ_ONLY, DATABASE_DAMAGED
 */
export const openSqlite = async (file: string): Promise<Engine> => {
  let release = (): void => undefined;
  if (file !== ':memory:') {
    try {
      mkdirSync(dirname(resolve(file)), { recursive: true });
    } catch (error) {
      throw translateSqlite(error);
    }
    const ownership = ownFile(file);
    release = () => ownership.release();
  }
  const engine = new SqliteEngine(file, release);
  try {
    await engine.start();
    return engine;
  } catch (error) {
    await engine.close();
    throw translateSqlite(error);
  }
};
