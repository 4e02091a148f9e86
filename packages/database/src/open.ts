import { randomInt } from 'node:crypto';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { ConnectedDatabase, type OpenDatabase, type OpenOptions } from './database.ts';
import type { Engine } from './engine.ts';
import { openSqlite } from './sqlite/engine.ts';

const machine = { fraction: () => randomInt(2 ** 32) / 2 ** 32 };

const openEngine = async (connection: DatabaseConnection): Promise<Engine> => {
  if (connection.dialect === 'sqlite') return openSqlite(connection.file);
  // Loaded when needed: tedious takes 0.2 s, which the embedded default should not pay.
  const { openMssql } = await import('./mssql/engine.ts');
  return openMssql(connection);
};

/**
 * Opens the product's own connections. Nothing is retried here: a database that cannot be reached is reported at once,
 * after at most 15 s. `close` waits for the transactions under way and refuses later ones.
 *
 * @throws DATABASE_UNREACHABLE, DATABASE_LOGIN_FAILED, DATABASE_MISSING, DATABASE_LOCKED_BY_OTHER_PROCESS,
 * DATABASE_RIGHT_MISSING, DATABASE_DAMAGED
 */
export const openDatabase = async (connection: DatabaseConnection, options: OpenOptions): Promise<OpenDatabase> =>
  new ConnectedDatabase(await openEngine(connection), { random: machine, ...options });
