import { down, migrate } from '@itsm-m365/database';
import { eachDatabase } from '@itsm-m365/database/testing';
import type { Column } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import { catalogueMigrations } from './migrations.ts';
import { catalogueTables, counters } from './tables.ts';

const source = { plugin: 'licence-catalog', migrations: catalogueMigrations };

describe.each(eachDatabase())('migrations on $name', (engine) => {
  it.skipIf(engine.skipped)('go up, fit the tables of the code, and go down when nothing would be lost', async () => {
    const { db, clock, close } = await engine.open();
    await migrate(db, [source], { mode: 'apply', clock });
    for (const table of catalogueTables) {
      const names = Object.keys(table.columns satisfies Record<string, Column>);
      expect(await db.read((trx) => trx.from(table).select(names))).toEqual([]);
    }
    await db.write((trx) => trx.insert(counters, [{ id: 'licence', next_value: 2 }]));
    await expect(down(db, source, undefined, { clock })).rejects.toMatchObject({ code: 'MIGRATION_LOSES_DATA' });
    await down(db, source, undefined, { clock, allowDataLoss: true });
    await migrate(db, [source], { mode: 'apply', clock });
    expect(await db.read((trx) => trx.rows(counters))).toEqual([]);
    await close();
  });
});
