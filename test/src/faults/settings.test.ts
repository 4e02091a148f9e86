import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { migrate, type OpenDatabase, openDatabase } from '@itsm-m365/database';
import { machineClock, machineRandom } from '@itsm-m365/server-tasks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyRing } from '../../../apps/reference-host/src/key-ring.ts';
import { createSecrets } from '../../../apps/reference-host/src/secrets.ts';
import { createSettingsStore } from '../../../apps/reference-host/src/settings-store.ts';
import { hostMigrations } from '../../../apps/reference-host/src/tables.ts';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';

const binding = { owner: 'sample/one', field: 'key', boundTo: {} };

describe("The reference host's own file that cannot grow", () => {
  let folder: Folder;
  let db: OpenDatabase;
  beforeEach(async () => {
    folder = temporaryFolder();
    db = await openDatabase({ dialect: 'sqlite', file: join(folder.path, 'host.sqlite') }, { clock: machineClock });
    await migrate(db, [{ plugin: 'reference-host', migrations: hostMigrations }], {
      mode: 'apply',
      clock: machineClock,
    });
  });
  afterEach(async () => {
    await db.close();
    folder.remove();
  });

  it('refuses a change of settings and a secret with what to do, keeps what was there, and takes both once there is room', async () => {
    const store = createSettingsStore(db, machineClock);
    const keys = await openKeyRing(folder.path, undefined, randomBytes);
    const secrets = createSecrets({ db, keys, clock: machineClock, random: machineRandom, randomBytes });
    const small = { text: 'before' };
    const large = { text: 'x'.repeat(50_000) };
    await store.put('sample', 'one', small, { ifVersion: 0, actor: 'ann' });
    const ref = await secrets.store('kept', binding);
    const limit = (pages: string) => db.write((trx) => trx.execute(`PRAGMA max_page_count = ${pages}`));
    await limit('1');
    const full = { code: 'DATABASE_FULL', kind: 'configuration' };
    await expect(store.put('sample', 'one', large, { ifVersion: 1, actor: 'ann' })).rejects.toMatchObject(full);
    await expect(store.put('sample', 'two', large, { ifVersion: 0, actor: 'ann' })).rejects.toMatchObject(full);
    await expect(secrets.store('y'.repeat(50_000), binding)).rejects.toMatchObject(full);
    expect(await store.list('sample')).toEqual([{ id: 'one', version: 1, value: small }]);
    expect(await secrets.reveal(ref, binding)).toBe('kept');
    await limit('1000000');
    expect((await store.put('sample', 'one', large, { ifVersion: 1, actor: 'ann' })).version).toBe(2);
    expect(await store.list('sample')).toEqual([{ id: 'one', version: 2, value: large }]);
  });
});
