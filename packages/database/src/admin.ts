import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import type { CreateOptions, ServerFacts } from './mssql/admin.ts';
import { checkSqlite } from './sqlite/admin.ts';

/**
 * Looks whether a connection works, for a "Test" button: connects, asks the server what it is, and closes. SQLite
 * creates a file that is missing. Nothing is retried; at most 15 s for connecting.
 *
 * @throws DATABASE_UNREACHABLE, DATABASE_LOGIN_FAILED, DATABASE_MISSING, DATABASE_LOCKED_BY_OTHER_PROCESS, …
 */
export const checkConnection = async (connection: DatabaseConnection): Promise<ServerFacts> => {
  if (connection.dialect === 'sqlite') return checkSqlite(connection.file);
  const { checkMssql } = await import('./mssql/admin.ts');
  return checkMssql(connection);
};

/**
 * Creates the database, its options and its schema, each where it is missing; a SQLite file likewise. Harmless when it
 * runs twice or in two processes.
 *
 * @throws DATABASE_RIGHT_MISSING, DATABASE_UNREACHABLE, DATABASE_LOGIN_FAILED
 * @throws DATABASE_MISUSED, DATABASE_FAILED for a collation that is no word, or that the server does not know
 */
export const createDatabase = async (connection: DatabaseConnection, options: CreateOptions = {}): Promise<void> => {
  if (connection.dialect === 'sqlite') {
    await checkSqlite(connection.file);
    return;
  }
  const { createMssql } = await import('./mssql/admin.ts');
  await createMssql(connection, options);
};
