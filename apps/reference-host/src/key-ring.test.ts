import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addKey, dropOldKeys, openKeyRing } from './key-ring.ts';

describe('key ring', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made at the first start, for its owner only, and found at the second', async () => {
    const first = await openKeyRing(folder, undefined, randomBytes);
    expect((await stat(join(folder, 'secrets.key'))).mode & 0o777).toBe(0o600);
    expect((await openKeyRing(folder, undefined, randomBytes)).current).toEqual(first.current);
  });

  it('refuses a file that others can read', async () => {
    await openKeyRing(folder, undefined, randomBytes);
    await chmod(join(folder, 'secrets.key'), 0o644);
    await expect(openKeyRing(folder, undefined, randomBytes)).rejects.toMatchObject({ code: 'SECRETS_KEY_READABLE' });
  });

  it('refuses a key of another length', async () => {
    await expect(openKeyRing(folder, randomBytes(16).toString('base64'), randomBytes)).rejects.toMatchObject({
      code: 'SECRETS_KEY_INVALID',
    });
  });

  it('keeps old keys until they are dropped', async () => {
    const old = await openKeyRing(folder, undefined, randomBytes);
    const both = await addKey(folder, randomBytes);
    expect(both.current.id).not.toBe(old.current.id);
    expect(both.find(old.current.id)).toEqual(old.current.key);
    await dropOldKeys(folder, both);
    const fresh = await openKeyRing(folder, undefined, randomBytes);
    expect(fresh.current).toEqual(both.current);
    expect(fresh.find(old.current.id)).toBeUndefined();
  });
});
