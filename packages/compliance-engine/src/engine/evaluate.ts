import { type Explanation, explain } from './explain.ts';
import type { EntitlementRule, Instant, ProductFacts, SyncReason } from './facts.ts';
import { type Cause, causeIn, type Figures, figuresOf } from './figures.ts';
import { strongestReason } from './reasons.ts';
import { type RestKind, restsOn, restsUntil } from './rests.ts';
import type { StatusId } from './statuses.ts';

/** What the engine says of one product, with everything it rests on. Plain data. */
export interface Verdict {
  readonly status: StatusId;
  /** With `cannot-be-synchronised` only: its one reason. */
  readonly reason: SyncReason | undefined;
  /** Why the figures are missing; the status is then `calculation-error`, unless it cannot be synchronised. */
  readonly cause: Cause | undefined;
  readonly figures: Figures | undefined;
  /** With `fully-licensed` only. */
  readonly restsOn: readonly RestKind[];
  readonly restsUntil: Instant | undefined;
  readonly explanation: readonly Explanation[];
}

export type Evaluate = (facts: ProductFacts, rule: EntitlementRule, asOf: Instant) => Verdict;

interface Settled {
  readonly reason: SyncReason | undefined;
  readonly cause: Cause | undefined;
  readonly figures: Figures | undefined;
}

/**
 * First match wins (requirements D3). `concurrent`, `base-missing` and `upgrade-right` have no line: a subscription is
 * never concurrent, has no base licence and no version.
 */
const rules: readonly (readonly [StatusId, (settled: Settled) => boolean])[] = [
  ['cannot-be-synchronised', ({ reason }) => reason !== undefined],
  ['calculation-error', ({ cause }) => cause !== undefined],
  ['clear', ({ figures }) => figures?.available === 0 && figures.required === 0],
  ['not-enough', ({ figures }) => figures !== undefined && figures.required > figures.available],
  ['fully-licensed', () => true],
];

/**
 * Judges one product. Total: for every input it answers and never throws; the same input gives the same answer, in
 * whatever order its parts stand. `asOf` only tells whether seats that end have ended already.
 */
export const evaluateProduct: Evaluate = (facts, rule, asOf) => {
  const cause = causeIn(facts);
  const settled: Settled = {
    reason: strongestReason(facts.reasons),
    cause,
    figures: cause === undefined ? figuresOf(facts, rule) : undefined,
  };
  const status = rules.find(([, holds]) => holds(settled))?.[0] ?? 'calculation-error';
  const kinds = status === 'fully-licensed' && settled.figures !== undefined ? restsOn(settled.figures) : [];
  const until = restsUntil(facts, kinds);
  const verdict = { ...settled, status, restsOn: kinds, restsUntil: until };
  return { ...verdict, explanation: explain(verdict, rule, asOf) };
};
