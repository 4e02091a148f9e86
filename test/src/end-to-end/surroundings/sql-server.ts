import { randomUUID } from 'node:crypto';
import { createTestDatabase, dropTestDatabase } from '@itsm-m365/database/testing';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import mssql from 'mssql';

type Mssql = Extract<DatabaseConnection, { dialect: 'mssql' }>;

export interface ServerDatabase {
  /** The login that may do everything, in a schema that is not `dbo`. */
  readonly owner: Mssql;
  /** A login that may read and change rows of that schema, and nothing else. */
  readonly runner: Mssql;
  query<T>(sql: string): Promise<readonly T[]>;
  drop(): Promise<void>;
}

const poolOf = async (connection: Mssql, database: string): Promise<mssql.ConnectionPool> => {
  const { server, port, user, password, encrypt, trustServerCertificate } = connection;
  const pool = new mssql.ConnectionPool({
    server,
    database,
    user,
    password,
    ...(port === undefined ? {} : { port }),
    options: { encrypt: encrypt ?? true, trustServerCertificate: trustServerCertificate ?? false },
    pool: { max: 1, min: 0 },
  });
  return pool.connect();
};

const schema = 'licensing';

/** A database of this test's own, with a schema and a second login. */
export const openServerDatabase = async (url: string): Promise<ServerDatabase> => {
  const owner = await createTestDatabase(url, { schema });
  const name = owner.database;
  const login = `runner_${name.slice(5, 17)}`;
  const password = `Run-${randomUUID()}-1`;
  const master = await poolOf(owner, 'master');
  const own = await poolOf(owner, name);
  await master.batch(`create login [${login}] with password = '${password}'`);
  await own.batch(`create user [${login}] for login [${login}]`);
  await own.batch(`grant select, insert, update, delete on schema::[${schema}] to [${login}]`);
  return {
    owner,
    runner: { ...owner, user: login, password },
    query: async <T>(sql: string) => (await own.query<T>(sql)).recordset,
    async drop() {
      await own.close();
      await dropTestDatabase(owner);
      await master.batch(`drop login [${login}]`);
      await master.close();
    },
  };
};
