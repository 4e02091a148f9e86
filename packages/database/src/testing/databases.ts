import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type DatabaseConnection, isKnownError } from '@itsm-m365/plugin-api';
import { createDatabase, type OpenDatabase, openDatabase, parseConnectionUrl } from '../index.ts';
import { type TestClock, testClock } from './clock.ts';

export interface TestDatabase {
  readonly db: OpenDatabase;
  readonly connection: DatabaseConnection;
  readonly clock: TestClock;
  /** Closes the connections and removes the database. */
  close(): Promise<void>;
}

export interface TestEngine {
  readonly name: 'SQLite' | 'SQL Server';
  /** True where no server is configured: report the suite as skipped, do not leave it out. */
  readonly skipped: boolean;
  /** A fresh, empty database. */
  open(): Promise<TestDatabase>;
}

const openSqliteFile = async (): Promise<TestDatabase> => {
  const folder = mkdtempSync(join(tmpdir(), 'itsm-m365-'));
  const connection: DatabaseConnection = { dialect: 'sqlite', file: join(folder, 'test.db') };
  const clock = testClock();
  const db = await openDatabase(connection, { clock });
  const close = async (): Promise<void> => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { db, connection, clock, close };
};

type MssqlConnection = Extract<DatabaseConnection, { dialect: 'mssql' }>;

/** Two databases made at one moment get into each other's way on some servers, and suites run side by side. */
const createPatiently = async (connection: MssqlConnection): Promise<void> => {
  const collation = process.env.TEST_MSSQL_COLLATION || undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await createDatabase(connection, collation === undefined ? {} : { collation });
      return;
    } catch (error) {
      if (attempt === 5 || !isKnownError(error, 'DATABASE_FAILED', 'DATABASE_BUSY')) throw error;
      await setTimeout(100 * attempt);
    }
  }
};

/**
 * A fresh database on the server that `TEST_MSSQL_URL` names, of the collation that `TEST_MSSQL_COLLATION` names. Whoever
 * makes it drops it.
 */
export const createTestDatabase = async (
  url: string,
  more: Pick<MssqlConnection, 'schema'> = {},
): Promise<MssqlConnection> => {
  const server = parseConnectionUrl(url);
  if (server.dialect !== 'mssql') throw new Error('TEST_MSSQL_URL names no SQL Server');
  const connection = { ...server, ...more, database: `test_${randomUUID().replaceAll('-', '')}` };
  await createPatiently(connection);
  return connection;
};

/** Drops a database and the connections to it. @throws DATABASE_MISUSED for one that no test made. */
export const dropTestDatabase = async (connection: MssqlConnection): Promise<void> => {
  const { dropTestDatabase: drop } = await import('../mssql/admin.ts');
  await drop(connection);
};

const openOnServer = async (url: string): Promise<TestDatabase> => {
  const connection = await createTestDatabase(url);
  const clock = testClock();
  const db = await openDatabase(connection, { clock }).catch(async (error: unknown) => {
    await dropTestDatabase(connection);
    throw error;
  });
  const close = async (): Promise<void> => {
    await db.close();
    await dropTestDatabase(connection);
  };
  return { db, connection, clock, close };
};

/**
 * The engines of a suite: SQLite always, SQL Server where `TEST_MSSQL_URL` names one. `TEST_MSSQL_COLLATION` is the
 * collation of its databases, without it the server's own.
 *
 * @example
 * for (const engine of eachDatabase())
 *   describe.skipIf(engine.skipped)(`the store on ${engine.name}`, () => {
 *     let test: TestDatabase;
 *     beforeAll(async () => { test = await engine.open(); });
 *     afterAll(() => test.close());
 *   });
 */
export const eachDatabase = (): readonly TestEngine[] => {
  const url = process.env.TEST_MSSQL_URL;
  const missing = (): Promise<TestDatabase> => Promise.reject(new Error('TEST_MSSQL_URL is not set'));
  return [
    { name: 'SQLite', skipped: false, open: openSqliteFile },
    { name: 'SQL Server', skipped: url === undefined, open: url === undefined ? missing : () => openOnServer(url) },
  ];
};
