import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConnection, createDatabase, defineTable, guid, integer, migrate, openDatabase } from '../index.ts';
import { dropTestDatabase, eachDatabase, type TestDatabase, testClock } from '../testing/index.ts';
import { onLoopback } from '../testing/loopback.ts';
import type { MssqlConnection } from './engine.ts';

const counters = defineTable('task_counters', { id: guid(), value: integer() });
const plugin = {
  plugin: 'm365-import',
  migrations: [
    {
      id: '001-counters',
      up: (schema: Parameters<Parameters<typeof migrate>[1][number]['migrations'][number]['up']>[0]) =>
        schema.createTable('task_counters', counters.columns, ['id']),
      down: async () => undefined,
    },
  ],
};

/*
 * A few seconds of work, and no more: Babelfish does not hear a cancel, and goes on with its locks until the end.
 */
const slow = `with n as (select 1 as x union all select x + 1 from n where x < 8000)
  select count_big(*) as n from n a cross join n b option (maxrecursion 0)`;

/** A way to the server that can be cut. */
const openProxy = async ({ server, port = 1433 }: MssqlConnection) => {
  const sockets = new Set<net.Socket>();
  let cutOnSend = false;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy = net.createServer((inner) => {
    const outer = net.connect(port, server);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        inner.destroy();
        outer.destroy();
        sockets.delete(socket);
      });
    }
    inner.on('data', (data) => {
      if (cutOnSend) {
        cutOnSend = false;
        cut();
      } else outer.write(data);
    });
    outer.pipe(inner);
  });
  return {
    ...(await onLoopback(proxy, cut)),
    cut,
    cutAtNextRequest: () => {
      cutOnSend = true;
    },
  };
};

for (const engine of eachDatabase().filter(({ name }) => name === 'SQL Server'))
  describe.skipIf(engine.skipped)('a SQL Server', () => {
    let test: TestDatabase;
    let connection: MssqlConnection;
    const clock = testClock();

    beforeAll(async () => {
      test = await engine.open();
      if (test.connection.dialect !== 'mssql') throw new Error('not a SQL Server');
      connection = test.connection;
      await migrate(test.db, [plugin], { mode: 'apply', clock });
      await test.db.write((trx) =>
        trx.insert(
          counters,
          ['a', 'b', 'c'].map((id) => ({ id, value: 0 })),
        ),
      );
    });
    afterAll(() => test?.close());

    const bump = (trx: Parameters<Parameters<typeof test.db.write>[0]>[0], id: string) =>
      trx.execute('update ?? set value = value + 1 where id = ?', [trx.name(counters), id]);
    const counterOf = async (id: string) =>
      (await test.db.read((trx) => trx.rows(counters, (query) => query.where({ id }))))[0]?.value;

    it('is described by the connection check', async () => {
      expect(await checkConnection(connection)).toMatchObject({ database: connection.database, createsTables: true });
    });

    it('is set up twice without harm', async () => {
      await Promise.all([createDatabase(connection), createDatabase(connection)]);
    });

    it('is made with the collation asked for, and not with what is no name of one', async () => {
      // Case-sensitive by its signs: the tables and columns of the product are written one way everywhere.
      const binary = { ...connection, database: `${connection.database}_c` };
      const injected = createDatabase(binary, { collation: 'Latin1_General_BIN2; drop table x' });
      await expect(injected).rejects.toMatchObject({ code: 'DATABASE_MISUSED' });
      await createDatabase(binary, { collation: 'Latin1_General_BIN2' });
      const { collation } = await checkConnection(binary);
      await dropTestDatabase(binary);
      expect(collation).toMatch(/bin2$/i);
    });

    it('refuses a wrong password, an unknown database and an unreachable place, each by its code', async () => {
      const open = (changed: Partial<MssqlConnection>) => openDatabase({ ...connection, ...changed }, { clock });
      await expect(open({ password: 'wrong-secret' })).rejects.toMatchObject({ code: 'DATABASE_LOGIN_FAILED' });
      await expect(open({ database: 'test_nowhere' })).rejects.toMatchObject({
        code: expect.stringMatching(/DATABASE_(MISSING|LOGIN_FAILED)/),
      });
      await expect(open({ port: 1 })).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
      await expect(checkConnection({ ...connection, password: 'wrong-secret' })).rejects.toMatchObject({
        code: 'DATABASE_LOGIN_FAILED',
      });
      await expect(checkConnection({ ...connection, port: 1 })).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    });

    it('tells by advice what is off, with the T-SQL', () => {
      const advised = test.db.advice.map(({ code }) => code);
      expect(advised.includes('SNAPSHOT_ISOLATION_OFF')).toBe(!test.db.capabilities.snapshotReads);
      for (const notice of test.db.advice)
        expect(notice.remedy?.en).toContain(`ALTER DATABASE [${connection.database}]`);
    });

    it('lets both transactions of a deadlock through, the victim at its second try', async () => {
      let tries = 0;
      let arrived = 0;
      let meet = (): void => undefined;
      const both = new Promise<void>((resolve) => {
        meet = resolve;
      });
      const crosswise = (first: string, second: string) =>
        test.db.write(async (trx) => {
          tries += 1;
          await bump(trx, first);
          arrived += 1;
          if (arrived === 2) meet();
          await both;
          await bump(trx, second);
        });
      const before = [await counterOf('a'), await counterOf('b')];
      await Promise.all([crosswise('a', 'b'), crosswise('b', 'a')]);
      expect(tries).toBe(3);
      expect([await counterOf('a'), await counterOf('b')]).toEqual(before.map((value) => (value ?? 0) + 2));
      expect(test.clock.slept.length).toBeGreaterThan(0);
    });

    it('cancels the statement under way when the signal is aborted, and goes on working', async () => {
      const controller = new AbortController();
      const reason = new Error('stopped');
      const running = test.db.write(
        async (trx) => {
          await bump(trx, 'c');
          setTimeout(() => controller.abort(reason), 100);
          await trx.query(slow);
        },
        { signal: controller.signal },
      );
      const before = await counterOf('b');
      await expect(running).rejects.toBe(reason);
      expect(await counterOf('b')).toBe(before);
      await test.db.write((trx) => bump(trx, 'b'));
    }, 30_000);

    it('gives up a statement that takes longer than its time', async () => {
      const options = { retries: 0, requestTimeoutMs: 1000 };
      const late = test.db.read((trx) => trx.query(slow), options);
      await expect(late).rejects.toMatchObject({ code: 'DATABASE_TIMEOUT' });
      expect(await test.db.read((trx) => trx.query('select 1 as one'))).toEqual([{ one: 1 }]);
    }, 30_000);

    it('runs a transaction again whose connection was cut, and only once in effect', async () => {
      const proxy = await openProxy(connection);
      const db = await openDatabase({ ...connection, server: '127.0.0.1', port: proxy.port }, { clock });
      const before = (await counterOf('a')) ?? 0;
      let tries = 0;
      await db.write(async (trx) => {
        tries += 1;
        await bump(trx, 'a');
        if (tries === 1) proxy.cut();
        await bump(trx, 'a');
      });
      expect(tries).toBe(2);
      expect(await counterOf('a')).toBe(before + 2);
      await db.close();
      await proxy.close();
    });

    it('does not run a transaction again whose connection was cut at the commit', async () => {
      const proxy = await openProxy(connection);
      const db = await openDatabase({ ...connection, server: '127.0.0.1', port: proxy.port }, { clock });
      let tries = 0;
      const lost = db.write(async (trx) => {
        tries += 1;
        await bump(trx, 'a');
        proxy.cutAtNextRequest();
      });
      await expect(lost).rejects.toMatchObject({ code: 'DATABASE_COMMIT_UNKNOWN' });
      expect(tries).toBe(1);
      expect(await db.write((trx) => bump(trx, 'a'))).toBe(1);
      await db.close();
      await proxy.close();
    });

    it('keeps #tables and session options of a transaction between statements', async () => {
      await test.db.write(async (trx) => {
        await trx.execute('create table #stage (id nvarchar(36) not null, value int not null)');
        expect(await trx.execute('insert into #stage (id, value) values (?, ?), (?, ?)', ['a', 1, 'b', 2])).toBe(2);
        expect(
          await trx.execute('update c set value = s.value from ?? c join #stage s on s.id = c.id', [
            trx.name(counters),
          ]),
        ).toBe(2);
      });
      expect([await counterOf('a'), await counterOf('b')]).toEqual([1, 2]);
    });

    it('leaves nothing of a load whose rows break off, and the connection goes on', async () => {
      const rows = function* () {
        for (let id = 0; id < 2000; id += 1) yield { id: `row-${id}`, value: id };
        throw new Error('source broke');
      };
      const before = await test.db.read((trx) => trx.rows(counters));
      await expect(test.db.load(counters, rows())).rejects.toBeInstanceOf(Error);
      const wrong = [
        { id: 'x', value: 1 },
        { id: 'y', value: 0.5 },
      ];
      await expect(test.db.load(counters, wrong)).rejects.toMatchObject({ code: 'DATABASE_VALUE_INVALID' });
      const doubled = [
        { id: 'x', value: 1 },
        { id: 'x', value: 2 },
      ];
      await expect(test.db.load(counters, doubled)).rejects.toMatchObject({ code: 'DATABASE_CONSTRAINT' });
      expect(await test.db.read((trx) => trx.rows(counters))).toEqual(before);
    });
  });
