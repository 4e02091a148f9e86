import {
  type Clock,
  type Instant,
  isKnownError,
  type Problem,
  type RevealField,
  type Subject,
} from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import { readCertificate } from './certificate.ts';
import { type Credential, checkDates, checkPair, dayOf, looksLikeSecretId } from './credential.ts';
import type { CredentialSettings } from './credential-fields.ts';
import { problemOf } from './credential-problem.ts';
import { graphErrors } from './errors.ts';
import { credentialFacts, expiryNotice } from './expiry.ts';
import { assertionFromFile, assertionFromUrl } from './federated.ts';
import { readPrivateKey } from './private-key.ts';

/**
 * The instant a secret ends, from the date that Entra shows. The whole day counts as valid: which hour it ends at is not
 * on the screen, and Microsoft has the last word. 0 for what is no date, so that it counts as expired.
 */
export const endOfValidity = (date: string): Instant => {
  const start = Date.parse(`${date}T00:00:00Z`);
  // `Date.parse` rolls the 31st of February over into March.
  return Number.isNaN(start) || dayOf(start) !== date ? 0 : start + 24 * 60 * 60_000;
};

/**
 * Turns settings and their revealed secrets into a credential. `reveal` is asked for `value`, `privateKey` and
 * `passphrase`. Throws `CREDENTIAL_MISSING` where a needed secret is not there, and what `reveal` throws.
 */
export const credentialOf = async (
  settings: CredentialSettings,
  reveal: RevealField,
  http?: Dispatcher,
): Promise<Credential> => {
  const needed = async (field: string): Promise<string> => {
    const value = await reveal(field);
    if (value === undefined || value === '') throw graphErrors.CREDENTIAL_MISSING({ class: 'local', field });
    return value;
  };
  if (settings.type === 'secret') {
    return {
      type: 'secret',
      ...(settings.secretId === undefined ? {} : { secretId: settings.secretId }),
      value: (await needed('value')).trim(),
      validUntil: endOfValidity(settings.validUntil),
    };
  }
  if (settings.type === 'certificate') {
    const privateKeyPem = await needed('privateKey');
    const passphrase = settings.passphrase === undefined ? undefined : await reveal('passphrase');
    return {
      type: 'certificate',
      certificatePem: settings.certificate,
      privateKeyPem,
      ...(passphrase === undefined || passphrase === '' ? {} : { passphrase }),
    };
  }
  if (settings.source === 'file') return { type: 'federated', assertion: assertionFromFile(settings.location) };
  if (http === undefined) throw graphErrors.ASSERTION_UNREADABLE({ class: 'local', reason: 'no way out' });
  return { type: 'federated', assertion: assertionFromUrl(settings.location, http) };
};

/** Runs a check and turns the known error it throws into a problem of a field. */
const attempt = <T>(path: string, problems: Problem[], check: () => T): T | undefined => {
  try {
    return check();
  } catch (error) {
    if (!isKnownError(error)) throw error;
    problems.push(problemOf(path, error));
    return undefined;
  }
};

/**
 * Every wrong field of a credential, for saving it; the same checks that the file button runs, since a client can skip
 * those. Paths are relative to the credential. Secrets that `reveal` does not give are left unchecked: an unchanged secret
 * of an edited item need not be typed again. Never throws for a wrong credential.
 */
export const validateCredential = async (
  settings: CredentialSettings,
  context: { readonly reveal: RevealField; readonly clock: Clock },
): Promise<readonly Problem[]> => {
  const problems: Problem[] = [];
  const now = context.clock.now();
  if (settings.type === 'secret') {
    const value = await context.reveal('value');
    attempt('/value', problems, () => {
      if (value !== undefined && looksLikeSecretId(value)) throw graphErrors.SECRET_VALUE_IS_ID({ class: 'local' });
    });
    attempt('/validUntil', problems, () => {
      if (now >= endOfValidity(settings.validUntil))
        throw graphErrors.SECRET_EXPIRED({ class: 'local', validUntil: settings.validUntil });
    });
  } else if (settings.type === 'certificate') {
    const [privateKey, passphrase] = [await context.reveal('privateKey'), await context.reveal('passphrase')];
    const certificate = attempt('/certificate', problems, () => {
      const read = readCertificate(settings.certificate, settings.certificateFileName);
      if (read.keyType !== 'rsa') throw graphErrors.CERTIFICATE_KEY_TYPE({ class: 'local', keyType: read.keyType });
      if (read.keyBits < 2048) throw graphErrors.CERTIFICATE_KEY_SHORT({ class: 'local', bits: read.keyBits });
      return read;
    });
    if (certificate !== undefined) attempt('/certificate', problems, () => checkDates(certificate, now));
    if (privateKey === undefined) return problems;
    const key = attempt('/privateKey', problems, () => readPrivateKey(privateKey, passphrase));
    if (certificate !== undefined && key !== undefined)
      attempt('/privateKey', problems, () => checkPair({ certificate, key }));
  } else if (settings.source === 'url') {
    const url = URL.canParse(settings.location) ? new URL(settings.location) : undefined;
    attempt('/location', problems, () => {
      if (url?.protocol !== 'https:')
        throw graphErrors.ASSERTION_UNREADABLE({ class: 'local', reason: 'not an https address' });
    });
  }
  return problems;
};

type StoredCredential = CredentialSettings | { readonly type: 'none' };

/** The public half of a stored credential: when it ends stands in no secret, so none is revealed for asking. */
const publicHalf = (settings: StoredCredential): Credential | undefined => {
  if (settings.type === 'secret') {
    const { secretId, validUntil } = settings;
    const named = secretId === undefined ? {} : { secretId };
    return { type: 'secret', value: '', validUntil: endOfValidity(validUntil), ...named };
  }
  if (settings.type === 'certificate')
    return { type: 'certificate', certificatePem: settings.certificate, privateKeyPem: '' };
  return undefined;
};

/**
 * The notice that is due of a stored credential, without revealing it; `identity` names whose it is. Undefined where none
 * is due, where it has no end, and where it cannot be read: what uses it says so.
 */
export const storedExpiry = (
  settings: StoredCredential,
  identity: string,
  now: Instant,
  subject: Subject,
): ReturnType<typeof expiryNotice> => {
  const credential = publicHalf(settings);
  if (credential === undefined) return undefined;
  try {
    const facts = credentialFacts(credential, identity);
    return facts === undefined ? undefined : expiryNotice(facts, now, subject);
  } catch (error) {
    if (isKnownError(error)) return undefined;
    throw error;
  }
};
