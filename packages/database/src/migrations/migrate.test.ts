import type { Migration } from '@itsm-m365/plugin-api';
import mssql from 'mssql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bigint,
  bytes,
  defineTable,
  down,
  dropColumns,
  flag,
  guid,
  json,
  longText,
  migrate,
  nullable,
  number,
  openDatabase,
  text,
  time,
} from '../index.ts';
import { runStatement } from '../statement.ts';
import { eachDatabase, type TestDatabase } from '../testing/index.ts';

const first = { id: guid(), name: text(40) };
const added = { seen: time(), active: flag(), ratio: number(), big: bigint(), note: text(20), extra: nullable(json()) };
const old = defineTable('mail_boxes', first);
const current = defineTable('mail_boxes', { ...first, ...added });

const boxes: Migration = {
  id: '001-boxes',
  up: async (schema) => {
    await schema.createTable('mail_boxes', first, ['id']);
    await schema.createIndex('mail_boxes', ['name'], { name: 'ix_mail_boxes_name', unique: true });
    await schema.createTable(
      'mail_rules',
      { box: guid(), kind: text(10), body: nullable(longText()), pic: nullable(bytes()) },
      ['box', 'kind'],
    );
  },
  down: async (schema) => {
    await schema.dropTable('mail_rules');
    await schema.dropTable('mail_boxes');
  },
};

const columns: Migration = {
  id: '002-columns',
  up: async (schema) => {
    const defaults = {
      seen: Date.UTC(2020, 1, 2, 3, 4, 5, 678),
      active: true,
      ratio: 0.25,
      big: 2 ** 40,
      note: "it's ü?",
    };
    await schema.addColumns('mail_boxes', added, defaults);
    await schema.createIndex('mail_boxes', ['seen', 'id'], { name: 'ix_mail_boxes_seen' });
    await schema.trx.execute('update ?? set active = ? where note = ?', [
      schema.trx.name({ name: 'mail_boxes' }),
      schema.trx.encode('flag', false),
      "it's ü?",
    ]);
  },
  down: async (schema) => {
    await schema.dropIndex('mail_boxes', 'ix_mail_boxes_seen');
    await dropColumns(schema, 'mail_boxes', Object.keys(added));
  },
};

const plugin = { plugin: 'mail-parser', migrations: [boxes, columns] };
const older = { plugin: 'mail-parser', migrations: [boxes] };
const names = (ids: readonly string[]) => ids.map((id) => ({ plugin: 'mail-parser', id }));

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`migrations on ${engine.name}`, () => {
    let test: TestDatabase;
    const run = (mode: 'apply' | 'check' | 'script', source = plugin, target?: string) =>
      migrate(test.db, [source], { mode, clock: test.clock, ...(target ? { target: { 'mail-parser': target } } : {}) });

    beforeEach(async () => {
      test = await engine.open();
    });
    afterEach(() => test.close());

    it('applies each migration once, in order', async () => {
      expect((await run('apply')).applied).toEqual(names(['001-boxes', '002-columns']));
      expect((await run('apply')).applied).toEqual([]);
      await expect(run('check')).resolves.toMatchObject({ applied: [] });
    });

    it('keeps old rows and gives them the defaults of added columns', async () => {
      await run('apply', plugin, '001-boxes');
      await test.db.write((trx) => trx.insert(old, [{ id: 'A-1', name: 'n' }]));
      await run('apply');
      const rows = await test.db.read((trx) => trx.rows(current));
      const seen = Date.UTC(2020, 1, 2, 3, 4, 5, 678);
      expect(rows).toEqual([
        { id: 'a-1', name: 'n', seen, active: false, ratio: 0.25, big: 2 ** 40, note: "it's ü?", extra: null },
      ]);
      // The version before still runs during an upgrade and does not know the columns.
      await test.db.write((trx) => trx.insert(old, [{ id: 'a-2', name: 'm' }]));
      expect(await test.db.read((trx) => trx.rows(current))).toHaveLength(2);
    });

    it('names what is missing when it only checks, and changes nothing', async () => {
      await expect(run('check')).rejects.toMatchObject({
        code: 'SCHEMA_MISSING',
        details: { missing: 'mail-parser/001-boxes, mail-parser/002-columns' },
      });
      await run('apply', plugin, '001-boxes');
      await expect(run('check')).rejects.toMatchObject({ details: { missing: 'mail-parser/002-columns' } });
    });

    it('refuses a schema newer than the code, in every mode', async () => {
      await run('apply');
      for (const mode of ['apply', 'check', 'script'] as const)
        await expect(run(mode, older)).rejects.toMatchObject({
          code: 'SCHEMA_NEWER',
          details: { unknown: 'mail-parser/002-columns' },
        });
    });

    it('leaves nothing of a migration that fails and goes on from there', async () => {
      const broken: Migration = {
        ...columns,
        up: async (schema) => {
          await schema.createTable('mail_left', { id: guid() }, ['id']);
          await schema.trx.execute('insert into nowhere values (1)');
        },
      };
      await expect(run('apply', { plugin: 'mail-parser', migrations: [boxes, broken] })).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        details: { plugin: 'mail-parser', migration: '002-columns' },
      });
      const left = defineTable('mail_left', { id: guid() });
      await expect(test.db.read((trx) => trx.rows(left))).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
      expect((await run('apply')).applied).toEqual(names(['002-columns']));
    });

    it('is run once by migrators that start together', async () => {
      const other =
        test.connection.dialect === 'sqlite' ? test.db : await openDatabase(test.connection, { clock: test.clock });
      try {
        const both = await Promise.all(
          [test.db, other, test.db].map((db) => migrate(db, [plugin], { mode: 'apply', clock: test.clock })),
        );
        const applied = both.flatMap((one) => one.applied.map(({ id }) => id)).sort();
        expect(applied).toEqual(['001-boxes', '002-columns']);
        await expect(run('check')).resolves.toBeDefined();
      } finally {
        if (other !== test.db) await other.close();
      }
    });

    it('goes back step by step, and not over rows unless the loss is allowed', async () => {
      await run('apply');
      const { clock } = test;
      await test.db.write((trx) => trx.insert(old, [{ id: 'a', name: 'n' }]));
      await expect(down(test.db, plugin, '001-boxes', { clock })).rejects.toMatchObject({
        code: 'MIGRATION_LOSES_DATA',
      });
      await expect(run('check')).resolves.toBeDefined();
      expect(await down(test.db, plugin, '001-boxes', { clock, allowDataLoss: true })).toEqual(['002-columns']);
      expect(await test.db.read((trx) => trx.rows(old))).toEqual([{ id: 'a', name: 'n' }]);
      await expect(down(test.db, plugin, undefined, { clock })).rejects.toMatchObject({
        code: 'MIGRATION_LOSES_DATA',
        details: { place: 'mail_boxes' },
      });
      expect(await down(test.db, plugin, undefined, { clock, allowDataLoss: true })).toEqual(['001-boxes']);
      expect((await run('apply')).applied).toHaveLength(2);
    });

    it('writes a script that does the same as applying, history included', async () => {
      const { script, pending } = await run('script');
      expect(pending).toEqual(names(['001-boxes', '002-columns']));
      expect(script).not.toMatch(/^GO$/m);
      await expect(run('check')).rejects.toMatchObject({ code: 'SCHEMA_MISSING' });
      await runScript(test, script);
      await expect(run('check')).resolves.toBeDefined();
      expect((await run('script')).script).toBe('');
      await test.db.write((trx) => trx.insert(old, [{ id: 'a', name: 'n' }]));
      const [row] = await test.db.read((trx) => trx.rows(current));
      expect(row).toMatchObject({ active: true, ratio: 0.25, note: "it's ü?" });
      if (test.connection.dialect === 'mssql') await runScript(test, script);
    });

    it('refuses keys that the engines would treat differently', async () => {
      const refuse = async (up: Migration['up']) =>
        expect(run('apply', { plugin: 'mail-parser', migrations: [{ ...boxes, up }] })).rejects.toMatchObject({
          code: 'MIGRATION_INVALID',
        });
      await refuse((schema) => schema.createTable('x', { id: nullable(guid()) }, ['id']));
      await refuse((schema) => schema.createTable('x', { id: guid() }, []));
      await refuse((schema) => schema.createTable('x', { id: text(451) }, ['id']));
      await refuse((schema) => schema.createTable('x; drop table y', { id: guid() }, ['id']));
      await refuse(async (schema) => {
        await schema.createTable('x', { id: guid(), name: nullable(text(10)) }, ['id']);
        await schema.createIndex('x', ['name'], { name: 'ux_x_name', unique: true });
      });
      await refuse(async (schema) => {
        await schema.createTable('x', { id: guid(), name: text(900) }, ['id']);
        await schema.createIndex('x', ['name'], { name: 'ix_x_name' });
      });
      await refuse(async (schema) => {
        await schema.createTable('x', { id: guid() }, ['id']);
        await schema.addColumns('x', { name: text(10) }, {});
      });
    });

    it('refuses ids that are malformed, doubled or out of order', async () => {
      for (const ids of [['1-x'], ['001-x', '001-x'], ['002-x', '001-y'], ['001_x']])
        await expect(
          run('check', { plugin: 'mail-parser', migrations: ids.map((id) => ({ ...boxes, id })) }),
        ).rejects.toMatchObject({ code: 'MIGRATION_INVALID' });
    });
  });

/** As an administrator's tool would: the whole text at once. */
const runScript = async ({ db, connection }: TestDatabase, script: string): Promise<void> => {
  if (connection.dialect === 'sqlite') {
    // The transaction of `write` is ended first: the script has its own.
    await db.write((trx) => runStatement(trx, `COMMIT;\n${script}\nBEGIN`));
    return;
  }
  const { server, port = 1433, database, user, password } = connection;
  const options = { encrypt: connection.encrypt ?? true, trustServerCertificate: true };
  const pool = await new mssql.ConnectionPool({ server, port, database, user, password, options }).connect();
  await pool.request().batch(script);
  await pool.close();
};
