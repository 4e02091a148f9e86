import { randomBytes } from 'node:crypto';
import { migrate } from '@itsm-m365/database';
import { eachDatabase } from '@itsm-m365/database/testing';
import type { Database, SecretBinding } from '@itsm-m365/plugin-api';
import { machineRandom } from '@itsm-m365/server-tasks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyRing } from './key-ring.ts';
import { createSecrets, resealAll } from './secrets.ts';
import { hostMigrations, secretTable } from './tables.ts';

const ring = (...keys: readonly Buffer[]): KeyRing => {
  const entries = keys.map((key) => ({ id: key.toString('hex').slice(0, 8), key }));
  const [current] = entries;
  if (current === undefined) throw new Error('a ring has a key');
  return { current, find: (id) => entries.find((entry) => entry.id === id)?.key };
};

const binding: SecretBinding = {
  owner: 'm365-import.portals/1',
  field: 'credential.value',
  boundTo: { tenantId: 'a', cloud: 'global' },
};

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`secrets on ${engine.name}`, () => {
    let opened: Awaited<ReturnType<typeof engine.open>>;
    let db: Database;
    const old = randomBytes(32);
    const make = (keys: KeyRing) => ({ db, keys, clock: opened.clock, random: machineRandom, randomBytes });

    beforeEach(async () => {
      opened = await engine.open();
      db = opened.db;
      await migrate(db, [{ plugin: 'reference-host', migrations: hostMigrations }], {
        mode: 'apply',
        clock: opened.clock,
      });
    });
    afterEach(() => opened.close());

    it('are revealed to the binding they were stored for', async () => {
      const secrets = createSecrets(make(ring(old)));
      const ref = await secrets.store('canary-value', binding);
      expect(await secrets.reveal(ref, binding)).toBe('canary-value');
    });

    it('lie in the database as ciphertext only', async () => {
      const secrets = createSecrets(make(ring(old)));
      await secrets.store('canary-value', binding);
      const rows = await db.read((trx) => trx.rows(secretTable));
      expect(JSON.stringify(rows)).not.toContain('canary');
    });

    it.each([
      ['another owner', { ...binding, owner: 'm365-import.portals/2' }],
      ['another field', { ...binding, field: 'credential.privateKey' }],
      ['another tenant', { ...binding, boundTo: { tenantId: 'b', cloud: 'global' } }],
    ])('are refused to %s', async (_, other) => {
      const secrets = createSecrets(make(ring(old)));
      const ref = await secrets.store('canary-value', binding);
      await expect(secrets.reveal(ref, other)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    });

    it('do not open in another row', async () => {
      const secrets = createSecrets(make(ring(old)));
      const first = await secrets.store('first', binding);
      const second = await secrets.store('second', binding);
      await db.write(async (trx) => {
        const [row] = await trx.rows(secretTable, (q) => q.where({ id: first }));
        await trx.update(secretTable, { sealed: row?.sealed ?? '' }, (q) => q.where({ id: second }));
      });
      await expect(secrets.reveal(second, binding)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    });

    it('do not open when what they are bound to is edited in the database', async () => {
      const secrets = createSecrets(make(ring(old)));
      const ref = await secrets.store('first', binding);
      const bound = { tenantId: 'evil', cloud: 'global' };
      await db.write((trx) => trx.update(secretTable, { bound }, (q) => q.where({ id: ref })));
      await expect(secrets.reveal(ref, { ...binding, boundTo: bound })).rejects.toMatchObject({
        code: 'SECRET_UNREADABLE',
      });
    });

    it('ask to be entered again when their key is lost', async () => {
      const ref = await createSecrets(make(ring(old))).store('canary-value', binding);
      const secrets = createSecrets(make(ring(randomBytes(32))));
      await expect(secrets.reveal(ref, binding)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    });

    it('survive a rotation of the key, which can be repeated', async () => {
      const ref = await createSecrets(make(ring(old))).store('canary-value', binding);
      const fresh = randomBytes(32);
      expect(await resealAll(make(ring(fresh, old)))).toEqual({ resealed: 1, lost: 0 });
      expect(await resealAll(make(ring(fresh, old)))).toEqual({ resealed: 0, lost: 0 });
      expect(await createSecrets(make(ring(fresh))).reveal(ref, binding)).toBe('canary-value');
    });

    it('are gone after removal, which can be repeated', async () => {
      const secrets = createSecrets(make(ring(old)));
      const ref = await secrets.store('canary-value', binding);
      await secrets.remove(ref);
      await secrets.remove(ref);
      await expect(secrets.reveal(ref, binding)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    });
  });
}
