import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator/dispatcher';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import knex, { type Knex } from 'knex';
import { setGlobalDispatcher } from 'undici';
import { columnsOf, openBare, type Row, type TableName, tableNames, times } from './bare.ts';
import { pragmas } from './bare-sqlite.ts';
import { keysOf, rowMaker } from './floor-rows.ts';
import { type ListedSku, type ListedUser, userSelect } from './graph-pages.ts';
import type { Place, Prepared } from './roles.ts';

/*
 * What is written in an afternoon with what everybody would pick: Microsoft's own client and its PageIterator, knex and its
 * batchInsert, plain inserts into empty tables in one transaction. It gets every advantage that costs no thought: ascending
 * keys, the largest chunks, the pragmas of the product, and rows that leave memory before they are many.
 */

/** Users between two writes: their rows fill the chunks well, and memory stays flat. */
const usersPerWrite = 4_000;

const connectionOf = (store: DatabaseConnection): Knex.Config => {
  if (store.dialect === 'sqlite') {
    const afterCreate = (db: { pragma(text: string): void }, done: (error: null, db: unknown) => void): void => {
      for (const pragma of pragmas) db.pragma(pragma);
      done(null, db);
    };
    return {
      client: 'better-sqlite3',
      connection: { filename: store.file },
      useNullAsDefault: true,
      pool: { afterCreate },
    };
  }
  const { server, port, user, password, database, encrypt, trustServerCertificate } = store;
  const connection: Knex.MsSqlConnectionConfig = {
    server,
    ...(port === undefined ? {} : { port }),
    userName: user,
    password,
    database,
    requestTimeout: 3_600_000,
    options: {
      encrypt: encrypt ?? true,
      trustServerCertificate: trustServerCertificate ?? false,
    },
  };
  return { client: 'mssql', connection };
};

/** SQLite: 500 terms of a compound select, which knex makes; SQL Server: 1,000 rows and 2,100 parameters, two of them knex's. */
export const rowsPerInsert = (dialect: DatabaseConnection['dialect'], columns: number): number =>
  dialect === 'sqlite' ? Math.min(500, Math.floor(32_766 / columns)) : Math.min(1000, Math.floor(2098 / columns));

const tokenOf = async ({ tenantId, clientId, secret }: Place): Promise<string> => {
  const answer = await fetch(`https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: clientId,
      client_secret: secret,
      grant_type: 'client_credentials',
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  return ((await answer.json()) as { readonly access_token: string }).access_token;
};

export const prepareRival = async (store: DatabaseConnection, place: Place): Promise<Prepared> => {
  setGlobalDispatcher(simulatorDispatcher(place.url));
  const db = knex(connectionOf(store));
  const inTimes = (column: string, value: string | number | undefined) =>
    store.dialect === 'mssql' && times.has(column) && value !== undefined ? new Date(value) : value;
  const objectOf = (table: TableName, row: Row) =>
    Object.fromEntries(columnsOf[table].map((column, at) => [column, inTimes(column, row[at])]));

  const importAll = async (trx: Knex.Transaction): Promise<number> => {
    let users = 0;
    let waiting = new Map<TableName, object[]>(tableNames.map((table) => [table, []]));
    const rows = rowMaker(place.tenantId, keysOf('ascending'), (table, row) =>
      waiting.get(table)?.push(objectOf(table, row)),
    );
    const write = async (): Promise<void> => {
      for (const [table, objects] of waiting)
        await trx.batchInsert(table, objects, rowsPerInsert(store.dialect, columnsOf[table].length));
      waiting = new Map(tableNames.map((table) => [table, []]));
    };
    const token = await tokenOf(place);
    const graph = Client.init({ authProvider: (done) => done(null, token) });
    const skus: { readonly value: readonly ListedSku[] } = await graph.api('/subscribedSkus').get();
    for (const sku of skus.value) rows.sku(sku);
    const first = await graph.api('/users').select(userSelect).top(999).get();
    const iterator = new PageIterator(graph, first, (user: ListedUser) => {
      rows.user(user);
      users += 1;
      return users % usersPerWrite !== 0;
    });
    while (!iterator.isComplete()) {
      await iterator.iterate();
      await write();
    }
    return users;
  };

  return {
    work: async () => ({ users: await db.transaction(importAll) }),
    async rows() {
      const bare = await openBare(store);
      const counts = await bare.counts();
      await bare.close();
      return counts;
    },
    close: () => db.destroy(),
  };
};
