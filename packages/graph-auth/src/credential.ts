import { X509Certificate } from 'node:crypto';
import type { Instant } from '@itsm-m365/plugin-api';
import { type Certificate, readCertificate } from './certificate.ts';
import { graphErrors } from './errors.ts';
import { type PrivateKey, readPrivateKey } from './private-key.ts';

/** A client secret of an application registration (AUTH-11). */
export interface SecretCredential {
  readonly type: 'secret';
  /** Public name of the secret in Entra; for display and for keying notices. */
  readonly secretId?: string;
  readonly value: string;
  /** First instant at which it no longer works. */
  readonly validUntil: Instant;
}

/** A certificate pair (AUTH-04). */
export interface CertificateCredential {
  readonly type: 'certificate';
  /** PEM, or base64 of DER. */
  readonly certificatePem: string;
  /** PKCS#8 or PKCS#1, encrypted or not. */
  readonly privateKeyPem: string;
  readonly passphrase?: string;
}

/** A federated assertion (workload identity): nothing secret is stored. Beyond the seeds. */
export interface FederatedCredential {
  readonly type: 'federated';
  /** Called for each token request, never cached: platforms rotate these tokens. Throws `ASSERTION_UNREADABLE`. */
  readonly assertion: (signal?: AbortSignal) => Promise<string>;
}

/** How an application proves who it is, exactly one way (AUTH-01). */
export type Credential = SecretCredential | CertificateCredential | FederatedCredential;

/** A date as administrators of both languages read it, UTC. */
export const dayOf = (instant: Instant): string => new Date(instant).toISOString().slice(0, 10);

/** The last day of a validity that ends, exclusively, at the instant. */
export const lastDayOf = (end: Instant): string => dayOf(end - 1);

export interface CertificatePair {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

/** Throws where now lies outside the certificate's validity: refused here, before Microsoft is asked (D5). */
export const checkDates = (certificate: Certificate, now: Instant): void => {
  if (now >= certificate.validUntil)
    throw graphErrors.CERTIFICATE_EXPIRED({ class: 'local', validUntil: lastDayOf(certificate.validUntil) });
  if (now < certificate.validFrom)
    throw graphErrors.CERTIFICATE_NOT_YET_VALID({ class: 'local', validFrom: dayOf(certificate.validFrom) });
};

/** Throws where the key does not belong to the certificate. Only the server would tell (AADSTS700027), and unclearly. */
export const checkPair = ({ certificate, key }: CertificatePair): void => {
  if (!new X509Certificate(certificate.pem).checkPrivateKey(key.key))
    throw graphErrors.PRIVATE_KEY_NOT_MATCHING({ class: 'local', thumbprint: certificate.thumbprintSha1 });
};

/** Reads both parts of a certificate credential; throws what {@link readCertificate} and {@link readPrivateKey} throw. */
export const readPair = (credential: CertificateCredential): CertificatePair => ({
  certificate: readCertificate(credential.certificatePem),
  key: readPrivateKey(credential.privateKeyPem, credential.passphrase),
});

/** A value in the form of a GUID is the secret's id, copied from the wrong column: Entra's values never look so. */
export const looksLikeSecretId = (value: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value.trim());

/**
 * Throws what can be told about a credential without the network: expired, not yet valid, unreadable, not a pair, too
 * short, wrong passphrase. Returns nothing; call it before a token is asked for and when settings are saved.
 */
export const checkCredential = (credential: Credential, now: Instant): void => {
  if (credential.type === 'federated') return;
  if (credential.type === 'secret') {
    if (credential.value.trim() === '') throw graphErrors.CREDENTIAL_MISSING({ class: 'local', field: 'value' });
    if (looksLikeSecretId(credential.value)) throw graphErrors.SECRET_VALUE_IS_ID({ class: 'local' });
    if (now >= credential.validUntil)
      throw graphErrors.SECRET_EXPIRED({ class: 'local', validUntil: lastDayOf(credential.validUntil) });
    return;
  }
  const certificate = readCertificate(credential.certificatePem);
  checkDates(certificate, now);
  checkPair({ certificate, key: readPrivateKey(credential.privateKeyPem, credential.passphrase) });
};
