import { expect, test } from 'vitest';
import { checkCredential } from './credential.ts';
import { preparePfx } from './pfx-settings.ts';
import { modernPfx } from './testing/fixtures.ts';

const pfx = { type: 'pfx', file: modernPfx, password: 'geheim' };

test('AUTH-05: beyond the seed, Import PFX turns a file and its password into the two parts of a certificate', async () => {
  const { credential, problems } = await preparePfx(pfx);
  expect(problems).toEqual([]);
  const { type, certificate, privateKey } = credential as Record<string, string>;
  expect(type).toBe('certificate');
  const pair = { type: 'certificate', certificatePem: certificate ?? '', privateKeyPem: privateKey ?? '' } as const;
  expect(() => checkCredential(pair, Date.UTC(2026, 11, 1))).not.toThrow();
  expect(JSON.stringify(credential)).not.toContain('geheim');
});

test('Import PFX names the field that is wrong: the password, or the file', async () => {
  expect((await preparePfx({ ...pfx, password: 'other' })).problems).toMatchObject([{ path: '/password' }]);
  expect((await preparePfx({ ...pfx, file: 'AAAA' })).problems).toMatchObject([{ path: '/file' }]);
});

test('Import PFX leaves every other credential as it is', async () => {
  for (const credential of [undefined, null, 'x', { type: 'secret', value: 'x' }, { type: 'pfx', file: 7 }])
    expect(await preparePfx(credential)).toEqual({ credential, problems: [] });
});
