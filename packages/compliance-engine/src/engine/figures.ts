import { type Counted, count, type Shares, shares, totalOf } from './entitlement.ts';
import type { EntitlementRule, LicenceFacts, ProductFacts } from './facts.ts';

/** Why the use of a product cannot be computed. */
export const causeIds = ['not-a-whole-number', 'negative-number', 'overflow', 'inconsistent-units'] as const;
export type CauseId = (typeof causeIds)[number];

export interface Cause {
  readonly id: CauseId;
  /** The figure at fault: `enabled`, `consumers`. */
  readonly figure: string;
}

export interface Figures {
  readonly required: number;
  readonly available: number;
  /** Available − required. */
  readonly balance: number;
  /** Seats that nobody needs: money. */
  readonly unused: number;
  /** Consumers without a seat: risk. */
  readonly overAssigned: number;
  readonly consumers: number;
  readonly waiting: number;
  /** Microsoft's own count. */
  readonly consumedReported: number;
  /** Microsoft's count − ours. */
  readonly difference: number;
  readonly shares: Shares;
  readonly counted: Counted;
}

const noShares: Shares = { paid: 0, trial: 0, grace: 0, trialInGrace: 0, suspended: 0, lockedOut: 0 };

/** Sums of up to some thousand Int32 values are exact; beyond 2^53 a sum is silently wrong, so it is an error. */
const add = (left: number, right: number): number => left + right;

const named = (licence: LicenceFacts): (readonly [string, number])[] => {
  const { enabled = 0, warning = 0, suspended = 0, lockedOut = 0, consumed = 0 } = licence.units ?? {};
  const { paid = 0, grace = 0, trial = 0 } = licence.seats ?? {};
  return [
    ...Object.entries({ enabled, warning, suspended, lockedOut, consumed }),
    ...Object.entries({ paid, grace, trial }),
  ];
};

const sumOf = <T>(values: readonly T[], of: (value: T) => number): number => values.map(of).reduce(add, 0);

/** Subscriptions that speak of more seats than the SKU has units in any state: one of the two answers is wrong. */
const inconsistent = ({ units = {}, seats = {} }: LicenceFacts): boolean =>
  (seats.paid ?? 0) + (seats.grace ?? 0) + (seats.trial ?? 0) >
  (units.enabled ?? 0) + (units.warning ?? 0) + (units.suspended ?? 0) + (units.lockedOut ?? 0);

/** What is wrong with the facts; causes are looked for in a fixed order, so that the order of the licences is irrelevant. */
export const causeIn = (facts: ProductFacts): Cause | undefined => {
  const numbers: (readonly [string, number])[] = [
    ['consumers', facts.consumers],
    ['waiting', facts.waiting],
    ...facts.licences.flatMap(named),
  ];
  const figure = (wrong: (value: number) => boolean) =>
    numbers
      .filter(([, value]) => wrong(value))
      .map(([name]) => name)
      .sort()[0];
  const broken = figure((value) => !Number.isInteger(value));
  if (broken !== undefined) return { id: 'not-a-whole-number', figure: broken };
  const negative = figure((value) => value < 0);
  if (negative !== undefined) return { id: 'negative-number', figure: negative };
  // One bound for the sum of everything: each partial sum and difference is then exact, whatever the rule.
  if (numbers.map(([, value]) => value).reduce(add, 0) > Number.MAX_SAFE_INTEGER) {
    return { id: 'overflow', figure: 'sum' };
  }
  if (facts.licences.some(inconsistent)) return { id: 'inconsistent-units', figure: 'subscriptions' };
  return undefined;
};

const addFields = <T extends Readonly<Record<keyof T, number>>>(left: T, right: T): T =>
  Object.fromEntries(Object.keys(left).map((key) => [key, left[key as keyof T] + right[key as keyof T]])) as T;

/** The figures of facts without a cause. A company licence needs what Microsoft says it needs (D3). */
export const figuresOf = (facts: ProductFacts, rule: EntitlementRule): Figures => {
  const all = facts.licences.map(shares).reduce<Shares>(addFields, noShares);
  const counted = count(all, rule);
  const available = totalOf(counted);
  const company = facts.licences.filter(({ appliesTo }) => appliesTo === 'Company');
  const companyNeed = sumOf(company, ({ units }) => units?.consumed ?? 0);
  const required = facts.consumers + companyNeed;
  const consumedReported = sumOf(facts.licences, ({ units }) => units?.consumed ?? 0);
  return {
    required,
    available,
    balance: available - required,
    unused: Math.max(0, available - required),
    overAssigned: Math.max(0, required - available),
    consumers: facts.consumers,
    waiting: facts.waiting,
    consumedReported,
    difference: consumedReported - required,
    shares: all,
    counted,
  };
};
