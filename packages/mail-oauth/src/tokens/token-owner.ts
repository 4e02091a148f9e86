import type { TokenReply } from '@itsm-m365/graph-auth';
import { isGuid } from '../problems.ts';
import { type Claims, claimsOf } from './claims.ts';
import { tokenErrors } from './errors.ts';

/** Whose token it is, as Entra says. */
export interface TokenOwner {
  /** Object id. */
  readonly id: string;
  /** User principal name, lower case. */
  readonly name: string;
  readonly tenant: string;
}

export interface ExpectedOwner {
  /** Directory id, or `organizations`. */
  readonly authority: string;
  readonly clientId: string;
  /** Who has to have signed in: `Identity.tokenUser`. */
  readonly tokenUser: string;
  /** Object id of the person who signed in before; undefined at a sign-in. */
  readonly userId?: string;
  readonly now: number;
  /** How the sign-in was made: in a browser, single sign-on may have chosen the account (MAIL-22). */
  readonly browser?: boolean;
}

/** Clocks of servers differ by minutes. */
const leeway = 10 * 60_000;

const unreadable = (reason: string) => tokenErrors.MAIL_TOKEN_UNREADABLE({ reason });

const readIdToken = (reply: TokenReply): Claims => {
  if (reply.idToken === undefined) throw unreadable('no id token');
  const claims = claimsOf(reply.idToken);
  if (claims === undefined) throw unreadable('the id token is cut short or no JSON Web Token');
  return claims;
};

const checkFrame = (claims: Claims, expected: ExpectedOwner): void => {
  if (claims.audience !== expected.clientId) throw unreadable('the id token is for another application');
  if (!(claims.expiresAt + leeway > expected.now)) throw unreadable('the id token has expired');
  if (!isGuid(claims.user)) throw unreadable('the id token names no user');
  // A verified domain as authority says nothing about the directory's id.
  if (isGuid(expected.authority) && claims.tenant !== expected.authority)
    throw tokenErrors.MAIL_OTHER_TENANT({ tenant: claims.tenant || '-', expected: expected.authority });
};

/**
 * Whose token a reply holds; refuses any other account than the expected one, before anything is stored (MAIL-18, MAIL-21).
 * The expected name may be the user principal name or the mail address: the two differ in some tenants. An access token that
 * can be read has to be of the same person; one that cannot is for Exchange to judge. Throws `MAIL_TOKEN_UNREADABLE`,
 * `MAIL_OTHER_TENANT`, `MAIL_OTHER_ACCOUNT`, `MAIL_OTHER_ACCOUNT_BROWSER`.
 */
export const ownerOf = (reply: TokenReply, expected: ExpectedOwner): TokenOwner => {
  const claims = readIdToken(reply);
  checkFrame(claims, expected);
  const name = claims.names[0] ?? '';
  const refuse = (signedIn: string) => {
    const details = { signedIn: signedIn || claims.user, expected: expected.tokenUser };
    return expected.browser === true
      ? tokenErrors.MAIL_OTHER_ACCOUNT_BROWSER(details)
      : tokenErrors.MAIL_OTHER_ACCOUNT(details);
  };
  if (!claims.names.includes(expected.tokenUser)) throw refuse(name);
  if (expected.userId !== undefined && claims.user !== expected.userId) throw refuse(name);
  const access = claimsOf(reply.token);
  if (access !== undefined && isGuid(access.user) && access.user !== claims.user)
    throw refuse(access.names[0] ?? access.user);
  return { id: claims.user, name, tenant: claims.tenant };
};
