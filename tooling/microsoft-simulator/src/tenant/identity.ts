import type { Directory } from './directory.ts';
import type { UserFacts } from './model.ts';

/**
 * What has happened to an account, as places in one order of events: a test's clock may stand still, and a token issued
 * after a revocation in the same millisecond is good.
 */
export interface AccountRecord {
  sessionsRevoked: number;
  passwordChanged: number;
  accessTokensRevoked: number;
  refreshTokensExpired: number;
  locked: boolean;
  secondFactor: boolean;
  password: string | undefined;
}

/** Why Conditional Access stops a sign-in: a policy, a device, a place, security defaults. */
export type PolicyNumber = 53000 | 53001 | 53003 | 530032 | 530035 | 50097 | 50131 | 50158;

/** Policies of a tenant that touch sign-ins. Everything may be changed while the simulator runs. */
export interface SignInPolicy {
  /** Every sign-in and every refresh is refused with this number. */
  blocked: PolicyNumber | undefined;
  /** The device code flow is refused with this number. */
  deviceCode: 53003 | 50199 | undefined;
  /** Users may consent for themselves; false: an administrator has to (AADSTS90094). */
  userConsent: boolean;
  /** Seconds after which a refresh needs a new sign-in (AADSTS70043). */
  signInFrequencySeconds: number | undefined;
  /** All users need a second factor; see also `requireSecondFactor`. */
  secondFactor: boolean;
}

/** What an administrator does to accounts; users are named by id or user principal name. */
export interface IdentityControls {
  readonly policy: SignInPolicy;
  /** Ends refresh tokens (AADSTS50173). Access tokens live on, as without continuous access evaluation, unless asked. */
  revokeSessions(user: string, options?: { readonly accessTokens?: boolean }): void;
  /** Ends refresh tokens (AADSTS50133); from then on sign-ins that state a password must state this one. */
  changePassword(user: string, password?: string): void;
  disableUser(user: string): void;
  enableUser(user: string): void;
  lockUser(user: string): void;
  unlockUser(user: string): void;
  /** For one user, or for all; grants made without a second factor answer AADSTS50076 from then on. */
  requireSecondFactor(user?: string, required?: boolean): void;
  /** Makes refresh tokens issued so far look unused for 90 days (AADSTS700082), of one user or of all. */
  expireRefreshTokens(user?: string): void;
}

export interface Identity {
  readonly controls: IdentityControls;
  /** The next place in the order of events. */
  tick(): number;
  /** A user who is present, by id or user principal name. */
  user(key: string): UserFacts | undefined;
  record(userId: string): Readonly<AccountRecord>;
  needsSecondFactor(userId: string): boolean;
}

const untouched = (): AccountRecord => ({
  sessionsRevoked: 0,
  passwordChanged: 0,
  accessTokensRevoked: 0,
  refreshTokensExpired: 0,
  locked: false,
  secondFactor: false,
  password: undefined,
});

export const createIdentity = (
  directory: Directory,
  setEnabled: (userId: string, enabled: boolean) => void,
): Identity => {
  const accounts = new Map<string, AccountRecord>();
  const policy: SignInPolicy = {
    blocked: undefined,
    deviceCode: undefined,
    userConsent: false,
    signInFrequencySeconds: undefined,
    secondFactor: false,
  };
  let order = 0;
  let allExpired = 0;

  const tick = (): number => {
    order += 1;
    return order;
  };

  const user = (key: string): UserFacts | undefined => {
    const place = directory.place(key);
    return place === undefined ? undefined : directory.at(place)?.facts;
  };

  const account = (key: string): AccountRecord => {
    const facts = user(key);
    if (facts === undefined) throw new Error(`The tenant has no user ${key}.`);
    const known = accounts.get(facts.id) ?? untouched();
    accounts.set(facts.id, known);
    return known;
  };

  const idOf = (key: string): string => user(key)?.id ?? key;

  const controls: IdentityControls = {
    policy,
    revokeSessions: (key, options) => {
      const known = account(key);
      known.sessionsRevoked = tick();
      if (options?.accessTokens === true) known.accessTokensRevoked = known.sessionsRevoked;
    },
    changePassword: (key, password) => {
      const known = account(key);
      known.passwordChanged = tick();
      known.password = password;
    },
    disableUser: (key) => setEnabled(idOf(key), false),
    enableUser: (key) => setEnabled(idOf(key), true),
    lockUser: (key) => {
      account(key).locked = true;
    },
    unlockUser: (key) => {
      account(key).locked = false;
    },
    requireSecondFactor: (key, required = true) => {
      if (key === undefined) policy.secondFactor = required;
      else account(key).secondFactor = required;
    },
    expireRefreshTokens: (key) => {
      if (key === undefined) allExpired = tick();
      else account(key).refreshTokensExpired = tick();
    },
  };

  return {
    controls,
    tick,
    user,
    record: (userId) => {
      const known = accounts.get(userId) ?? untouched();
      return { ...known, refreshTokensExpired: Math.max(known.refreshTokensExpired, allExpired) };
    },
    needsSecondFactor: (userId) => policy.secondFactor || (accounts.get(userId)?.secondFactor ?? false),
  };
};
