import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CredentialSettings } from './credential-fields.ts';
import { credentialOf, endOfValidity, validateCredential } from './credential-settings.ts';
import { ellipticCertificate, modernPfx } from './testing/fixtures.ts';
import { type OddServer, oddServer } from './testing/odd-server.ts';
import { makePair } from './testing/pairs.ts';
import { rejection, testClock } from './testing/surroundings.ts';

const pair = makePair();
const open: OddServer[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** As settings come: secret fields hold references, the values come by `reveal`. */
const decoded = (settings: object): CredentialSettings => settings as CredentialSettings;
const revealing = (values: Record<string, string>) => async (field: string) => values[field];
const certificate = (change: object = {}) =>
  decoded({ type: 'certificate', certificate: pair.certificatePem, privateKey: 'ref', ...change });
const secret = (validUntil = '2099-01-01') => decoded({ type: 'secret', secretId: 'i', value: 'ref', validUntil });
const problems = (settings: CredentialSettings, values: Record<string, string> = {}) =>
  validateCredential(settings, { reveal: revealing(values), clock: testClock() });

test('AUTH-04: a matching pair has no problem when it is saved', async () => {
  expect(await problems(certificate({ certificateFileName: 'a.cer' }), { privateKey: pair.privateKeyPem })).toEqual([]);
});

test('AUTH-05: a PKCS#12 file is refused at saving too, by content and by name', async () => {
  for (const change of [{ certificate: modernPfx }, { certificateFileName: 'a.p12' }])
    expect(await problems(certificate(change))).toMatchObject([{ path: '/certificate', code: 'CERTIFICATE_IS_PFX' }]);
});

test('AUTH-06: the problem shown at saving holds reason and commands in both languages', async () => {
  const [problem] = await problems(certificate({ certificate: modernPfx }));
  expect(problem?.message.en).toMatch(/combined in one file.*-clcerts -nokeys.*-nocerts -nodes/);
  expect(problem?.message.de).toMatch(/zusammengefasst.*-clcerts -nokeys.*-nocerts -nodes/);
});

test('AUTH-07: a file of another ending is refused at saving too', async () => {
  expect(await problems(certificate({ certificateFileName: 'a.der' }))).toMatchObject([
    { code: 'CERTIFICATE_FILE_TYPE' },
  ]);
});

test('every wrong field is reported at once', async () => {
  const expired = makePair({ from: Date.now() - 9e9, until: Date.now() - 1e9 });
  const found = await problems(certificate({ certificate: expired.certificatePem }), {
    privateKey: pair.privateKeyPem,
  });
  expect(found.map(({ path, code }) => `${path} ${code}`)).toEqual([
    '/certificate CERTIFICATE_EXPIRED',
    '/privateKey PRIVATE_KEY_NOT_MATCHING',
  ]);
});

test.each([
  ['from the future', () => makePair({ from: Date.now() + 1e9 }).certificatePem, 'CERTIFICATE_NOT_YET_VALID'],
  ['with an elliptic key', () => ellipticCertificate, 'CERTIFICATE_KEY_TYPE'],
  ['with a short key', () => makePair({ bits: 1024 }).certificatePem, 'CERTIFICATE_KEY_SHORT'],
])('a certificate %s is refused at saving', async (_, pem, code) => {
  expect(await problems(certificate({ certificate: pem() }))).toMatchObject([{ path: '/certificate', code }]);
});

test('a stored key that was not typed again is left alone', async () => {
  expect(await problems(certificate())).toEqual([]);
});

test('AUTH-11: a secret ID in the place of the value is refused before Microsoft says so', async () => {
  const found = await problems(secret(), { value: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' });
  expect(found).toMatchObject([{ path: '/value', code: 'SECRET_VALUE_IS_ID' }]);
});

test('AUTH-13: a validity that has ended is refused at saving', async () => {
  expect(await problems(secret('2020-01-01'), { value: 'v~8Q' })).toMatchObject([
    { path: '/validUntil', code: 'SECRET_EXPIRED' },
  ]);
});

test('AUTH-13: the last day of the validity still counts', () => {
  expect(endOfValidity('2027-03-01')).toBe(Date.UTC(2027, 2, 2));
  expect(endOfValidity('2027-02-31')).toBe(0);
});

test('AUTH-10: after the certificate is removed there is nothing left to sign in with', async () => {
  const error = await rejection(credentialOf(certificate(), revealing({})));
  expect(error).toMatchObject({ code: 'CREDENTIAL_MISSING', details: { field: 'privateKey' } });
});

test('AUTH-14: the type of the settings decides which credential is made, whatever secrets are stored', async () => {
  const reveal = revealing({ value: ' v~8Q ', privateKey: pair.privateKeyPem, passphrase: '' });
  expect(await credentialOf(secret(), reveal)).toEqual({
    type: 'secret',
    secretId: 'i',
    value: 'v~8Q',
    validUntil: endOfValidity('2099-01-01'),
  });
  expect(await credentialOf(certificate({ passphrase: 'ref' }), reveal)).toEqual({
    type: 'certificate',
    certificatePem: pair.certificatePem,
    privateKeyPem: pair.privateKeyPem,
  });
});

test('a federated assertion comes from an https address as text or JSON, and from nowhere else', async () => {
  const server = await oddServer((request, response) => {
    response.end(
      request.url === '/json'
        ? JSON.stringify({ value: 'aa.bb.cc' })
        : request.url === '/text'
          ? 'dd.ee.ff\n'
          : '<html>secret page</html>',
    );
  });
  open.push(server);
  const read = async (location: string) => {
    const made = await credentialOf(
      decoded({ type: 'federated', source: 'url', location }),
      revealing({}),
      server.http,
    );
    return made.type === 'federated' ? made.assertion() : '';
  };
  expect(await read('https://graph.microsoft.com/json')).toBe('aa.bb.cc');
  expect(await read('https://graph.microsoft.com/text')).toBe('dd.ee.ff');
  for (const bad of [
    'https://graph.microsoft.com/html',
    'http://graph.microsoft.com/text',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    const error = await rejection(read(bad));
    expect(error).toMatchObject({ code: 'ASSERTION_UNREADABLE' });
    expect(String(error)).not.toContain('secret page');
  }
});

test('a federated assertion comes from a file; another file is not sent to Microsoft', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assertion-'));
  const read = async (location: string) => {
    const made = await credentialOf(decoded({ type: 'federated', source: 'file', location }), revealing({}));
    return made.type === 'federated' ? made.assertion() : '';
  };
  await writeFile(`${folder}/token`, 'aa.bb.cc\n');
  await writeFile(`${folder}/big`, 'a'.repeat(40_000));
  expect(await read(`${folder}/token`)).toBe('aa.bb.cc');
  expect(await rejection(read('/etc/passwd'))).toMatchObject({ code: 'ASSERTION_UNREADABLE' });
  expect(await rejection(read(`${folder}/big`))).toMatchObject({ details: { reason: 'too large' } });
  expect(await rejection(read(`${folder}/none`))).toMatchObject({ details: { reason: 'ENOENT' } });
  await rm(folder, { recursive: true });
});
