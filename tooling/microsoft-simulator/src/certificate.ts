import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface SelfSignedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Hexadecimal SHA-256 of the certificate, upper case, as the portal shows it. */
  readonly thumbprintSha256: string;
  readonly thumbprintSha1: string;
}

export interface CertificateOptions {
  readonly commonName?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Names of a server, as subjectAltName (RFC 5280 4.2.1.6). */
  readonly dnsNames?: readonly string[];
  /** IPv4 addresses of a server. */
  readonly addresses?: readonly string[];
  /** Whom alone it may stand for (RFC 5280 4.2.1.12); default: anybody. */
  readonly purpose?: 'server' | 'client';
  /** PKCS#8 PEM of an RSA key; default: a new key. */
  readonly privateKeyPem?: string;
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const sha256WithRsa = sequence(der(0x06, Buffer.from('2a864886f70d01010b', 'hex')), der(0x05));
const commonNameId = der(0x06, Buffer.from('550403', 'hex'));

// UTCTime: two digits of the year, enough until 2049 (RFC 5280 4.1.2.5.1).
const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

const rsaKey = (pem: string | undefined): KeyObject =>
  pem === undefined ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : createPrivateKey(pem);

const subjectAltNameId = der(0x06, Buffer.from('551d11', 'hex'));
const extendedKeyUsageId = der(0x06, Buffer.from('551d25', 'hex'));
const purposeIds = {
  server: der(0x06, Buffer.from('2b06010505070301', 'hex')),
  client: der(0x06, Buffer.from('2b06010505070302', 'hex')),
} as const;

const extensions = ({ dnsNames = [], addresses = [], purpose }: CertificateOptions): readonly Buffer[] => {
  const names = [
    ...dnsNames.map((name) => der(0x82, Buffer.from(name))),
    ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  const all = [
    ...(names.length === 0 ? [] : [sequence(subjectAltNameId, der(0x04, sequence(...names)))]),
    ...(purpose === undefined ? [] : [sequence(extendedKeyUsageId, der(0x04, sequence(purposeIds[purpose])))]),
  ];
  return all.length === 0 ? [] : [der(0xa3, sequence(...all))];
};

/** Makes an RSA certificate for an app registration or a server of a test or demonstration (RFC 5280, the least that is valid). */
export const selfSignedCertificate = (options: CertificateOptions = {}): SelfSignedCertificate => {
  const privateKey = rsaKey(options.privateKeyPem);
  const jwk = privateKey.export({ format: 'jwk' });
  const unsigned = (text: string | undefined): Buffer => {
    const bytes = Buffer.from(text ?? '', 'base64url');
    return der(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
  };
  const rsaEncryption = sequence(der(0x06, Buffer.from('2a864886f70d010101', 'hex')), der(0x05));
  const publicKey = sequence(rsaEncryption, der(0x03, Buffer.from([0]), sequence(unsigned(jwk.n), unsigned(jwk.e))));
  const name = sequence(
    der(0x31, sequence(commonNameId, der(0x0c, Buffer.from(options.commonName ?? 'simulated app')))),
  );
  const notBefore = options.notBefore ?? new Date('2020-01-01T00:00:00Z');
  const notAfter = options.notAfter ?? new Date('2045-01-01T00:00:00Z');
  const serial = createHash('sha256').update(publicKey).digest().subarray(0, 8);
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), serial])),
    sha256WithRsa,
    name,
    sequence(utcTime(notBefore), utcTime(notAfter)),
    name,
    publicKey,
    ...extensions(options),
  );
  const signature = sign('sha256', content, privateKey);
  const raw = sequence(content, sha256WithRsa, der(0x03, Buffer.from([0]), signature));
  const hex = (algorithm: string): string => createHash(algorithm).update(raw).digest('hex').toUpperCase();
  return {
    certificatePem: `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    thumbprintSha256: hex('sha256'),
    thumbprintSha1: hex('sha1'),
  };
};
