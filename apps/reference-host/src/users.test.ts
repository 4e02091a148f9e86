import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@itsm-m365/database';
import { eachDatabase } from '@itsm-m365/database/testing';
import { machineRandom } from '@itsm-m365/server-tasks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostMigrations } from './tables.ts';
import { createUsers, type Users } from './users.ts';

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`users on ${engine.name}`, () => {
    let opened: Awaited<ReturnType<typeof engine.open>>;
    let users: Users;
    let folder: string;

    beforeEach(async () => {
      opened = await engine.open();
      folder = await mkdtemp(join(tmpdir(), 'users-'));
      await migrate(opened.db, [{ plugin: 'reference-host', migrations: hostMigrations }], {
        mode: 'apply',
        clock: opened.clock,
      });
      users = createUsers({ db: opened.db, clock: opened.clock, random: machineRandom, dataDirectory: folder });
    });
    afterEach(async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    });

    const first = async (): Promise<string> => {
      const prepared = await users.prepareFirstPassword();
      const token = await readFile(prepared?.tokenFile ?? '', 'utf8');
      return users.setFirstPassword({ token, name: 'Admin', password: 'correct horse battery' });
    };

    it('the first password needs the one-time token, once', async () => {
      await users.prepareFirstPassword();
      await expect(
        users.setFirstPassword({ token: 'guess', name: 'x', password: 'correct horse battery' }),
      ).rejects.toMatchObject({
        code: 'FIRST_PASSWORD_REFUSED',
      });
      const session = await first();
      expect(await users.actor(session)).toMatchObject({ name: 'Admin' });
      expect(await users.prepareFirstPassword()).toBeUndefined();
      await expect(first()).rejects.toThrow();
    });

    it('a name signs in whatever its case', async () => {
      await first();
      expect(await users.actor(await users.signIn(' ADMIN ', 'correct horse battery'))).toMatchObject({
        name: 'Admin',
      });
    });

    it('five wrong passwords lock for a quarter of an hour', async () => {
      await first();
      for (let tries = 0; tries < 5; tries += 1) {
        await expect(users.signIn('admin', 'wrong')).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
      }
      await expect(users.signIn('admin', 'correct horse battery')).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
      await opened.clock.advance(15 * 60_000 + 1);
      expect(await users.signIn('admin', 'correct horse battery')).toBeTruthy();
    });

    it('a session ends after an hour without use, and at sign-out', async () => {
      const session = await first();
      await opened.clock.advance(59 * 60_000);
      expect(await users.actor(session)).toBeDefined();
      await opened.clock.advance(61 * 60_000);
      expect(await users.actor(session)).toBeUndefined();
      const second = await users.signIn('admin', 'correct horse battery');
      await users.signOut(second);
      expect(await users.actor(second)).toBeUndefined();
    });

    it('a grant covers its permission and its scope, no more', async () => {
      const grants = [{ permission: 'm365-import.portals.read', scope: { type: 'portal', id: 'p1' } }];
      const actor = await users.put({ name: 'Reader', password: 'correct horse battery', grants });
      expect(await users.allows(actor, 'm365-import.portals.read', { type: 'portal', id: 'p1' })).toBe(true);
      expect(await users.allows(actor, 'm365-import.portals.read', { type: 'portal', id: 'p2' })).toBe(false);
      expect(await users.allows(actor, 'm365-import.portals.read', undefined)).toBe(false);
      expect(await users.allows(actor, 'm365-import.portals.edit', { type: 'portal', id: 'p1' })).toBe(false);
    });
  });
}
