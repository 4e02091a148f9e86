import { describe, expect, it } from 'vitest';
import { leastRequests } from './judge.ts';
import { spreadOf } from './measurement.ts';

describe('measurements', () => {
  it.each([
    [[3], { median: 3, minimum: 3, maximum: 3 }],
    [[9, 1, 2], { median: 2, minimum: 1, maximum: 9 }],
    [[4, 1, 2, 9], { median: 3, minimum: 1, maximum: 9 }],
  ])('are told by median and extremes: %j', (values, spread) => {
    expect(spreadOf(values)).toEqual(spread);
  });

  it('knows the least requests of a full import', () => {
    expect(leastRequests(100_000)).toBe(101 + 3);
    expect(leastRequests(999)).toBe(1 + 3);
  });
});
