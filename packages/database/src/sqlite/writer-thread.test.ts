import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytes, defineTable, integer, migrate, type OpenDatabase, openDatabase, text } from '../index.ts';
import { type TestClock, testClock } from '../testing/index.ts';

const table = defineTable('lic_rows', { id: integer(), name: text(20), photo: bytes() });
const plugin = {
  plugin: 'licence-catalog',
  migrations: [
    {
      id: '001-rows',
      up: async (schema: Parameters<Parameters<typeof migrate>[1][number]['migrations'][number]['up']>[0]) => {
        await schema.createTable('lic_rows', table.columns, ['id']);
        await schema.createIndex('lic_rows', ['name'], { name: 'uq_lic_rows_name', unique: true });
      },
      down: async () => undefined,
    },
  ],
};
const row = (id: number) => ({ id, name: `name ${id}`, photo: Buffer.from([id]) });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the thread that writes to a SQLite file', () => {
  let folder: string;
  let file: string;
  let db: OpenDatabase;
  const threads: Worker[] = [];
  const remember = (thread: Worker): void => void threads.push(thread);
  let clock: TestClock;

  beforeEach(async () => {
    threads.length = 0;
    clock = testClock();
    process.on('worker', remember);
    folder = mkdtempSync(join(tmpdir(), 'itsm-m365-'));
    file = join(folder, 'written.db');
    db = await openDatabase({ dialect: 'sqlite', file }, { clock });
    await migrate(db, [plugin], { mode: 'apply', clock });
  });
  afterEach(async () => {
    process.off('worker', remember);
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lets the event loop turn while a statement runs', async () => {
    let turns = 0;
    let running = true;
    const counting = (async () => {
      for (; running; turns += 1) await turn();
    })();
    const count =
      'with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000) select max(i) as top from n';
    const rows = await db.write((trx) => trx.query<{ top: number }>(count));
    running = false;
    await counting;
    expect(rows).toEqual([{ top: 200_000 }]);
    // On the loop's own thread there would be a turn between statements, of which there are three.
    expect(turns).toBeGreaterThan(100);
  });

  it('is replaced where it ends early, and the transaction runs again as a whole', async () => {
    let tries = 0;
    await db.write(async (trx) => {
      tries += 1;
      await trx.insert(table, [row(tries)]);
      if (tries === 1) await threads.at(-1)?.terminate();
      await trx.insert(table, [row(10)]);
    });
    expect(tries).toBe(2);
    expect(await db.read((trx) => trx.rows(table, (query) => query.orderBy('id')))).toEqual([row(2), row(10)]);
  });

  it('ends a commit of unknown outcome with an error that is not tried again', async () => {
    let tries = 0;
    const lost = db.write(async (trx) => {
      tries += 1;
      await trx.insert(table, [row(1)]);
      const thread = threads.at(-1);
      // The next message is the commit.
      if (thread !== undefined) thread.postMessage = () => void thread.terminate();
    });
    await expect(lost).rejects.toMatchObject({ code: 'DATABASE_COMMIT_UNKNOWN' });
    expect(tries).toBe(1);
    await db.write((trx) => trx.insert(table, [row(2)]));
  });

  it('gives bytes back as they went in', async () => {
    const found = await db.write(async (trx) => {
      await trx.insert(table, [row(7)]);
      return trx.rows(table);
    });
    expect(found).toEqual([row(7)]);
    expect(Buffer.isBuffer(found[0]?.photo)).toBe(true);
  });

  it('leaves nothing of a statement that fails half-way', async () => {
    await db.write((trx) => trx.insert(table, [1, 2, 3].map(row)));
    const copy =
      "insert into lic_rows (id, name, photo) select id + 10, case id when 3 then 'name 1' else name || '!' end, photo from lic_rows";
    await expect(db.write((trx) => trx.execute(copy))).rejects.toMatchObject({ code: 'DATABASE_CONSTRAINT' });
    expect(await db.read((trx) => trx.rows(table))).toHaveLength(3);
  });

  it('says why a transaction could not begin', async () => {
    await db.write((trx) => trx.query('pragma query_only = on'));
    await expect(db.write((trx) => trx.insert(table, [row(1)]))).rejects.toMatchObject({ code: 'DATABASE_READ_ONLY' });
  });

  it('ends with the database, and leaves no log behind', async () => {
    await db.write((trx) => trx.insert(table, [row(1)]));
    expect(existsSync(`${file}-wal`)).toBe(true);
    await db.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    // A thread that has ended has no number any more.
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1]);
  });

  it('does not start for a database in memory', async () => {
    const memory = await openDatabase({ dialect: 'sqlite', file: ':memory:' }, { clock });
    await memory.write((trx) => trx.query('select 1 as one'));
    expect(threads).toHaveLength(1);
    await memory.close();
  });
});
