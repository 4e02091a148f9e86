import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facts } from '../testing/generators.ts';
import { evaluateProduct } from './evaluate.ts';
import { defaultEntitlementRule } from './facts.ts';
import { type Evaluated, type Published, planPublication } from './plan.ts';

const evaluated = fc
  .uniqueArray(fc.record({ subject: fc.constantFrom('a', 'b', 'c', 'd'), of: facts }), {
    selector: ({ subject }) => subject,
  })
  .map((all) =>
    all.map(({ subject, of }): Evaluated => {
      const verdict = evaluateProduct(of, defaultEntitlementRule, 0);
      return { subject, kind: 'product', verdict, print: JSON.stringify(verdict) };
    }),
  );

/** What stands published after a plan was applied. */
const apply = (published: readonly Published[], plan: ReturnType<typeof planPublication>): Published[] => [
  ...published.filter(({ subject }) => !plan.close.includes(subject)),
  ...plan.open.map(({ subject, print, verdict }) => ({ subject, print, status: verdict.status })),
];

const sorted = (all: readonly { subject: string; print: string }[]) =>
  all.map(({ subject, print }) => `${subject} ${print}`).toSorted();

describe('the plan of a publication', () => {
  it('COMP-06: publishing twice is the same as publishing once', () => {
    fc.assert(
      fc.property(evaluated, evaluated, (first, second) => {
        const before = apply([], planPublication([], first));
        const after = apply(before, planPublication(before, second));
        const again = planPublication(after, second);
        expect(again).toEqual({ close: [], open: [], changes: [], unchanged: second.length, ended: 0 });
      }),
    );
  });

  it('COMP-06: after publishing, exactly what was evaluated is published', () => {
    fc.assert(
      fc.property(evaluated, evaluated, (first, second) => {
        const before = apply([], planPublication([], first));
        expect(sorted(apply(before, planPublication(before, second)))).toEqual(sorted(second));
      }),
    );
  });

  it('COMP-06: a change is worse only where its status ranks higher than the one before', () => {
    fc.assert(
      fc.property(evaluated, evaluated, (first, second) => {
        const before = apply([], planPublication([], first));
        for (const change of planPublication(before, second).changes) {
          expect(change.from).not.toBe(change.to);
          if (change.to === 'clear' || change.to === 'fully-licensed') expect(change.worse).toBe(false);
          if (change.to === 'cannot-be-synchronised') expect(change.worse).toBe(true);
        }
      }),
    );
  });
});
