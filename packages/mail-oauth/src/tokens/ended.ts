import { aadstsRow } from '@itsm-m365/graph-auth';
import type { KnownError } from '@itsm-m365/plugin-api';
import { tokenErrors } from './errors.ts';

/**
 * Numbers after which no refresh token of the sign-in works again, so that a person has to sign in. This table decides and
 * no class of error (mail reference, 7a): a missing consent or a disabled application is put right in Entra, without one.
 */
const ending: ReadonlySet<number> = new Set([
  // Not used for too long, revoked, password changed, bound to a session that ended.
  700082, 70008, 700084, 50173, 50132, 50133, 50089, 50085, 70043,
  // Not this token: cut short, malformed, of another grant.
  70000, 9002313,
  // Account disabled, deleted, in another directory, password expired.
  50057, 50034, 50020, 51004, 90072, 50055, 50144, 50126,
  // A second factor is asked for, which nobody gives here.
  50072, 50074, 50076, 50078, 50079, 50158,
  // Conditional Access wants a sign-in that meets the policy.
  53000, 53001, 53003, 530032, 50097, 50131,
]);

const interactive = new Set<unknown>(['invalid_grant', 'interaction_required', 'login_required']);

/** What ended a sign-in, as it is kept in its row. */
export interface Ending {
  readonly code: string;
  /** Microsoft's number. */
  readonly number: number;
}

/** Undefined where the sign-in lives on: outages, throttling, and whatever can be put right without a person's sign-in. */
export const endingOf = ({ code, details }: KnownError): Ending | undefined => {
  const { status, aadsts, entraError } = details;
  if (typeof status !== 'number' || status === 429 || status >= 500) return undefined;
  if (!interactive.has(entraError) || typeof aadsts !== 'number' || !ending.has(aadsts)) return undefined;
  return { code, number: aadsts };
};

/** The error of a sign-in that has ended: the same each time, from what its row keeps. */
export const endedError = ({ code, number }: Ending): KnownError => {
  const row = aadstsRow(number);
  return tokenErrors.MAIL_SIGN_IN_DEAD({
    failedCode: code,
    aadsts: number,
    causeEn: row?.cause.en ?? 'Entra does not take it any more.',
    causeDe: row?.cause.de ?? 'Entra nimmt sie nicht mehr an.',
    remedyEn: row?.remedy.en ?? '',
    remedyDe: row?.remedy.de ?? '',
  });
};
