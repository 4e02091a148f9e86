import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lent, lendHost } from './lend.ts';

const binding = { owner: 'section/one', field: 'secret', boundTo: { tenant: 'a' } };
const by = { actor: 'ann' };

describe('what the foreign host lends', () => {
  let folder = '';
  let lent: Lent;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'itsm-m365-test-host-'));
    lent = await lendHost({ folder });
  });
  afterEach(async () => {
    await lent.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives a secret out for its binding only, and not in plain text on disk', async () => {
    const { secrets } = lent.host;
    const ref = await secrets.store('open sesame', binding);
    await secrets.store('another', binding);
    expect(await secrets.reveal(ref, binding)).toBe('open sesame');
    const elsewhere = { ...binding, boundTo: { tenant: 'b' } };
    await expect(secrets.reveal(ref, elsewhere)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    expect(readFileSync(join(folder, 'vault.txt'), 'utf8')).not.toContain('sesame');
    await secrets.remove(ref);
    await secrets.remove(ref);
    await expect(secrets.reveal(ref, binding)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
  });

  it('keeps settings by version, also over a restart', async () => {
    const { settings } = lent.host;
    expect(await settings.put('s', 'x', { a: 1 }, { ifVersion: 0, ...by })).toEqual({
      id: 'x',
      value: { a: 1 },
      version: 1,
    });
    await expect(settings.put('s', 'x', {}, { ifVersion: 0, ...by })).rejects.toMatchObject({
      code: 'SETTINGS_CHANGED',
    });
    await settings.put('s', 'x', { a: 2 }, { ifVersion: 1, ...by });
    await expect(settings.remove('s', 'x', { ifVersion: 1, ...by })).rejects.toMatchObject({
      code: 'SETTINGS_CHANGED',
    });
    await lent.close();
    lent = await lendHost({ folder });
    expect(await lent.host.settings.list('s')).toEqual([{ id: 'x', value: { a: 2 }, version: 2 }]);
    expect(await lent.host.settings.list('other')).toEqual([]);
    await lent.host.settings.remove('s', 'x', { ifVersion: 2, ...by });
    expect(await lent.host.settings.get('s', 'x')).toBeUndefined();
  });

  it('has no time of its own: the scheduler ticks when told', async () => {
    let ticks = 0;
    const scheduled = lent.host.scheduler?.start(async () => {
      ticks += 1;
    });
    await lent.tick();
    scheduled?.stop();
    await lent.tick();
    expect(ticks).toBe(1);
  });
});
