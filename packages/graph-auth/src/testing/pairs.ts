import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export interface Pair {
  readonly certificatePem: string;
  readonly certificateDer: Buffer;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

const day = 86_400_000;

const keys = (bits: number) =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** A self-signed RSA pair, valid from yesterday for a year unless said otherwise. */
export const makePair = (options: { bits?: number; from?: number; until?: number } = {}): Pair => {
  const { publicKey, privateKey } = keys(options.bits ?? 2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(options.from ?? Date.now() - day);
  certificate.validity.notAfter = new Date(options.until ?? Date.now() + 365 * day);
  const names = [{ name: 'commonName', value: 'licence import' }];
  certificate.setSubject(names);
  certificate.setIssuer(names);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  const der = forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes();
  return {
    certificatePem: forge.pki.certificateToPem(certificate),
    certificateDer: Buffer.from(der, 'binary'),
    privateKeyPem: privateKey,
    publicKeyPem: publicKey,
  };
};

/** A PKCS#12 file of a pair; `count` is the iterations of MAC and key bag. */
export const makePfx = (pair: Pair, password: string, count = 2048): Buffer => {
  const asn1 = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(pair.privateKeyPem),
    forge.pki.certificateFromPem(pair.certificatePem),
    password,
    { algorithm: '3des', count },
  );
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary');
};
