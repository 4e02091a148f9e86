import {
  type Capabilities,
  type Clock,
  type Database,
  type DialectName,
  isKnownError,
  type Logger,
  type Notice,
  type Randomness,
  type Table,
  type Transaction,
  type TransactionOptions,
} from '@itsm-m365/plugin-api';
import type { Knex } from 'knex';
import type { Access, Engine, Opened } from './engine.ts';
import { databaseErrors } from './errors.ts';
import { attachLane, type Lane } from './lane.ts';
import { Nesting } from './nesting.ts';
import { retry } from './retry.ts';
import { EngineTransaction } from './transaction.ts';

export interface OpenOptions {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** For the jitter between tries. Absent: the machine's. */
  readonly random?: Pick<Randomness, 'fraction'>;
}

/** What `openDatabase` gives. */
export interface OpenDatabase extends Database {
  /** What an administrator should change on the server, with the exact T-SQL. Empty where all is well. */
  readonly advice: readonly Notice[];
}

/** Options of our own transactions. A migration that builds an index over millions of rows outlasts a request's time. */
export interface LongTransactionOptions extends TransactionOptions {
  readonly requestTimeoutMs?: number;
}

const rollBack = async (sql: Knex.Transaction): Promise<void> => {
  // Whatever fails here, the connection is checked when it is given back (see the clients' `releaseConnection`).
  await Promise.resolve(sql.rollback()).catch(() => undefined);
  await sql.executionPromise.catch(() => undefined);
};

const commit = async (engine: Engine, sql: Knex.Transaction): Promise<void> => {
  try {
    await sql.commit();
    await sql.executionPromise;
  } catch (error) {
    const known = engine.translate(error);
    // Trying again could do the work twice; whoever started it has to look first.
    throw isKnownError(known, 'DATABASE_UNREACHABLE', 'DATABASE_TIMEOUT')
      ? databaseErrors.DATABASE_COMMIT_UNKNOWN({}, { cause: known })
      : known;
  }
};

type Work<T> = (trx: Transaction, lane: Lane) => Promise<T>;

export class ConnectedDatabase implements OpenDatabase {
  readonly dialect: DialectName;
  readonly capabilities: Capabilities;
  readonly advice: readonly Notice[];
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #random: Pick<Randomness, 'fraction'>;
  readonly #logger: Logger | undefined;
  readonly #nesting: Nesting;
  #closed: Promise<void> | undefined;

  constructor(engine: Engine, options: Required<Omit<OpenOptions, 'logger'>> & Pick<OpenOptions, 'logger'>) {
    this.dialect = engine.dialect;
    this.capabilities = engine.capabilities;
    this.advice = engine.advice;
    this.#engine = engine;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#logger = options.logger;
    this.#nesting = new Nesting(engine.oneConnection);
  }

  name(table: Pick<Table, 'name'>): string {
    return this.#engine.name(table);
  }

  read<T>(work: (trx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.#run('read', work, options);
  }

  write<T>(work: (trx: Transaction) => Promise<T>, options: LongTransactionOptions = {}): Promise<T> {
    return this.#run('write', work, options);
  }

  load<Row extends object>(
    table: Table<Row>,
    rows: Iterable<Row>,
    options: LongTransactionOptions = {},
  ): Promise<number> {
    // An array can be read again from its start; another source may be used up.
    const again = Array.isArray(rows) ? {} : { retries: 0 };
    return this.#run('load', (trx, lane) => this.#engine.bulk(trx, lane, table, rows), { ...options, ...again });
  }

  close(): Promise<void> {
    this.#closed ??= this.#engine.close();
    return this.#closed;
  }

  async #run<T>(access: Access, work: Work<T>, options: LongTransactionOptions): Promise<T> {
    if (this.#closed !== undefined) throw databaseErrors.DATABASE_MISUSED({ reason: 'it is closed' });
    this.#nesting.check(access);
    const { signal, retries = 3, requestTimeoutMs } = options;
    return retry(
      async (failed) => {
        const lane: Lane = { busy: undefined, failure: undefined, signal, requestTimeoutMs };
        try {
          return await this.#attempt(access, work, lane);
        } catch (error) {
          const reason = lane.failure ?? error;
          this.#logger?.debug({ access, code: isKnownError(reason) ? reason.code : 'other' }, 'Rolled back');
          failed({ error, reason });
          throw error;
        }
      },
      { retries, clock: this.#clock, random: this.#random, signal },
    );
  }

  async #attempt<T>(access: Access, work: Work<T>, lane: Lane): Promise<T> {
    const opened = await this.#engine.begin(access, lane.signal);
    const sql = opened.trx;
    try {
      attachLane(sql.client, lane);
      const result = await this.#work(access, work, opened, lane);
      if (access === 'read') await rollBack(sql);
      else await commit(this.#engine, sql);
      return result;
    } finally {
      opened.leave();
    }
  }

  async #work<T>(access: Access, work: Work<T>, { trx: sql, settle }: Opened, lane: Lane): Promise<T> {
    try {
      const result = await this.#nesting.run(access, () => work(new EngineTransaction(this.#engine, sql, lane), lane));
      // A statement that was not awaited is still under way.
      if (lane.busy !== undefined) lane.failure ??= databaseErrors.DATABASE_STATEMENTS_OVERLAP();
      // The failure of a statement cannot be caught and forgotten: its transaction is lost.
      if (lane.failure !== undefined) throw lane.failure;
      settle();
      lane.signal?.throwIfAborted();
      return result;
    } catch (error) {
      await lane.busy;
      settle();
      await rollBack(sql);
      throw error;
    }
  }
}
