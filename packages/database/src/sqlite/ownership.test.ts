import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineTable, integer, migrate, openDatabase } from '../index.ts';
import { testClock } from '../testing/index.ts';

const table = defineTable('lic_rows', { id: integer() });
const plugin = {
  plugin: 'licence-catalog',
  migrations: [
    {
      id: '001-rows',
      up: (schema: Parameters<Parameters<typeof migrate>[1][number]['migrations'][number]['up']>[0]) =>
        schema.createTable('lic_rows', table.columns, ['id']),
      down: async () => undefined,
    },
  ],
};

/*
 * Plain JavaScript on better-sqlite3, as a child cannot load our TypeScript: the locks and the journal are SQLite's, and
 * the statements are those of our client.
 */
const child = `
import Sqlite from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
const [file] = process.argv.slice(2);
const lock = new Sqlite(file + '.lock', { timeout: 0 });
lock.exec('BEGIN EXCLUSIVE');
const db = new Sqlite(file);
db.pragma('journal_mode = WAL');
db.exec('BEGIN IMMEDIATE');
const insert = db.prepare('INSERT INTO lic_rows (id) VALUES (?)');
// More than the page cache, so that part of the transaction is in the WAL when the process is killed.
db.pragma('cache_size = 10');
for (let id = 100; id < 50100; id += 1) insert.run(id);
process.send('in the middle');
// Names the lock, which would be closed when it is collected as garbage.
setInterval(() => lock.open, 1000);
`;

describe('the owner of a SQLite file', () => {
  let folder: string;
  let file: string;
  const clock = testClock();
  const open = () => openDatabase({ dialect: 'sqlite', file }, { clock });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'itsm-m365-'));
    file = join(folder, 'owned.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is one at a time, by whatever path the file is named', async () => {
    const db = await open();
    const link = join(folder, 'link.db');
    symlinkSync(file, link);
    for (const path of [file, link, join(folder, '.', 'x', '..', 'owned.db')])
      await expect(openDatabase({ dialect: 'sqlite', file: path }, { clock })).rejects.toMatchObject({
        code: 'DATABASE_LOCKED_BY_OTHER_PROCESS',
        details: { file: path },
      });
    await db.close();
    await (await open()).close();
  });

  it('leaves neither rows nor a lock behind when it is killed in the middle of a transaction', async () => {
    const before = await open();
    await migrate(before, [plugin], { mode: 'apply', clock });
    await before.write((trx) => trx.insert(table, [{ id: 1 }]));
    await before.close();

    const script = join(folder, 'child.mjs');
    writeFileSync(script, child);
    const running: ChildProcess = fork(script, [file], { stdio: 'inherit', execArgv: [] });
    await once(running, 'message');
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_LOCKED_BY_OTHER_PROCESS' });
    running.kill('SIGKILL');
    await once(running, 'exit');

    const after = await open();
    expect(await after.read((trx) => trx.rows(table))).toEqual([{ id: 1 }]);
    await after.close();
  });

  it('learns that the file is no database, and frees it', async () => {
    writeFileSync(file, 'no database'.repeat(500));
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' });
    rmSync(file);
    await (await open()).close();
  });

  it.skipIf(process.getuid?.() === 0)('learns that it may not write there', async () => {
    chmodSync(folder, 0o500);
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_RIGHT_MISSING' });
  });

  it('can close while transactions wait: they run first, later ones are refused', async () => {
    const db = await open();
    await migrate(db, [plugin], { mode: 'apply', clock });
    const writes = [1, 2, 3].map((id) => db.write((trx) => trx.insert(table, [{ id }])));
    await db.close();
    await Promise.all(writes);
    await expect(db.read(async () => 1)).rejects.toMatchObject({ code: 'DATABASE_MISUSED' });
    const again = await open();
    expect(await again.read((trx) => trx.rows(table))).toHaveLength(3);
    await again.close();
  });

  it('serves readers while a long write breathes, and keeps the order of writers', async () => {
    const db = await open();
    await migrate(db, [plugin], { mode: 'apply', clock });
    const order: string[] = [];
    let reads = 0;
    let writing = true;
    const writer = db.write(async (trx) => {
      for (let start = 0; start < 30_000; start += 3000) {
        await trx.insert(
          table,
          Array.from({ length: 3000 }, (_, index) => ({ id: start + index })),
        );
        await trx.breathe();
      }
      order.push('first');
      writing = false;
    });
    const second = db.write(async () => void order.push('second'));
    const third = db.load(table, [{ id: -1 }]).then(() => order.push('third'));
    const reader = (async () => {
      while (writing) {
        const rows = await db.read((trx) => trx.rows(table));
        if (writing) expect(rows).toEqual([]);
        reads += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await Promise.all([writer, second, third, reader]);
    expect(order).toEqual(['first', 'second', 'third']);
    expect(reads).toBeGreaterThan(5);
    expect(await db.read((trx) => trx.rows(table))).toHaveLength(30_001);
    await db.close();
  });

  it('lets a waiting transaction leave the queue when its signal is aborted', async () => {
    const db = await open();
    const controller = new AbortController();
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const holding = db.write(() => held);
    const waiting = db.write(async () => 1, { signal: controller.signal });
    controller.abort(new Error('no longer'));
    await expect(waiting).rejects.toThrow('no longer');
    free();
    await holding;
    expect(await db.write(async () => 2)).toBe(2);
    await db.close();
  });
});

describe('a database in memory', () => {
  it('shares one connection between reads and writes, one after the other', async () => {
    const clock = testClock();
    const db = await openDatabase({ dialect: 'sqlite', file: ':memory:' }, { clock });
    await migrate(db, [plugin], { mode: 'apply', clock });
    await Promise.all([1, 2, 3].map((id) => db.write((trx) => trx.insert(table, [{ id }]))));
    expect(await db.read((trx) => trx.rows(table))).toHaveLength(3);
    await db.read((trx) => trx.insert(table, [{ id: 9 }]));
    expect(await db.read((trx) => trx.rows(table))).toHaveLength(3);
    const inside = db.write(() => db.read(async () => 1));
    await expect(inside).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_NESTED' });
    await db.close();
  });
});
