import type { Capabilities, DatabaseConnection, Notice, Table, Transaction } from '@itsm-m365/plugin-api';
import knex, { type Knex } from 'knex';
import type { Access, Engine, Opened } from '../engine.ts';
import { quiet } from '../knex-log.ts';
import type { Lane } from '../lane.ts';
import type { ColumnCodec } from '../rows.ts';
import { adviceOn, type SnapshotOptions } from './advice.ts';
import { boundTo } from './bindings.ts';
import { MssqlClient, type MssqlSettings, placeOf, type TediousConnection } from './client.ts';
import { translateMssql } from './errors.ts';
import { bulkLoad, insertRows } from './insert.ts';

export type MssqlConnection = Extract<DatabaseConnection, { dialect: 'mssql' }>;

export const settingsOf = (connection: MssqlConnection): MssqlSettings => ({
  server: connection.server,
  port: connection.port ?? 1433,
  database: connection.database,
  user: connection.user,
  password: connection.password,
  // knex's default is false.
  encrypt: connection.encrypt ?? true,
  trustServerCertificate: connection.trustServerCertificate ?? false,
  // knex's is 15 s, less than an import's set-based statements take on a large tenant.
  requestTimeoutMs: connection.requestTimeoutMs ?? 120_000,
});

const build = (connection: MssqlConnection): Knex =>
  knex({
    client: MssqlClient,
    connection: settingsOf(connection),
    compileSqlOnError: false,
    acquireConnectionTimeout: 30_000,
    pool: { min: 0, max: connection.poolSize ?? 10 },
    log: quiet,
  });

const readSnapshotOptions = async (pool: Knex): Promise<SnapshotOptions> => {
  const rows: { snapshot_state: number; rcsi: boolean | number }[] = await pool.raw(
    `select d.snapshot_isolation_state as snapshot_state, d.is_read_committed_snapshot_on as rcsi
     from sys.databases d where d.name = db_name()`,
  );
  const [row] = rows;
  return { snapshot: Number(row?.snapshot_state) === 1, readCommitted: Number(row?.rcsi) === 1 };
};

class MssqlEngine implements Engine {
  readonly dialect = 'mssql';
  readonly oneConnection = false;
  readonly capabilities: Capabilities;
  readonly advice: readonly Notice[];
  readonly #pool: Knex;
  readonly #schema: string;
  readonly #place: string;

  constructor(pool: Knex, connection: MssqlConnection, options: SnapshotOptions) {
    this.#pool = pool;
    this.#schema = connection.schema ?? 'dbo';
    this.#place = placeOf(settingsOf(connection));
    this.advice = adviceOn(connection.database, options);
    this.capabilities = {
      // A VALUES list takes 1,000 rows.
      maxRowsPerInsert: 1000,
      // A request takes 2,100 parameters, a few of which the protocol needs.
      maxParameters: 2000,
      manyWriters: true,
      blocksEventLoop: false,
      snapshotReads: options.snapshot,
    };
  }

  name(table: Pick<Table, 'name'>): string {
    return `${this.#schema}.${table.name}`;
  }

  translate(error: unknown) {
    return translateMssql(error, this.#place);
  }

  async begin(access: Access, signal: AbortSignal | undefined): Promise<Opened> {
    const isolationLevel = access === 'read' && this.capabilities.snapshotReads ? 'snapshot' : 'read committed';
    try {
      const trx = await this.#pool.transaction({ isolationLevel });
      const connection: TediousConnection = await trx.client.acquireConnection();
      const cancel = (): void => void connection.cancel();
      signal?.addEventListener('abort', cancel);
      return { trx, settle: () => signal?.removeEventListener('abort', cancel), leave: () => undefined };
    } catch (error) {
      throw this.translate(error);
    }
  }

  bind(codec: ColumnCodec, value: unknown): Knex.RawBinding {
    return boundTo(codec.column, codec.encode(value)) as unknown as Knex.RawBinding;
  }

  bulk<Row extends object>(trx: Transaction, lane: Lane, table: Table<Row>, rows: Iterable<Row>): Promise<number> {
    return bulkLoad(trx, lane, table, rows);
  }

  insert<Row extends object>(trx: Transaction, lane: Lane, table: Table<Row>, rows: readonly Row[]): Promise<void> {
    return insertRows(trx, lane, table, rows);
  }

  /** `@@rowcount` and not the driver's count, which adds what triggers did. */
  async execute(sql: Knex.Transaction, statement: string, bindings: readonly Knex.RawBinding[]): Promise<number> {
    const rows: { changed?: number }[] = await sql.raw(`${statement}\n;select @@rowcount as changed`, bindings);
    return Number(rows.at(-1)?.changed ?? 0);
  }

  rowsOf(answer: unknown): readonly object[] {
    return Array.isArray(answer) ? answer : [];
  }

  async breathe(): Promise<void> {
    // The server works while this process waits; there is nothing to make room for.
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/**
 * Opens a pool on a SQL Server database and reads its snapshot options.
 *
 * @throws DATABASE_UNREACHABLE, DATABASE_LOGIN_FAILED, DATABASE_MISSING, DATABASE_TIMEOUT
 */
export const openMssql = async (connection: MssqlConnection): Promise<Engine> => {
  const pool = build(connection);
  try {
    return new MssqlEngine(pool, connection, await readSnapshotOptions(pool));
  } catch (error) {
    await pool.destroy();
    throw translateMssql(error, placeOf(settingsOf(connection)));
  }
};
