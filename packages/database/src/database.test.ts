import { openEnd } from '@itsm-m365/plugin-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bigint,
  bytes,
  defineTable,
  flag,
  guid,
  integer,
  json,
  longText,
  migrate,
  nullable,
  number,
  type RowOf,
  text,
  time,
} from './index.ts';
import { eachDatabase, type TestDatabase } from './testing/index.ts';

const things = defineTable('lic_things', {
  id: guid(),
  name: text(50),
  note: nullable(longText()),
  seats: integer(),
  big: bigint(),
  ratio: nullable(number()),
  active: flag(),
  seen: time(),
  ends: nullable(time()),
  tags: json<readonly string[]>(),
  extra: nullable(json<{ readonly a: number }>()),
  photo: nullable(bytes()),
});
type Thing = RowOf<typeof things>;

const thing = (id: string, more: Partial<Thing> = {}): Thing => ({
  id,
  name: `name of ${id}`,
  note: null,
  seats: 3,
  big: 2 ** 40,
  ratio: 0.5,
  active: true,
  seen: Date.UTC(2026, 0, 1, 2, 3, 4, 567),
  ends: openEnd,
  tags: ['a', 'ü'],
  extra: { a: 1 },
  photo: Buffer.from([0, 1, 255]),
  ...more,
});

const migrations = [
  {
    id: '001-things',
    up: (schema) => schema.createTable('lic_things', things.columns, ['id']),
    down: (schema) => schema.dropTable('lic_things'),
  },
] satisfies Parameters<typeof migrate>[1][number]['migrations'];

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`a database on ${engine.name}`, () => {
    let test: TestDatabase;

    beforeAll(async () => {
      test = await engine.open();
      await migrate(test.db, [{ plugin: 'licence-catalog', migrations }], { mode: 'apply', clock: test.clock });
    });
    afterAll(() => test?.close());
    beforeEach(() => test.db.write((trx) => trx.remove(things, () => undefined)));

    const all = (): Promise<Thing[]> => test.db.read((trx) => trx.rows(things, (query) => query.orderBy('id')));

    it('gives back the rows that were inserted, of every kind of column', async () => {
      const rows = [
        thing('a'),
        thing('b', { note: '', ratio: null, active: false, ends: null, extra: null, photo: null, tags: [] }),
        thing('c', { note: 'x'.repeat(10_000), seen: Date.UTC(1970, 0, 1), photo: Buffer.alloc(20_000, 7) }),
      ];
      await test.db.write((trx) => trx.insert(things, rows));
      expect(await all()).toEqual(rows);
    });

    it('inserts more rows than one statement of the engine takes', async () => {
      const rows = Array.from({ length: 2345 }, (_, index) => thing(`id-${String(index).padStart(6, '0')}`));
      await test.db.write((trx) => trx.insert(things, rows));
      expect(await all()).toEqual(rows);
    });

    it('loads rows from an iterable and tells how many there were', async () => {
      const rows = Array.from({ length: 3001 }, (_, index) => thing(`id-${String(index).padStart(6, '0')}`));
      rows[17] = thing('id-000017', { note: null, ratio: null, ends: null, extra: null, photo: null });
      const count = await test.db.load(
        things,
        (function* () {
          yield* rows;
        })(),
      );
      expect(count).toBe(3001);
      expect(await all()).toEqual(rows);
    });

    it('tells how many rows an update, a delete and a raw statement changed', async () => {
      await test.db.write((trx) => trx.insert(things, [thing('a'), thing('b'), thing('c', { active: false })]));
      await test.db.write(async (trx) => {
        const patch = { note: 'n', ratio: null, photo: null, seen: 5, active: false, tags: ['z'], extra: { a: 2 } };
        expect(await trx.update(things, patch, (query) => query.whereIn('id', ['a', 'b']))).toBe(2);
        expect(await trx.update(things, patch, (query) => query.where({ id: 'nobody' }))).toBe(0);
        expect(
          await trx.execute('update ?? set seats = ? where active = ?', [
            trx.name(things),
            9,
            trx.encode('flag', false),
          ]),
        ).toBe(3);
        expect(await trx.execute('delete from ?? where id = ?', [trx.name(things), 'c'])).toBe(1);
        expect(await trx.remove(things, (query) => query.where({ id: 'a' }))).toBe(1);
        expect(await trx.execute('delete from ?? where id = ?', [trx.name(things), 'c'])).toBe(0);
      });
      expect(await all()).toEqual([
        thing('b', {
          note: 'n',
          ratio: null,
          photo: null,
          seen: 5,
          active: false,
          tags: ['z'],
          extra: { a: 2 },
          seats: 9,
        }),
      ]);
    });

    it('queries with an alias and decodes by hand', async () => {
      await test.db.write((trx) => trx.insert(things, [thing('a'), thing('b')]));
      await test.db.read(async (trx) => {
        const found = await trx
          .from(things, 't')
          .select('t.id', 't.seen', 't.active', 't.big')
          .where('t.id', 'a')
          .first();
        expect(trx.decode('time', found.seen)).toBe(thing('a').seen);
        expect(trx.decode('flag', found.active)).toBe(true);
        expect(trx.decode('bigint', found.big)).toBe(2 ** 40);
        const [row] = await trx.query<{ count: number }>('select count(*) as count from ?? where seen = ?', [
          trx.name(things),
          trx.encode('time', thing('a').seen),
        ]);
        expect(row?.count).toBe(2);
      });
    });

    it('leaves nothing of a transaction that threw', async () => {
      const failed = test.db.write(async (trx) => {
        await trx.insert(things, [thing('a')]);
        throw new Error('domain');
      });
      await expect(failed).rejects.toThrow('domain');
      expect(await all()).toEqual([]);
    });

    it('reports a duplicate key as ours, without the value', async () => {
      const failed = test.db.write(async (trx) => {
        await trx.insert(things, [thing('secret-person')]);
        await trx.insert(things, [thing('secret-person')]);
      });
      const error: unknown = await failed.catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'KnownError', code: 'DATABASE_CONSTRAINT' });
      const seen = JSON.stringify([error, String(error), String((error as Error).cause), (error as Error).stack]);
      expect(seen).not.toContain('secret-person');
      expect(await all()).toEqual([]);
    });

    it('gives up the transaction when a failed statement is caught and forgotten', async () => {
      const failed = test.db.write(async (trx) => {
        await trx.insert(things, [thing('a')]);
        await trx.insert(things, [thing('a')]).catch(() => undefined);
      });
      await expect(failed).rejects.toMatchObject({ code: 'DATABASE_CONSTRAINT' });
      expect(await all()).toEqual([]);
    });

    it('refuses two statements at once on one transaction and rolls it back', async () => {
      const failed = test.db.write(async (trx) => {
        await trx.insert(things, [thing('a')]);
        await Promise.all([trx.rows(things), trx.rows(things)]);
      });
      await expect(failed).rejects.toMatchObject({ code: 'DATABASE_STATEMENTS_OVERLAP' });
      expect(await all()).toEqual([]);
    });

    it('refuses a statement that nobody waited for', async () => {
      const failed = test.db.write(async (trx) => {
        const rows = Array.from({ length: 1500 }, (_, index) => thing(`id-${index}`));
        void trx.insert(things, rows).catch(() => undefined);
      });
      await expect(failed).rejects.toMatchObject({ code: 'DATABASE_STATEMENTS_OVERLAP' });
      expect(await all()).toEqual([]);
    });

    it('refuses a write inside a write instead of waiting for itself', async () => {
      const nested = test.db.write(() => test.db.write(async () => 1));
      await expect(nested).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_NESTED' });
      const loading = test.db.write(() => test.db.load(things, [thing('a')]));
      await expect(loading).rejects.toMatchObject({ code: 'DATABASE_TRANSACTION_NESTED' });
    });

    it('refuses joins in updates and deletes, and columns it does not know', async () => {
      const joined = test.db.write((trx) =>
        trx.update(things, { seats: 1 }, (query) => query.join('lic_things as o', 'o.id', 'lic_things.id')),
      );
      await expect(joined).rejects.toMatchObject({ code: 'DATABASE_MISUSED' });
      const unknown = test.db.write((trx) => trx.update(things, { nope: 1 } as Partial<Thing>, () => undefined));
      await expect(unknown).rejects.toMatchObject({ code: 'DATABASE_MISUSED' });
    });

    it('refuses values that do not fit, by column and without the value', async () => {
      for (const wrong of [
        { name: 'x'.repeat(51) },
        { seats: 1.5 },
        { seats: 2 ** 31 },
        { ratio: Number.NaN },
        { seen: 0.5 },
      ]) {
        const error: unknown = await test.db
          .write((trx) => trx.insert(things, [thing('a', wrong)]))
          .catch((e: unknown) => e);
        expect(error).toMatchObject({ code: 'DATABASE_VALUE_INVALID' });
        expect(String(error)).toMatch(/lic_things\.(name|seats|ratio|seen)/);
      }
    });

    it('refuses savepoints and streams', async () => {
      const savepoint = test.db.write((trx) => trx.sql.transaction(async (inner) => inner.raw('select 1 as one')));
      await expect(savepoint).rejects.toMatchObject({ code: 'DATABASE_MISUSED' });
      const stream = test.db.read(async (trx) => trx.from(things).stream());
      await expect(stream).rejects.toMatchObject({ code: 'DATABASE_MISUSED' });
    });

    it('never changes anything in a read', async () => {
      await test.db.read((trx) => trx.insert(things, [thing('a')])).catch(() => undefined);
      expect(await all()).toEqual([]);
    });

    it('lets a read see the state of its start while a write goes on', async () => {
      await test.db.write((trx) => trx.insert(things, [thing('a')]));
      if (!test.db.capabilities.snapshotReads) return;
      await test.db.write(async (trx) => {
        await trx.insert(things, [thing('b')]);
        await trx.breathe();
        expect((await all()).map(({ id }) => id)).toEqual(['a']);
      });
      expect((await all()).map(({ id }) => id)).toEqual(['a', 'b']);
    });

    it('stops at an aborted signal and rejects with its reason', async () => {
      const controller = new AbortController();
      const reason = new Error('stopped');
      const stopped = test.db.write(
        async (trx) => {
          await trx.insert(things, [thing('a')]);
          controller.abort(reason);
          await trx.insert(things, [thing('b')]);
        },
        { signal: controller.signal },
      );
      await expect(stopped).rejects.toBe(reason);
      expect(await all()).toEqual([]);
    });

    it('tries a transaction again that failed for a reason of timing, and no more than asked', async () => {
      const { databaseErrors } = await import('./index.ts');
      let tries = 0;
      const result = await test.db.write(async (trx) => {
        tries += 1;
        await trx.insert(things, [thing(`t${tries}`)]);
        if (tries < 3) throw databaseErrors.DATABASE_BUSY({ reason: 'test' });
        return tries;
      });
      expect(result).toBe(3);
      expect((await all()).map(({ id }) => id)).toEqual(['t3']);
      const never = test.db.write(
        async () => {
          tries += 1;
          throw databaseErrors.DATABASE_CONFLICT({ reason: 'test' });
        },
        { retries: 1 },
      );
      await expect(never).rejects.toMatchObject({ code: 'DATABASE_CONFLICT' });
      expect(tries).toBe(5);
    });

    it('keeps many writers apart', async () => {
      await test.db.write((trx) => trx.insert(things, [thing('a', { seats: 0 })]));
      const bump = (): Promise<unknown> =>
        test.db.write((trx) => trx.execute('update ?? set seats = seats + 1 where id = ?', [trx.name(things), 'a']));
      await Promise.all(Array.from({ length: 12 }, bump));
      expect((await all())[0]?.seats).toBe(12);
    });
  });
