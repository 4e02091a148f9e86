/*
 * knex publishes no types for its dialect classes. Only the members that our subclasses override or call are described.
 */
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import { Knex } from 'knex';

  /** What is asked, and after `_query` what was answered. */
  export interface SqliteQuery {
    readonly sql: string;
    readonly bindings?: readonly unknown[];
    response?: unknown;
    context?: { readonly lastID: unknown; readonly changes: unknown };
  }

  export default class BetterSqliteDialect extends Knex.Client {
    _query(connection: unknown, query: SqliteQuery): Promise<object>;
    _formatBindings(bindings: readonly unknown[] | undefined): unknown[];
  }
}

declare module 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js' {
  export default class SqliteTransaction {
    constructor(client: unknown, container: unknown, config: unknown, outer: unknown);
    readonly client: { readonly connectionSettings: object };
    readonly trxClient: { query(connection: unknown, sql: string): Promise<unknown> };
    begin(connection: unknown): Promise<unknown>;
  }
}

declare module 'knex/lib/dialects/mssql/index.js' {
  import { Knex } from 'knex';

  export default class MssqlDialect extends Knex.Client {
    _driver(): unknown;
    _query(connection: unknown, query: object): Promise<object>;
    _stream(connection: unknown, query: object, stream: unknown): Promise<unknown>;
    _enqueueRequest(request: unknown, connection: unknown): void;
    _chomp(connection: unknown): void;
    processResponse(query: object, runner: unknown): unknown;
  }
}
