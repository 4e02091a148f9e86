import type { ItemState } from '@itsm-m365/plugin-api';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type ItemEnd, runOutcome, type StopReason, sumCounts } from './outcome.ts';

const item = (word: string): ItemEnd => {
  if (word === 'partial') return { state: 'succeeded', outcome: 'partial' };
  if (word === 'succeeded' || word === 'held') return { state: word, outcome: word };
  return { state: word as ItemState, outcome: null };
};

describe('runOutcome', () => {
  test.each<[string, StopReason | null, string | undefined]>([
    ['', null, 'succeeded'],
    ['succeeded', null, 'succeeded'],
    ['succeeded succeeded', null, 'succeeded'],
    ['succeeded partial', null, 'partial'],
    ['succeeded held', null, 'partial'],
    ['held', null, 'partial'],
    ['succeeded failed', null, 'partial'],
    ['held failed', null, 'partial'],
    ['failed', null, 'failed'],
    ['failed failed', null, 'failed'],
    ['failed cancelled', null, 'failed'],
    ['cancelled', null, 'cancelled'],
    ['succeeded cancelled', null, 'partial'],
    ['succeeded cancelled', 'cancelled', 'cancelled'],
    ['failed cancelled', 'cancelled', 'cancelled'],
    ['succeeded cancelled', 'shutdown', 'cancelled'],
    ['succeeded succeeded', 'cancelled', 'succeeded'],
    ['failed', 'cancelled', 'failed'],
    ['failed cancelled', 'timeout', 'failed'],
    ['succeeded failed cancelled', 'timeout', 'partial'],
    ['succeeded waiting', null, undefined],
    ['running', 'cancelled', undefined],
  ])('ends "%s" (told to stop: %s) as %s', (items, stop, state) => {
    expect(runOutcome(items.split(' ').filter(Boolean).map(item), stop)).toBe(state);
  });

  it('does not depend on the order of the items', () => {
    const word = fc.constantFrom('succeeded', 'partial', 'held', 'failed', 'cancelled', 'waiting', 'running');
    const stop = fc.constantFrom(null, 'cancelled', 'timeout', 'shutdown');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), stop, (words, reason) => {
        const items = words.map(item);
        expect(runOutcome([...items].reverse(), reason as StopReason | null)).toBe(
          runOutcome(items, reason as StopReason | null),
        );
      }),
    );
  });
});

describe('sumCounts', () => {
  it('sums by name', () => {
    expect(sumCounts([{ a: 1, b: 2 }, null, { b: 3 }])).toEqual({ a: 1, b: 5 });
  });
});
