import { EventEmitter } from 'node:events';
import knex from 'knex';
import StockDialect from 'knex/lib/dialects/mssql/index.js';
import { TYPES } from 'tedious';
import { describe, expect, it } from 'vitest';
import { eachDatabase } from '../testing/index.ts';
import { MssqlClient } from './client.ts';
import { type MssqlConnection, settingsOf } from './engine.ts';

type Done = (error: Error | undefined, count: number) => void;

/** What arrived where. */
type Wire = { readonly server: string; readonly sql: string }[];

/** tedious at the edge of the driver: connections that take one request at a time and need a turn of the loop for it. */
const fakeDriver = (wire: Wire) => {
  class Request extends EventEmitter {
    readonly sql: string;
    readonly done: Done;

    constructor(sql: string, done: Done) {
      super();
      this.sql = sql;
      this.done = done;
    }

    addParameter(): void {}
    setTimeout(): void {}
  }

  class Connection extends EventEmitter {
    readonly server: string;
    state = { name: 'LoggedIn' };
    inTransaction = false;

    constructor({ server }: { readonly server: string }) {
      super();
      this.server = server;
    }

    connect(done: () => void): void {
      setImmediate(done);
    }

    beginTransaction(done: () => void): void {
      this.inTransaction = true;
      setImmediate(done);
    }

    commitTransaction(done: () => void): void {
      this.inTransaction = false;
      setImmediate(done);
    }

    rollbackTransaction(done: () => void): void {
      this.commitTransaction(done);
    }

    close(): void {
      setImmediate(() => this.emit('end'));
    }

    execSqlBatch(request: Request): void {
      this.execSql(request);
    }

    execSql(request: Request): void {
      if (this.state.name !== 'LoggedIn') {
        request.done(new Error('Requests can only be made in the LoggedIn state'), 0);
        return;
      }
      this.state = { name: 'SentClientRequest' };
      wire.push({ server: this.server, sql: request.sql });
      setImmediate(() => {
        this.state = { name: 'LoggedIn' };
        request.done(undefined, 0);
        request.emit('requestCompleted');
      });
    }
  }

  return { Request, Connection, TYPES };
};

const settings = (server: string) => ({ server, port: 1433, database: server, user: 'u', password: 'p' });

/** Two transactions at once, on two servers, each of which starts two queries without waiting in between. */
const twoTransactions = async (dialect: typeof StockDialect): Promise<Wire> => {
  const wire: Wire = [];
  const driver = fakeDriver(wire);
  class WithFake extends dialect {
    override _driver(): unknown {
      return driver;
    }
  }
  const pools = ['a', 'b'].map((server) => knex({ client: WithFake, connection: settings(server) }));
  await Promise.all(
    pools.map((pool, index) =>
      pool.transaction((trx) =>
        Promise.all([1, 2, 3].map((number) => trx.raw(`select '${index === 0 ? 'a' : 'b'}${number}'`))),
      ),
    ),
  );
  await Promise.all(pools.map((pool) => pool.destroy()));
  return wire;
};

const crossed = (wire: Wire): Wire => wire.filter(({ server, sql }) => !sql.includes(`'${server}`));

describe('queries of two transactions at once on two servers', () => {
  it('cross with the client that knex ships, which is why it is not used', async () => {
    expect(crossed(await twoTransactions(StockDialect))).not.toEqual([]);
  });

  it('never cross with ours, and keep their order', async () => {
    const wire = await twoTransactions(MssqlClient);
    expect(crossed(wire)).toEqual([]);
    for (const server of ['a', 'b'])
      expect(wire.filter((one) => one.server === server).map(({ sql }) => sql)).toEqual(
        [1, 2, 3].map((number) => `select '${server}${number}'`),
      );
  });
});

for (const engine of eachDatabase().filter(({ name }) => name === 'SQL Server'))
  describe.skipIf(engine.skipped)('queries of transactions at once on two databases of a server', () => {
    it('never cross', async () => {
      const tests = [await engine.open(), await engine.open()];
      try {
        const pools = tests.map(({ connection }) => {
          const mssql = connection as MssqlConnection;
          return { database: mssql.database, pool: knex({ client: MssqlClient, connection: settingsOf(mssql) }) };
        });
        const rounds = Array.from({ length: 10 }, (_, round) => round);
        const answers = await Promise.all(
          pools.flatMap(({ database, pool }) =>
            rounds.map((round) =>
              pool.transaction(async (trx) => {
                const tags = [1, 2, 3].map((number) => `${database}/${round}/${number}`);
                const rows: { name: string; tag: string; trx: number }[][] = await Promise.all(
                  tags.map((tag) =>
                    trx.raw('select db_name() as name, @@spid as trx, cast(? as nvarchar(200)) as tag', [tag]),
                  ),
                );
                return rows.map(([row], index) => ({ ...row, database, asked: tags[index] }));
              }),
            ),
          ),
        );
        for (const group of answers) {
          expect(new Set(group.map(({ trx }) => trx)).size).toBe(1);
          for (const { name, database, tag, asked } of group) expect([name, tag]).toEqual([database, asked]);
        }
        await Promise.all(pools.map(({ pool }) => pool.destroy()));
      } finally {
        for (const test of tests) await test.close();
      }
    });
  });
