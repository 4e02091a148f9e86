import { eachDatabase } from '@itsm-m365/database/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { afterRestore } from './after-restore.ts';
import { confirmations, portalStates } from './tables.ts';
import { call } from './testing/routes.ts';
import { assignmentLines, openWorld, portalId, truthLines, type World } from './testing/world.ts';

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`an import after a restore on ${engine.name}`, () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(engine, { users: 60 });
      expect((await world.harness.runOne()).state).toBe('succeeded');
    });
    afterEach(() => world.close());

    const forget = () => world.db.write(async (trx) => afterRestore.forget?.(trx, { now: 0 }));
    const cursors = async () => afterRestore.cursors?.(world.harness.services);
    const lastFull = async () => (await world.db.read((trx) => trx.rows(portalStates)))[0]?.last_full_at;
    const run = async () => {
      world.advance(5);
      return world.harness.runOne();
    };

    it('lists everybody once, whatever the link of the backup said, and then the changes again', async () => {
      expect(await forget()).toEqual({ deltaLinks: 1, confirmations: 0 });
      const [gone] = [...world.tenant.truth.users()].filter((user) => user.held.length > 0);
      world.tenant.removeUser(gone?.id ?? '');
      const full = async () => {
        const before = await lastFull();
        expect((await run()).state).toBe('succeeded');
        return (await lastFull()) !== before;
      };
      expect(await full()).toBe(true);
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
      expect(await full()).toBe(false);
      expect(await forget()).toEqual({ deltaLinks: 1, confirmations: 0 });
    });

    it('takes no word that was given before', async () => {
      const holders = [...world.tenant.truth.users()].filter((user) => user.held.length > 0);
      for (const user of holders.slice(0, 30)) world.tenant.removeUser(user.id);
      const held = await run();
      expect(held.state).toBe('held');
      const [state] = await world.db.read((trx) => trx.rows(portalStates));
      const count = state?.held_count ?? 0;
      await call(world, 'POST', '/portals/:portal/confirmation', { params: { portal: portalId }, body: { count } });
      expect(await forget()).toMatchObject({ confirmations: 1 });
      expect((await world.db.read((trx) => trx.rows(confirmations))).map(({ used_run }) => used_run)).toEqual([
        'restored',
      ]);
      expect((await run()).state).toBe('held');
    });

    it('shows how far each portal was read, before and after', async () => {
      const before = await cursors();
      expect(before).toMatchObject([{ item: portalId, subject: { type: 'portal', id: portalId } }]);
      expect(before?.[0]?.position.en).toMatch(/changes read up to \d{4}-/);
      await forget();
      expect((await cursors())?.[0]?.position).toMatchObject({
        en: expect.stringContaining('lists all users'),
        de: expect.stringContaining('liest alle Benutzer'),
      });
    });
  });
