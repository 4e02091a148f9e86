import type { Migration } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineTable, guid, migrate, text, words } from './index.ts';
import { eachDatabase, type TestDatabase } from './testing/index.ts';

const columns = { id: guid(), name_key: text(40), name: words(40) };
const places = defineTable('x_place', columns);

const migration: Migration = {
  id: '001-places',
  up: async (schema) => {
    await schema.createTable('x_place', columns, ['id']);
    await schema.createIndex('x_place', ['name_key'], { name: 'uq_x_place', unique: true });
  },
  down: (schema) => schema.dropTable('x_place'),
};

/** Pairs that one collation or another takes for equal: German ones ß and ss, phone books ä and ae, `CI` cases, `AI` accents. */
const pairs = [
  ['straße', 'strasse'],
  ['bär', 'baer'],
  ['müller', 'muller'],
  ['öl', 'o\u0308l'],
  ['it', 'IT'],
  ['ı', 'i'],
  ['a-b', 'ab'],
  ['ﬁx', 'fix'],
  ['１', '1'],
] as const;

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`keys on ${engine.name}`, () => {
    let test: TestDatabase;
    beforeEach(async () => {
      test = await engine.open();
      await migrate(test.db, [{ plugin: 'x-plugin', migrations: [migration] }], { mode: 'apply', clock: test.clock });
    });
    afterEach(() => test.close());

    it('are compared sign by sign, whatever the collation of the database', async () => {
      const rows = pairs.flat().map((name, index) => ({ id: `id-${index}`, name_key: name, name }));
      await test.db.write((trx) => trx.insert(places, rows));
      for (const { id, name_key } of rows) {
        const found = await test.db.read((trx) => trx.rows(places, (query) => query.where({ name_key })));
        expect(found.map((row) => row.id)).toEqual([id]);
      }
      const again = { id: 'id-again', name_key: 'straße', name: '' };
      await expect(test.db.write((trx) => trx.insert(places, [again]))).rejects.toMatchObject({
        code: 'DATABASE_CONSTRAINT',
      });
    });

    it('are no words, which the collation of the database compares', async () => {
      const broken: Migration = {
        ...migration,
        id: '002-broken',
        up: (schema) => schema.createTable('x_other', { name: words(40) }, ['name']),
      };
      const source = { plugin: 'x-plugin', migrations: [migration, broken] };
      await expect(migrate(test.db, [source], { mode: 'apply', clock: test.clock })).rejects.toMatchObject({
        code: 'MIGRATION_INVALID',
      });
    });
  });
