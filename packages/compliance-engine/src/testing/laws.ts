import assert from 'node:assert/strict';
import fc from 'fast-check';
import { count, shares, totalOf } from '../engine/entitlement.ts';
import type { Evaluate } from '../engine/evaluate.ts';
import { explanationText } from '../engine/explain.ts';
import {
  defaultEntitlementRule,
  type EntitlementRule,
  type LicenceFacts,
  type ProductFacts,
  syncReasons,
} from '../engine/facts.ts';
import { statusOf } from '../engine/statuses.ts';
import { facts, rule, someInstant, wildFacts } from './generators.ts';

/** Something that must hold of every implementation of the engine; throws where it does not. */
export interface Check {
  readonly name: string;
  check(evaluate: Evaluate): void;
}

const always = <T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  holds: (...values: T) => void,
): void => {
  // A fixed seed: a law that fails fails every time.
  fc.assert(fc.property(...arbitraries, holds), { seed: 20_260_101, numRuns: 400 });
};

const synced = facts.map((one): ProductFacts => ({ ...one, reasons: [] }));
const rank = (evaluate: Evaluate, of: ProductFacts, by: EntitlementRule): number =>
  statusOf(evaluate(of, by, someInstant).status).rank;

const firstChanged = (
  of: ProductFacts,
  change: (units: Required<NonNullable<ProductFacts['licences'][number]['units']>>) => object,
  seat: object = {},
): ProductFacts => {
  const [first, ...rest] = of.licences;
  const licence = first ?? { appliesTo: 'User' as const };
  const units = { enabled: 0, warning: 0, suspended: 0, lockedOut: 0, consumed: 0, ...licence.units };
  return {
    ...of,
    licences: [{ ...licence, units: { ...units, ...change(units) }, seats: { ...licence.seats, ...seat } }, ...rest],
  };
};

const allNumbers = ({ units = {}, seats: { endsAt: _, ...seats } = {} }: LicenceFacts): number[] => [
  ...Object.values(units),
  ...Object.values(seats),
];

const without = (of: ProductFacts, kinds: readonly string[], by: EntitlementRule): number =>
  of.licences
    .map((licence) => count(shares(licence), by))
    .map((counted) => ({
      ...counted,
      ...(kinds.includes('grace') ? { grace: 0 } : {}),
      ...(kinds.includes('trial') ? { trial: 0 } : {}),
      ...(kinds.includes('suspended') ? { suspended: 0 } : {}),
    }))
    .reduce((sum, counted) => sum + totalOf(counted), 0);

export const laws: readonly Check[] = [
  {
    name: 'every input is answered without throwing, with a status that a subscription can have',
    check: (evaluate) =>
      always([wildFacts, rule, fc.double()], (of, by, asOf) =>
        assert.ok(statusOf(evaluate(of, by, asOf).status).microsoft365),
      ),
  },
  {
    name: 'the same input gives the same answer',
    check: (evaluate) =>
      always([wildFacts, rule], (of, by) =>
        assert.deepEqual(evaluate(of, by, someInstant), evaluate(structuredClone(of), by, someInstant)),
      ),
  },
  {
    name: 'the order of the inputs is irrelevant',
    check: (evaluate) =>
      always([fc.oneof(facts, wildFacts), rule], (of, by) => {
        const turned = { ...of, licences: of.licences.toReversed(), reasons: of.reasons.toReversed() };
        assert.deepEqual(evaluate(of, by, someInstant), evaluate(turned, by, someInstant));
      }),
  },
  {
    name: 'a seat more never makes it worse',
    check: (evaluate) =>
      always([synced, rule], (of, by) => {
        const before = rank(evaluate, of, by);
        const more = firstChanged(of, ({ enabled }) => ({ enabled: enabled + 1 }));
        assert.ok(rank(evaluate, more, by) <= before);
        assert.ok(
          rank(
            evaluate,
            firstChanged(of, ({ warning }) => ({ warning: warning + 1 })),
            by,
          ) <= before,
        );
        assert.ok(
          rank(
            evaluate,
            firstChanged(of, ({ suspended }) => ({ suspended: suspended + 1 })),
            by,
          ) <= before,
        );
      }),
  },
  {
    name: 'enough paid seats more always make it fully licensed',
    check: (evaluate) =>
      always([synced, rule], (of, by) => {
        const lacking = (evaluate(of, by, someInstant).figures?.overAssigned ?? 0) + 1;
        const paid = (of.licences[0]?.seats?.paid ?? 0) + lacking;
        const more = firstChanged(of, ({ enabled }) => ({ enabled: enabled + lacking }), { paid });
        assert.equal(evaluate(more, by, someInstant).status, 'fully-licensed');
      }),
  },
  {
    name: 'a consumer more never makes it better',
    check: (evaluate) =>
      always([synced, rule], (of, by) =>
        assert.ok(rank(evaluate, { ...of, consumers: of.consumers + 1 }, by) >= rank(evaluate, of, by)),
      ),
  },
  {
    name: 'units that are not known count as 0',
    check: (evaluate) =>
      always(
        [facts, rule, fc.constantFrom('enabled', 'warning', 'suspended', 'lockedOut', 'consumed')],
        (of, by, unit) => {
          const plain = { ...of, licences: of.licences.map((one) => ({ ...one, seats: {} })) };
          const zero = firstChanged(plain, () => ({ [unit]: 0 }));
          const [first, ...rest] = zero.licences;
          if (first === undefined) return;
          const left = Object.fromEntries(Object.entries(first.units ?? {}).filter(([name]) => name !== unit));
          const unknown = { ...zero, licences: [{ ...first, units: left }, ...rest] };
          assert.deepEqual(evaluate(unknown, by, someInstant), evaluate(zero, by, someInstant));
        },
      ),
  },
  {
    name: 'what cannot be synchronised has that status whatever its figures, with its one strongest reason',
    check: (evaluate) =>
      always([fc.oneof(facts, wildFacts), rule], (of, by) => {
        const { status, reason } = evaluate(of, by, someInstant);
        assert.equal(status === 'cannot-be-synchronised', of.reasons.length > 0);
        assert.equal(
          reason,
          syncReasons.find((one) => of.reasons.includes(one)),
        );
      }),
  },
  {
    name: 'a figure that is no whole number or negative is a calculation error, and no other is',
    check: (evaluate) =>
      always([wildFacts, rule], (of, by) => {
        const numbers = [of.consumers, of.waiting, ...of.licences.flatMap(allNumbers)];
        const { cause, status } = evaluate({ ...of, reasons: [] }, by, someInstant);
        const broken = numbers.some((value) => !Number.isInteger(value));
        assert.equal(cause?.id === 'not-a-whole-number', broken);
        assert.equal(cause?.id === 'negative-number', !broken && numbers.some((value) => value < 0));
        assert.equal(status === 'calculation-error', cause !== undefined);
      }),
  },
  {
    name: 'the figures add up',
    check: (evaluate) =>
      always([facts, rule], (of, by) => {
        const { figures } = evaluate(of, by, someInstant);
        assert.ok(figures !== undefined);
        assert.equal(figures.balance, figures.available - figures.required);
        assert.equal(figures.unused - figures.overAssigned, figures.balance);
        assert.ok(Math.min(figures.unused, figures.overAssigned) === 0);
        assert.equal(figures.difference, figures.consumedReported - figures.required);
        assert.equal(figures.available, totalOf(figures.counted));
      }),
  },
  {
    name: 'the status follows from balance and emptiness alone',
    check: (evaluate) =>
      always([synced, rule], (of, by) => {
        const { status, figures } = evaluate(of, by, someInstant);
        assert.ok(figures !== undefined);
        const { available, required } = figures;
        const expected = available + required === 0 ? 'clear' : required > available ? 'not-enough' : 'fully-licensed';
        assert.equal(status, expected);
      }),
  },
  {
    name: 'fully licensed says what it rests on, and nothing else does',
    check: (evaluate) =>
      always([synced, rule], (of, by) => {
        const { status, figures, restsOn } = evaluate(of, by, someInstant);
        assert.ok(figures !== undefined);
        if (status !== 'fully-licensed') return assert.deepEqual(restsOn, []);
        const stands = (kinds: readonly string[]) => without(of, kinds, by) >= Math.max(1, figures.required);
        // Without what it rests on the verdict is another; where it rests on nothing, all three may go.
        assert.equal(stands(restsOn.length === 0 ? ['grace', 'trial', 'suspended'] : restsOn), restsOn.length === 0);
      }),
  },
  {
    name: 'a waiting person changes no status and no need',
    check: (evaluate) =>
      always([facts, rule], (of, by) => {
        const [before, after] = [of, { ...of, waiting: of.waiting + 1 }].map((one) => evaluate(one, by, someInstant));
        assert.equal(after?.status, before?.status);
        assert.equal(after?.figures?.required, before?.figures?.required);
      }),
  },
  {
    name: 'a wider rule never makes it worse',
    check: (evaluate) =>
      always([synced, fc.boolean()], (of, trialSeats) => {
        const ranks = (['enabled', 'enabled-and-warning', 'enabled-warning-and-suspended'] as const).map((units) =>
          rank(evaluate, of, { units, trialSeats }),
        );
        assert.deepEqual(
          ranks,
          ranks.toSorted((left, right) => right - left),
        );
        assert.ok(
          rank(evaluate, of, { ...defaultEntitlementRule, trialSeats: true }) <=
            rank(evaluate, of, { ...defaultEntitlementRule, trialSeats: false }),
        );
      }),
  },
  {
    name: 'the passing of time changes no status',
    check: (evaluate) =>
      always([facts, rule, fc.integer()], (of, by, asOf) =>
        assert.equal(evaluate(of, by, asOf).status, evaluate(of, by, someInstant).status),
      ),
  },
  {
    name: 'the explanation states the sum, and every sentence of it is complete in both languages',
    check: (evaluate) =>
      always([fc.oneof(facts, wildFacts), rule], (of, by) => {
        const { explanation, figures, cause } = evaluate(of, by, someInstant);
        for (const one of explanation) assert.doesNotMatch(Object.values(explanationText(one)).join(), /\{\w+\}/);
        const balance = explanation.find(({ id }) => id === 'balance');
        assert.equal(balance?.values.balance, figures?.balance);
        const sum = String(explanation.find(({ id }) => id === 'available')?.values.sum ?? '');
        const [terms = '', less = '0'] = sum.split(' − ');
        const total = terms.split(' + ').reduce((left, right) => left + Number(right), 0) - Number(less);
        assert.equal(figures === undefined ? 0 : total, figures?.available ?? 0);
        assert.equal(cause === undefined, figures !== undefined);
      }),
  },
];
