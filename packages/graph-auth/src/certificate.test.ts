import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { readCertificate } from './certificate.ts';
import { pfxCommands } from './credential-errors.ts';
import { graphErrors } from './errors.ts';
import { ellipticCertificate, legacyPfx, modernPfx } from './testing/fixtures.ts';
import { makePair, makePfx } from './testing/pairs.ts';

const pair = makePair();
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'other';
  }
  return 'none';
};

test('AUTH-07: PEM and DER are read alike, as bytes and as the text a browser sends', () => {
  const wanted = new X509Certificate(pair.certificatePem).fingerprint256.replaceAll(':', '');
  const inputs = [
    pair.certificatePem,
    Buffer.from(pair.certificatePem),
    Buffer.from(`\uFEFF${pair.certificatePem}`),
    `Bag Attributes\r\n  friendlyName: x\r\n${pair.certificatePem.replaceAll('\n', '\r\n')}`,
    pair.certificateDer,
    pair.certificateDer.toString('base64'),
    `data:application/x-x509-ca-cert;base64,${pair.certificateDer.toString('base64')}`,
  ];
  for (const input of inputs) expect(readCertificate(input).thumbprintSha256).toBe(wanted);
});

test.each(['portal.cer', 'portal.pem', 'C:\\certs\\PORTAL.CRT'])('AUTH-07: the file name %s is accepted', (name) => {
  expect(readCertificate(pair.certificatePem, name).keyBits).toBe(2048);
});

test.each(['portal.txt', 'portal.key', 'portal', 'portal.crt.exe'])('AUTH-07: the file name %s is refused', (name) => {
  expect(code(() => readCertificate(pair.certificatePem, name))).toBe('CERTIFICATE_FILE_TYPE');
});

test('AUTH-05: a combined PKCS#12 file is refused by its content, whoever wrote it and however it is named', () => {
  for (const bytes of [makePfx(pair, 'x'), Buffer.from(modernPfx, 'base64'), Buffer.from(legacyPfx, 'base64')]) {
    expect(code(() => readCertificate(bytes, 'renamed.cer'))).toBe('CERTIFICATE_IS_PFX');
    expect(code(() => readCertificate(bytes.toString('base64')))).toBe('CERTIFICATE_IS_PFX');
  }
});

test('AUTH-05: a file that ends in .pfx or .p12 is refused by its name, with the reason', () => {
  expect(code(() => readCertificate(pair.certificatePem, 'x.PFX'))).toBe('CERTIFICATE_IS_PFX');
  expect(code(() => readCertificate(pair.certificatePem, 'x.p12 '))).toBe('CERTIFICATE_IS_PFX');
  const error = graphErrors.CERTIFICATE_IS_PFX();
  expect(error.text('en')).toContain('combined in one file');
  expect(error.text('de')).toContain('in einer Datei');
});

test('AUTH-06: the refusal shows both OpenSSL commands with ASCII hyphens', () => {
  const error = graphErrors.CERTIFICATE_IS_PFX();
  for (const language of ['en', 'de'] as const) {
    const remedy = error.remedy(language);
    expect(remedy).toContain('openssl pkcs12 -in path.p12 -out newfile.crt -clcerts -nokeys');
    expect(remedy).toContain('openssl pkcs12 -in path.p12 -out newfile.pem -nocerts -nodes');
    expect(remedy).not.toMatch(/[\u2012-\u2015]no/);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the point is that nothing but ASCII is in it
  for (const command of pfxCommands) expect(command).toMatch(/^[\x00-\x7f]+$/);
});

test('AUTH-17: the thumbprints are plain hexadecimal digits without colons, SHA-1 and SHA-256', () => {
  const certificate = readCertificate(pair.certificatePem);
  expect(certificate.thumbprintSha1).toMatch(/^[0-9A-F]{40}$/);
  expect(certificate.thumbprintSha256).toMatch(/^[0-9A-F]{64}$/);
});

test.each([
  ['nothing', ''],
  ['a text', 'hello'],
  ['a key', makePair().publicKeyPem],
  ['a cut certificate', pair.certificatePem.replace(/[\s\S]{200}-----END/, '-----END')],
  ['a cut DER file', pair.certificateDer.subarray(0, 300)],
])('GERR-05: %s instead of a certificate is told in the exact sentence', (_, input) => {
  expect(() => readCertificate(input)).toThrowError('Thumbprint from public key could not be read.');
});

test('GERR-05: the remedy asks for the certificate again', () => {
  const error = graphErrors.CERTIFICATE_THUMBPRINT_UNREADABLE();
  expect(error.message).toBe('Thumbprint from public key could not be read.');
  expect(error.remedy('en')).toContain('Enter the certificate again');
  expect(error.remedy('de')).toContain('Zertifikat erneut');
});

test('AUTH-04: a file that holds the private part too is refused for the public part, which is no secret', () => {
  const both = `${pair.certificatePem}\n${pair.privateKeyPem}`;
  expect(code(() => readCertificate(both))).toBe('CERTIFICATE_CONTAINS_KEY');
});

test('a file of more than 64 kB is refused before it is parsed', () => {
  expect(code(() => readCertificate(Buffer.alloc(65 * 1024, 0x30)))).toBe('CERTIFICATE_TOO_LARGE');
  expect(code(() => readCertificate('A'.repeat(200 * 1024)))).toBe('CERTIFICATE_TOO_LARGE');
});

test('an elliptic certificate is read and names its type, so that the pair can be refused with a reason', () => {
  expect(readCertificate(ellipticCertificate).keyType).toBe('ec');
});
