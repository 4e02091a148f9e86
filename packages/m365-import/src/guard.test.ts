import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GuardFacts, judge } from './guard.ts';

const limits = { maxSharePercent: 10, minCount: 20 };

const facts = (patch: Partial<GuardFacts>): GuardFacts => ({
  mode: 'full',
  skusBefore: 5,
  skus: 5,
  usersBefore: 1000,
  users: 1000,
  assignmentsBefore: 1000,
  ended: 0,
  ...patch,
});

describe('guard', () => {
  const table: readonly (readonly [string, Partial<GuardFacts>, string | undefined])[] = [
    ['exactly the share passes', { ended: 100 }, undefined],
    ['one more than the share is held', { ended: 101 }, 'assignments'],
    ['a small portal may lose 19 of 20', { assignmentsBefore: 20, ended: 19 }, undefined],
    ['but not 20 of 20', { assignmentsBefore: 20, ended: 20 }, 'assignments'],
    ['removals told by delta count as well', { mode: 'changes', ended: 500 }, 'assignments'],
    ['no users where there were some is held, even without assignments', { users: 0, assignmentsBefore: 0 }, 'users'],
    ['no changed users is the normal case of a delta', { mode: 'changes', users: 0 }, undefined],
    ['no licences where there were some is held', { skus: 0 }, 'skus'],
    [
      'an empty tenant stays empty',
      { skus: 0, skusBefore: 0, users: 0, usersBefore: 0, assignmentsBefore: 0 },
      undefined,
    ],
  ];
  for (const [title, patch, kind] of table) {
    it(title, () => {
      const verdict = judge(facts(patch), limits, undefined);
      expect(verdict.pass ? undefined : verdict.kind).toBe(kind);
    });
  }

  it('passes a confirmed removal up to the number that was seen, not beyond, and not of another kind', () => {
    const held = facts({ ended: 300 });
    expect(judge(held, limits, { kind: 'assignments', count: 300 })).toEqual({ pass: true, confirmed: true });
    expect(judge(held, limits, { kind: 'assignments', count: 299 }).pass).toBe(false);
    expect(judge(held, limits, { kind: 'users', count: 300 }).pass).toBe(false);
  });

  it('never passes more removals where it held fewer', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(5000), (before, one, other) => {
        const [fewer, more] = one < other ? [one, other] : [other, one];
        const at = (ended: number) => judge(facts({ assignmentsBefore: before, ended }), limits, undefined).pass;
        return at(fewer) || !at(more);
      }),
    );
  });
});
