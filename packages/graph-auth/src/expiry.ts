import { defineNotices, type Instant, type Notice, type Subject } from '@itsm-m365/plugin-api';
import { readCertificate } from './certificate.ts';
import { type Credential, dayOf, lastDayOf } from './credential.ts';

const day = 24 * 60 * 60_000;

/** Days before the end at which a notice is due, once each (D5). */
export const expiryThresholds = [60, 30, 14, 7, 1] as const;

const renew = {
  en: 'Create a new secret or certificate in Entra, store it here and test it; the old one keeps working until its end.',
  de: 'Erstellen Sie in Entra ein neues Geheimnis oder Zertifikat, speichern Sie es hier und testen Sie es; das alte gilt bis zu seinem Ende weiter.',
};

export const credentialNotices = defineNotices({
  CREDENTIAL_EXPIRES: {
    severity: 'warning',
    message: {
      en: 'The credential expires in {days} day(s), on {validUntil}.',
      de: 'Die Anmeldeinformation läuft in {days} Tag(en) ab, am {validUntil}.',
    },
    remedy: renew,
  },
  CREDENTIAL_EXPIRED: {
    severity: 'error',
    message: {
      en: 'The credential expired on {validUntil}; Entra does not take it any more.',
      de: 'Die Anmeldeinformation ist am {validUntil} abgelaufen; Entra nimmt sie nicht mehr an.',
    },
    remedy: renew,
  },
  CREDENTIAL_NOT_YET_VALID: {
    severity: 'warning',
    message: {
      en: 'The certificate is valid only from {validFrom}.',
      de: 'Das Zertifikat gilt erst ab {validFrom}.',
    },
    remedy: {
      en: 'Keep the former certificate here until then.',
      de: 'Belassen Sie bis dahin hier das bisherige Zertifikat.',
    },
  },
});

/** What expiry needs to know of a credential; holds no secret. */
export interface CredentialFacts {
  /** Changes with the credential, so that a renewed one is warned about anew. */
  readonly key: string;
  readonly validFrom?: Instant;
  readonly validUntil: Instant;
}

/**
 * Facts of a credential that can expire; undefined for a federated one. `identity` names its owner (tenant and client id).
 * A certificate is keyed by its thumbprint, a secret by its id and its end. Throws `CERTIFICATE_THUMBPRINT_UNREADABLE`.
 */
export const credentialFacts = (credential: Credential, identity: string): CredentialFacts | undefined => {
  if (credential.type === 'federated') return undefined;
  if (credential.type === 'secret') {
    const name = credential.secretId?.toLowerCase() ?? 'secret';
    return { key: `${identity}/${name}/${lastDayOf(credential.validUntil)}`, validUntil: credential.validUntil };
  }
  const { thumbprintSha256, validFrom, validUntil } = readCertificate(credential.certificatePem);
  return { key: `${identity}/${thumbprintSha256}`, validFrom, validUntil };
};

export type CredentialState = 'not-yet-valid' | 'valid' | 'expiring' | 'expired';

/** Where a credential stands at an instant (D5). At its very end it is expired. */
export const credentialState = ({ validFrom, validUntil }: CredentialFacts, now: Instant): CredentialState => {
  if (now >= validUntil) return 'expired';
  if (validFrom !== undefined && now < validFrom) return 'not-yet-valid';
  return validUntil - now <= expiryThresholds[0] * day ? 'expiring' : 'valid';
};

/**
 * The notice that is due now, with the key that makes it unique: credential and threshold. Pure; the same key comes back
 * until the next threshold, and whoever sends notices sends each key once. After a gap only the nearest threshold is due,
 * not all that were missed.
 */
export const expiryNotice = (
  facts: CredentialFacts,
  now: Instant,
  subject?: Subject,
): { readonly key: string; readonly notice: Notice } | undefined => {
  const state = credentialState(facts, now);
  const validUntil = lastDayOf(facts.validUntil);
  if (state === 'valid') return undefined;
  if (state === 'expired')
    return { key: `${facts.key}/expired`, notice: credentialNotices.CREDENTIAL_EXPIRED({ validUntil }, subject) };
  if (state === 'not-yet-valid') {
    const validFrom = dayOf(facts.validFrom ?? now);
    return {
      key: `${facts.key}/not-yet-valid`,
      notice: credentialNotices.CREDENTIAL_NOT_YET_VALID({ validFrom }, subject),
    };
  }
  const left = facts.validUntil - now;
  const threshold = [...expiryThresholds].reverse().find((days) => left <= days * day) ?? expiryThresholds[0];
  const days = Math.ceil(left / day);
  return {
    key: `${facts.key}/${threshold}`,
    notice: credentialNotices.CREDENTIAL_EXPIRES({ days, validUntil }, subject),
  };
};
