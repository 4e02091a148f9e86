import type { EntitlementRule, LicenceFacts } from './facts.ts';

/** Units of one licence, each unit in exactly one field. */
export interface Shares {
  readonly paid: number;
  /** Enabled, of a trial subscription. */
  readonly trial: number;
  /** In the grace period after expiry, once paid for. */
  readonly grace: number;
  /** In the grace period after the end of a trial. */
  readonly trialInGrace: number;
  readonly suspended: number;
  /** Never counts: nobody can sign in with it. */
  readonly lockedOut: number;
}

const within = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/**
 * Joins two answers of Microsoft: units by state (subscribedSkus) and seats by subscription. The units decide how many
 * there are; the subscriptions only tell what they rest on. A warning unit that no trial explains is a paid one in grace.
 */
export const shares = ({ units = {}, seats = {} }: LicenceFacts): Shares => {
  const { enabled = 0, warning = 0, suspended = 0, lockedOut = 0 } = units;
  const trialSeats = seats.trial ?? 0;
  const grace = within(Math.max(seats.grace ?? 0, warning - trialSeats), 0, warning);
  const trialInGrace = warning - grace;
  const trial = within(trialSeats - trialInGrace, 0, enabled);
  return { paid: enabled - trial, trial, grace, trialInGrace, suspended, lockedOut };
};

/** What counts under a rule, by what it rests on. */
export interface Counted {
  readonly paid: number;
  readonly grace: number;
  readonly trial: number;
  readonly suspended: number;
}

export const count = (share: Shares, rule: EntitlementRule): Counted => {
  const warning = rule.units !== 'enabled';
  return {
    paid: share.paid,
    grace: warning ? share.grace : 0,
    trial: rule.trialSeats ? share.trial + (warning ? share.trialInGrace : 0) : 0,
    suspended: rule.units === 'enabled-warning-and-suspended' ? share.suspended : 0,
  };
};

export const totalOf = ({ paid, grace, trial, suspended }: Counted): number => paid + grace + trial + suspended;
