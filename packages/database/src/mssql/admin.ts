import mssql from 'mssql';
import { databaseErrors } from '../errors.ts';
import type { SnapshotOptions } from './advice.ts';
import { placeOf, wayTo } from './client.ts';
import { type MssqlConnection, settingsOf } from './engine.ts';
import { translateMssql } from './errors.ts';

/** What the connection check found out. */
export interface ServerFacts {
  readonly product: string;
  readonly version: string;
  readonly database: string;
  /** How the database compares and sorts words, `German_PhoneBook_CI_AS` for one. SQLite has none. */
  readonly collation?: string;
  readonly snapshot: SnapshotOptions;
  /** Whether the login may create tables, which migrations need; a script is the other way. */
  readonly createsTables: boolean;
}

/*
 * The one place that uses `mssql` and not knex: a look before anything is set up, on one connection that is closed at
 * once, and CREATE DATABASE, which no transaction may hold.
 */
const withPool = async <T>(
  connection: MssqlConnection,
  database: string,
  work: (pool: mssql.ConnectionPool) => Promise<T>,
): Promise<T> => {
  const settings = settingsOf(connection);
  const pool = new mssql.ConnectionPool({
    server: settings.server,
    port: settings.port,
    database,
    user: settings.user,
    password: settings.password,
    requestTimeout: settings.requestTimeoutMs,
    pool: { max: 1, min: 0 },
    options: wayTo(settings),
  });
  // Without a listener a connection that breaks later would end the process.
  pool.on('error', () => undefined);
  try {
    await pool.connect();
    return await work(pool);
  } catch (error) {
    throw translateMssql(error, placeOf({ ...settings, database }));
  } finally {
    await pool.close().catch(() => undefined);
  }
};

interface FactsRow {
  readonly product?: string | null;
  readonly version?: string | null;
  readonly snapshot_state: number | null;
  readonly rcsi: boolean | number | null;
  readonly collation?: string | null;
  readonly creates_tables?: number | null;
}

const snapshotOf = (row: FactsRow | undefined): SnapshotOptions => ({
  snapshot: Number(row?.snapshot_state) === 1,
  readCommitted: Number(row?.rcsi) === 1,
});

/** @throws DATABASE_UNREACHABLE, DATABASE_LOGIN_FAILED, DATABASE_MISSING, DATABASE_TIMEOUT */
export const checkMssql = (connection: MssqlConnection): Promise<ServerFacts> =>
  withPool(connection, connection.database, async (pool) => {
    const { recordset } = await pool.request().query<FactsRow>(
      `select cast(serverproperty('Edition') as nvarchar(200)) as product,
         cast(serverproperty('ProductVersion') as nvarchar(200)) as version,
         cast(databasepropertyex(db_name(), 'Collation') as nvarchar(128)) as collation,
         d.snapshot_isolation_state as snapshot_state, d.is_read_committed_snapshot_on as rcsi,
         has_perms_by_name(db_name(), 'DATABASE', 'CREATE TABLE') as creates_tables
       from sys.databases d where d.name = db_name()`,
    );
    const row = recordset[0];
    return {
      product: row?.product ?? 'SQL Server',
      version: row?.version ?? '',
      database: connection.database,
      ...(typeof row?.collation === 'string' ? { collation: row.collation } : {}),
      snapshot: snapshotOf(row),
      createsTables: Number(row?.creates_tables) === 1,
    };
  });

const bracket = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

const exists = async (pool: mssql.ConnectionPool, database: string): Promise<boolean> => {
  const { recordset } = await pool.request().input('name', database).query('select db_id(@name) as id');
  return recordset[0]?.id !== null;
};

const createSchema = (connection: MssqlConnection, schema: string): Promise<void> =>
  withPool(connection, connection.database, async (pool) => {
    const { recordset } = await pool.request().input('name', schema).query('select schema_id(@name) as id');
    if (recordset[0]?.id === null) await pool.request().batch(`create schema ${bracket(schema)}`);
  });

/** Sets the options that `advice` would ask for. The owner of a fresh database may; where not, the advice remains. */
const setSnapshotOptions = async (pool: mssql.ConnectionPool, name: string): Promise<void> => {
  const { recordset } = await pool
    .request()
    .input('name', name)
    .query<FactsRow>(
      `select d.snapshot_isolation_state as snapshot_state, d.is_read_committed_snapshot_on as rcsi
     from sys.databases d where d.name = @name`,
    );
  const options = snapshotOf(recordset[0]);
  const set = (option: string) => pool.request().batch(`alter database ${bracket(name)} set ${option}`);
  try {
    if (!options.snapshot) await set('allow_snapshot_isolation on');
    if (!options.readCommitted) await set('read_committed_snapshot on with rollback immediate');
  } catch {
    // Said by `advice` when the database is opened.
  }
};

/** What a database is made with. */
export interface CreateOptions {
  /** The collation of a database that is made on SQL Server; without it the server's own. One that exists keeps its own. */
  readonly collation?: string;
}

/** A collation is a word of T-SQL and can be no parameter. */
const collateClause = (collation: string | undefined): string => {
  if (collation === undefined) return '';
  if (!/^[a-z]\w{0,127}$/i.test(collation))
    throw databaseErrors.DATABASE_MISUSED({ reason: `${JSON.stringify(collation)} is not the name of a collation` });
  return ` collate ${collation}`;
};

/**
 * Creates the database with its snapshot options and its schema, each where it is missing. Running it twice changes
 * nothing; of two at once, the second finds what the first made.
 *
 * @throws DATABASE_RIGHT_MISSING, DATABASE_UNREACHABLE, DATABASE_LOGIN_FAILED
 * @throws DATABASE_MISUSED where the collation is no word; DATABASE_FAILED where the server knows none of that name
 */
export const createMssql = async (connection: MssqlConnection, { collation }: CreateOptions = {}): Promise<void> => {
  const collate = collateClause(collation);
  await withPool(connection, 'master', async (pool) => {
    if (await exists(pool, connection.database)) return;
    try {
      await pool.request().batch(`create database ${bracket(connection.database)}${collate}`);
    } catch (error) {
      if (await exists(pool, connection.database)) return;
      throw error;
    }
    await setSnapshotOptions(pool, connection.database);
  });
  const schema = connection.schema ?? 'dbo';
  if (schema !== 'dbo') await createSchema(connection, schema);
};

/** Drops a database and the connections to it. For tests. @throws DATABASE_MISUSED for one that no test made. */
export const dropTestDatabase = (connection: MssqlConnection): Promise<void> => {
  if (!connection.database.startsWith('test_'))
    throw databaseErrors.DATABASE_MISUSED({ reason: `${connection.database} is not a test database` });
  return withPool(connection, 'master', async (pool) => {
    await pool
      .request()
      .batch(`alter database ${bracket(connection.database)} set single_user with rollback immediate`)
      .catch(() => undefined);
    await pool.request().batch(`drop database ${bracket(connection.database)}`);
  });
};
