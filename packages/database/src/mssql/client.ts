/// <reference path="../knex-dialects.d.ts" />
import MssqlDialect from 'knex/lib/dialects/mssql/index.js';
import * as tedious from 'tedious';
import { databaseErrors } from '../errors.ts';
import { guardRunner, laneOf, refuseSavepoint } from '../lane.ts';
import { type Bound, bound } from './bindings.ts';
import { encryptedConnector } from './connector.ts';
import { translateMssql } from './errors.ts';
import { faultOf } from './faults.ts';

export interface MssqlSettings {
  readonly server: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly encrypt: boolean;
  readonly trustServerCertificate: boolean;
  readonly requestTimeoutMs: number;
}

export const placeOf = ({ server, port, database }: Pick<MssqlSettings, 'server' | 'port' | 'database'>): string =>
  `${server}:${port}/${database}`;

const connectTimeout = 15_000;

/** How a connection is made, and what protects it. */
export const wayTo = ({ server, port, encrypt, trustServerCertificate }: MssqlSettings) => ({
  encrypt,
  trustServerCertificate,
  connectTimeout,
  appName: 'itsm-m365',
  useUTC: true,
  ...(encrypt ? { connector: encryptedConnector({ host: server, port }, connectTimeout) } : {}),
});

interface Cell {
  readonly metadata: { readonly colName: string };
  readonly value: unknown;
}

type Row = readonly Cell[];

interface Query {
  readonly sql: string;
  readonly bindings?: readonly unknown[];
  readonly method?: string;
  readonly returning?: unknown;
  readonly pluck?: string;
  readonly output?: (this: unknown, response: readonly Row[]) => unknown;
  response?: readonly Row[];
}

export type TediousConnection = InstanceType<typeof tedious.Connection> & {
  readonly inTransaction: boolean;
  readonly closed: boolean;
  readonly state: { readonly name: string };
  __knex__disposed?: unknown;
};

/*
 * knex keeps ONE queue of requests on the prototype of its client, for all connections of the process. While a
 * connection was busy, its request could be taken by another one: by another tenant's transaction on another server.
 * Here each connection has its own line, first come, first served.
 *
 * In module scope and not in the class: knex makes the clients of transactions by Object.create on the prototype, so
 * that they have neither fields nor private members.
 */
const lines = new WeakMap<object, Promise<unknown>>();

export const inLine = <T>(connection: object, run: () => Promise<T>): Promise<T> => {
  const before = lines.get(connection) ?? Promise.resolve();
  const mine = before.then(run);
  lines.set(
    connection,
    mine.catch(() => undefined),
  );
  return mine;
};

interface Driver {
  readonly Request: typeof tedious.Request;
}

/** Sends one request and gives its rows. Without parameters as a batch, so that `SET` and #tables outlast it. */
const send = (
  { Request }: Driver,
  connection: TediousConnection,
  sql: string,
  parameters: readonly Bound[],
  timeoutMs: number | undefined,
): Promise<Row[]> =>
  new Promise((resolve, reject) => {
    const rows: Row[] = [];
    const request = new Request(sql, (error) => {
      if (error) reject(faultOf(error));
      else resolve(rows);
    });
    request.on('row', (row: Row) => rows.push(row));
    if (timeoutMs !== undefined) request.setTimeout(timeoutMs);
    parameters.forEach(({ type, value, options }, index) => {
      request.addParameter(`p${index}`, type, value, { ...options });
    });
    if (parameters.length > 0) connection.execSql(request);
    else connection.execSqlBatch(request);
  });

const asObject = (row: Row): Record<string, unknown> => {
  const object: Record<string, unknown> = {};
  // Two columns of one name: the last wins, as on SQLite. knex would make an array of them.
  for (const { metadata, value } of row) object[metadata.colName] = value;
  return object;
};

/** knex's SQL Server client with a line per connection, our parameter types, our errors, and options that are safe. */
export class MssqlClient extends MssqlDialect {
  override _driver(): unknown {
    return tedious;
  }

  _generateConnection(): tedious.ConnectionConfiguration {
    const settings = this.connectionSettings as MssqlSettings;
    return {
      server: settings.server,
      authentication: { type: 'default', options: { userName: settings.user, password: settings.password } },
      options: {
        port: settings.port,
        database: settings.database,
        ...wayTo(settings),
        requestTimeout: settings.requestTimeoutMs,
        // How long a cancelled statement may go on before its connection is given up.
        cancelTimeout: 2000,
        // XACT_ABORT: any error rolls the whole transaction back.
        abortTransactionOnError: true,
        lowerCaseGuids: true,
        rowCollectionOnDone: false,
        rowCollectionOnRequestCompletion: false,
        useColumnNames: false,
      },
    };
  }

  override _query(connection: TediousConnection, query: Query): Promise<Query> {
    return inLine(connection, async () => {
      const parameters = (query.bindings ?? []).map(bound);
      query.response = await send(this.driver, connection, query.sql, parameters, laneOf(this)?.requestTimeoutMs);
      return query;
    });
  }

  override async _stream(): Promise<never> {
    throw databaseErrors.DATABASE_MISUSED({ reason: 'streams are not supported; read in key ranges' });
  }

  override processResponse(query: Query, runner: unknown): unknown {
    const rows = query.response ?? [];
    if (query.output !== undefined) return query.output.call(runner, rows);
    // knex appends `;select @@rowcount` to updates and deletes; its one column has no name, or any.
    if (query.returning === '@@rowcount') return Number(rows.at(-1)?.[0]?.value ?? 0);
    const objects = rows.map(asObject);
    if (query.method === 'first') return objects[0];
    if (query.method === 'pluck') return objects.map((object) => object[query.pluck ?? '']);
    return objects;
  }

  override transaction(container: unknown, config: unknown, outer: unknown) {
    refuseSavepoint(outer);
    return super.transaction(container, config, outer);
  }

  override runner(builder: unknown) {
    return guardRunner(this, super.runner(builder), (error) => this.translate(error));
  }

  override async destroyRawConnection(connection: TediousConnection): Promise<void> {
    // knex would wait for the end of a connection that has ended already, until the pool gives up after 5 s.
    if (!connection.closed) await super.destroyRawConnection(connection);
  }

  override releaseConnection(connection: TediousConnection) {
    // A rollback that failed, or a request that was cancelled and goes on: nobody may get this connection again.
    if (connection.inTransaction || connection.state.name !== 'LoggedIn') {
      connection.__knex__disposed = 'left in the middle of something';
      connection.close();
    }
    return super.releaseConnection(connection);
  }

  async runText(connection: TediousConnection, sql: string): Promise<void> {
    await this.runBound(connection, sql, []);
  }

  /** Runs a statement whose parameters are typed already and named `@p0`, `@p1`, … */
  runBound(connection: TediousConnection, sql: string, parameters: readonly Bound[]): Promise<readonly Row[]> {
    return inLine(connection, () => send(this.driver, connection, sql, parameters, laneOf(this)?.requestTimeoutMs));
  }

  translate(error: unknown): Error {
    return translateMssql(error, placeOf(this.connectionSettings as MssqlSettings));
  }
}
