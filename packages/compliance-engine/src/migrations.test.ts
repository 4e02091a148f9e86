import { down } from '@itsm-m365/database';
import { eachDatabase } from '@itsm-m365/database/testing';
import { describe, expect, it } from 'vitest';
import { complianceMigrations } from './migrations.ts';
import { recalculations, statusIntervals } from './tables.ts';
import { recalculate } from './testing/host.ts';
import { aPortal } from './testing/scenario.ts';
import { importPortal, openCompliance } from './testing/store.ts';

const plugin = { plugin: 'compliance-engine', migrations: complianceMigrations };

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`the migrations on ${engine.name}`, () => {
    it('go back only where no history is lost, or that is allowed', async () => {
      const test = await openCompliance(engine);
      try {
        await importPortal(test, aPortal().withSku('E3', { enabled: 1 }));
        await recalculate(test);
        await expect(down(test.db, plugin, undefined, { clock: test.clock })).rejects.toMatchObject({
          code: 'MIGRATION_LOSES_DATA',
        });
        const options = { clock: test.clock, allowDataLoss: true };
        expect(await down(test.db, plugin, undefined, options)).toEqual(['001-status']);
      } finally {
        await test.close();
      }
    });

    it('make the tables that the code reads', async () => {
      const test = await openCompliance(engine);
      try {
        await test.db.read(async (trx) => {
          expect(await trx.rows(statusIntervals)).toEqual([]);
          expect(await trx.rows(recalculations)).toEqual([]);
        });
      } finally {
        await test.close();
      }
    });
  });
}
