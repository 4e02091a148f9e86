import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkCredential } from './credential.ts';
import { readPrivateKey } from './private-key.ts';
import { makePair } from './testing/pairs.ts';
import { everythingIn } from './testing/surroundings.ts';

const pair = makePair();
const key: KeyObject = createPrivateKey(pair.privateKeyPem);
const cipher = { cipher: 'aes-256-cbc', passphrase: 'sesam öffne dich' } as const;
const caught = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each([
  ['PKCS#8 PEM', key.export({ type: 'pkcs8', format: 'pem' })],
  ['PKCS#8 DER', key.export({ type: 'pkcs8', format: 'der' })],
  ['PKCS#8 DER as base64', key.export({ type: 'pkcs8', format: 'der' }).toString('base64')],
  ['PKCS#1 PEM', key.export({ type: 'pkcs1', format: 'pem' })],
  ['PKCS#1 DER', key.export({ type: 'pkcs1', format: 'der' })],
])('AUTH-04: the private part is read from %s', (_, input) => {
  expect(readPrivateKey(input).pem).toBe(pair.privateKeyPem);
});

test.each([
  ['encrypted PKCS#8 PEM', key.export({ type: 'pkcs8', format: 'pem', ...cipher })],
  ['encrypted PKCS#8 DER', key.export({ type: 'pkcs8', format: 'der', ...cipher })],
  ['encrypted PKCS#1 PEM', key.export({ type: 'pkcs1', format: 'pem', ...cipher })],
])('AUTH-04: the private part is read from %s, by its passphrase only', (_, input) => {
  expect(readPrivateKey(input, cipher.passphrase).pem).toBe(pair.privateKeyPem);
  expect(caught(() => readPrivateKey(input))).toMatchObject({ code: 'PRIVATE_KEY_PASSPHRASE_MISSING' });
  expect(caught(() => readPrivateKey(input, ''))).toMatchObject({ code: 'PRIVATE_KEY_PASSPHRASE_MISSING' });
  expect(caught(() => readPrivateKey(input, 'wrong'))).toMatchObject({ code: 'PRIVATE_KEY_PASSPHRASE_WRONG' });
});

test('a passphrase that is not needed does no harm', () => {
  expect(readPrivateKey(pair.privateKeyPem, 'unneeded').bits).toBe(2048);
});

test('a key that is not RSA, or too short, is refused before Microsoft is asked', () => {
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const read = (one: KeyObject) => () => readPrivateKey(one.export({ type: 'pkcs8', format: 'pem' }));
  expect(caught(read(elliptic))).toMatchObject({ code: 'CERTIFICATE_KEY_TYPE', details: { keyType: 'ec' } });
  expect(caught(read(short))).toMatchObject({ code: 'CERTIFICATE_KEY_SHORT', details: { bits: 1024 } });
});

test('garbage, a public key and an oversized file are unreadable, and the error holds none of them', () => {
  const broken = pair.privateKeyPem.replace(/MII[\s\S]{400}/, 'MIIAAA');
  for (const input of ['garbage', pair.publicKeyPem, broken, 'B'.repeat(300_000)]) {
    const error = caught(() => readPrivateKey(input));
    expect(error).toMatchObject({ code: 'PRIVATE_KEY_UNREADABLE' });
    expect(everythingIn(error)).not.toContain(pair.privateKeyPem.slice(60, 120));
  }
});

test('an encrypted key that states too many iterations is refused unopened', () => {
  const der = key.export({ type: 'pkcs8', format: 'der', ...cipher });
  // PBKDF2's iteration count is the INTEGER after the salt: 02 02 08 00 (2048), lengthened in place by its neighbours' slack.
  const at = der.indexOf(Buffer.from([0x02, 0x02, 0x08, 0x00]));
  expect(at).toBeGreaterThan(0);
  const dear = Buffer.concat([
    der.subarray(0, at),
    Buffer.from([0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]),
    der.subarray(at + 4),
  ]);
  // The enclosing sequences grow by two bytes: outer (2-byte length), PBES2 algorithm, parameters, PBKDF2, its parameters.
  dear.writeUInt16BE(dear.readUInt16BE(2) + 2, 2);
  for (const offset of [5, 18, 20, 33]) dear[offset] = (dear[offset] ?? 0) + 2;
  expect(caught(() => readPrivateKey(dear, 'x'))).toMatchObject({ code: 'PFX_TOO_EXPENSIVE' });
});

test('AUTH-04: a key that does not belong to the certificate is refused by name of the certificate', () => {
  const other = makePair();
  const mixed = {
    type: 'certificate',
    certificatePem: pair.certificatePem,
    privateKeyPem: other.privateKeyPem,
  } as const;
  expect(caught(() => checkCredential(mixed, Date.now()))).toMatchObject({ code: 'PRIVATE_KEY_NOT_MATCHING' });
});
