import { expect, test } from 'vitest';
import { checkCredential } from './credential.ts';
import { importPfx } from './pfx.ts';
import { legacyPfx, modernPfx } from './testing/fixtures.ts';
import { makePair, makePfx } from './testing/pairs.ts';
import { everythingIn, rejection } from './testing/surroundings.ts';

test.each([
  ['of OpenSSL 3', modernPfx],
  ['of an older server', legacyPfx],
])('AUTH-05: beyond the seed, the PKCS#12 file %s is split into a matching pair', async (_, file) => {
  const pair = await importPfx(Buffer.from(file, 'base64'), 'geheim');
  expect(() => checkCredential(pair, Date.UTC(2026, 11, 1))).not.toThrow();
});

test('AUTH-05: a wrong password is told apart from an unreadable file, and is in no error', async () => {
  for (const file of [Buffer.from(modernPfx, 'base64'), Buffer.from(legacyPfx, 'base64')]) {
    const error = await rejection(importPfx(file, 'not-the-password'));
    expect(error).toMatchObject({ code: 'PFX_PASSWORD_WRONG' });
    expect(everythingIn(error)).not.toContain('not-the-password');
  }
  expect(await rejection(importPfx(Buffer.from('no pfx'), 'x'))).toMatchObject({ code: 'PFX_UNREADABLE' });
  const cut = Buffer.from(modernPfx, 'base64').subarray(0, 900);
  expect(await rejection(importPfx(cut, 'geheim'))).toMatchObject({ code: 'PFX_UNREADABLE' });
});

test('a PKCS#12 file that states more iterations than allowed is refused before any derivation', async () => {
  const file = makePfx(makePair(), 'x');
  // The MAC's iterations are the last INTEGER of the file: 02 02 08 00.
  const at = file.lastIndexOf(Buffer.from([0x02, 0x02, 0x08, 0x00]));
  const dear = Buffer.concat([file.subarray(0, at), Buffer.from([0x02, 0x04, 0x7f, 0xff, 0xff, 0xff])]);
  dear.writeUInt16BE(dear.readUInt16BE(2) + 2, 2);
  const mac = dear.lastIndexOf(Buffer.from([0x30, 0x31, 0x30, 0x21])) + 1;
  if (mac > 0) dear[mac] = (dear[mac] ?? 0) + 2;
  expect(await rejection(importPfx(dear, 'x'))).toMatchObject({ code: 'PFX_TOO_EXPENSIVE' });
});

test('an abort ends the work on a PKCS#12 file at once', async () => {
  const controller = new AbortController();
  const working = rejection(importPfx(Buffer.from(modernPfx, 'base64'), 'geheim', controller.signal));
  controller.abort(new Error('left'));
  expect(await working).toMatchObject({ message: 'left' });
});
