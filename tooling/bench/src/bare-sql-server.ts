import { openEnd } from '@itsm-m365/plugin-api';
import { Connection, Request, TYPES } from 'tedious';
import { type Bare, columnsOf, type Row, type Sink, type TableName, tableNames, times } from './bare.ts';
import type { ServerStore } from './roles.ts';

/*
 * The bare TDS protocol. Bulk loads run one after the other on the one connection that holds the transaction, while the
 * next pages are read: nothing faster is left to do from outside the server.
 */

/** Rows that a bulk load waits for: enough that its own round trips do not count, few enough for memory. */
const rowsPerLoad = 20_000;

type Cells = Readonly<Record<string, unknown>>;

const connected = (store: ServerStore): Promise<Connection> =>
  new Promise((resolve, reject) => {
    const { server, port, user, password, database, encrypt, trustServerCertificate } = store;
    const connection = new Connection({
      server,
      authentication: { type: 'default', options: { userName: user, password } },
      options: {
        database,
        requestTimeout: 0,
        ...(port === undefined ? {} : { port }),
        encrypt: encrypt ?? true,
        trustServerCertificate: trustServerCertificate ?? false,
        abortTransactionOnError: true,
      },
    });
    connection.connect((error) => (error === undefined ? resolve(connection) : reject(error)));
  });

const query = (connection: Connection, sql: string): Promise<readonly Cells[]> =>
  new Promise((resolve, reject) => {
    const rows: Cells[] = [];
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)));
    request.on('row', (cells: readonly { metadata: { colName: string }; value: unknown }[]) => {
      rows.push(Object.fromEntries(cells.map(({ metadata, value }) => [metadata.colName, value])));
    });
    connection.execSqlBatch(request);
  });

interface BulkColumn {
  readonly name: string;
  readonly type: (typeof TYPES)[keyof typeof TYPES];
  readonly options: { readonly length?: number; readonly scale?: number };
}

const typeOf = ({ data_type, length }: Cells): Omit<BulkColumn, 'name'> => {
  switch (data_type) {
    case 'bit':
      return { type: TYPES.Bit, options: {} };
    case 'int':
      return { type: TYPES.Int, options: {} };
    case 'bigint':
      return { type: TYPES.BigInt, options: {} };
    case 'datetime2':
      return { type: TYPES.DateTime2, options: { scale: 3 } };
    default:
      return { type: TYPES.NVarChar, options: { length: Number(length) } };
  }
};

/** The table's own types: a bulk load converts nothing. */
const bulkColumns = async (connection: Connection, table: TableName): Promise<readonly BulkColumn[]> => {
  const found = await query(
    connection,
    `select column_name as name, data_type as data_type, character_maximum_length as length
     from information_schema.columns where table_name = '${table}'`,
  );
  const known = new Map(found.map((cells) => [String(cells.name), typeOf(cells)]));
  return columnsOf[table].map((name) => {
    const type = known.get(name);
    if (type === undefined) throw new Error(`${table} has no column ${name}`);
    return { name, ...type };
  });
};

const load = (connection: Connection, table: string, columns: readonly BulkColumn[], rows: Row[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const bulk = connection.newBulkLoad(table, { keepNulls: true }, (error) => (error ? reject(error) : resolve()));
    for (const { name, type, options } of columns) bulk.addColumn(name, type, { ...options, nullable: false });
    const isTime = columns.map(({ name }) => times.has(name));
    const encoded = function* () {
      for (const row of rows) yield row.map((value, at) => (isTime[at] === true ? new Date(value) : value));
    };
    connection.execBulkLoad(bulk, encoded());
  });

const turnOver = (connection: Connection, how: 'beginTransaction' | 'commitTransaction'): Promise<void> =>
  new Promise((resolve, reject) => connection[how]((error) => (error ? reject(error) : resolve())));

const sinkInto = async (connection: Connection): Promise<Sink> => {
  const columns = new Map<TableName, readonly BulkColumn[]>();
  for (const table of tableNames) columns.set(table, await bulkColumns(connection, table));
  let waiting = new Map<TableName, Row[]>();
  let count = 0;
  let loading: Promise<void> = Promise.resolve();
  const loadAll = async (all: ReadonlyMap<TableName, Row[]>): Promise<void> => {
    for (const [table, rows] of all) await load(connection, table, columns.get(table) ?? [], rows);
  };
  const turn = async (): Promise<void> => {
    await loading;
    loading = loadAll(waiting);
    // Awaited with the next turn; until then a failure is nobody's.
    loading.catch(() => undefined);
    waiting = new Map();
    count = 0;
  };
  await turnOver(connection, 'beginTransaction');
  return {
    put(table, row) {
      const rows = waiting.get(table);
      if (rows === undefined) waiting.set(table, [row as Row]);
      else rows.push(row);
      count += 1;
    },
    async pageEnded() {
      if (count >= rowsPerLoad) await turn();
    },
    async commit() {
      await turn();
      await loading;
      await turnOver(connection, 'commitTransaction');
    },
  };
};

export const openSqlServer = async (store: ServerStore): Promise<Bare> => {
  const connection = await connected(store);
  const count = async (table: TableName): Promise<number> => {
    const [row] = await query(connection, `select count(*) as counted from ${table}`);
    return Number(row?.counted ?? Number.NaN);
  };
  return {
    counts: async () => ({
      contacts: await count('lic_contact'),
      facts: await count('lic_person_fact'),
      assignments: await count('lic_assignment'),
      positions: await count('lic_position'),
    }),
    async holdersByLicence() {
      const end = new Date(openEnd).toISOString().slice(0, 19);
      const rows = await query(
        connection,
        `select licence, count(*) as holders from lic_assignment where valid_to = '${end}' and holds = 1
         group by licence`,
      );
      return rows.length;
    },
    begin: () => sinkInto(connection),
    async close() {
      connection.close();
    },
  };
};
