import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observe, type Sightings } from './lease-watch.ts';

const lease = 60_000;
const look = (before: Sightings, counter: number, at: number) => observe(before, [{ id: 'x', counter }], at, lease);

describe('observe', () => {
  it('takes nobody for dead at first sight, whatever the counter', () => {
    expect(look(new Map(), 999, 1e12).expired).toEqual([]);
  });

  it('takes a hold for dead when the same counter was seen for a whole lease, not a moment earlier', () => {
    const first = look(new Map(), 5, 1000).sightings;
    const almost = look(first, 5, 1000 + lease - 1);
    expect(almost.expired).toEqual([]);
    expect(look(almost.sightings, 5, 1000 + lease).expired).toEqual(['x']);
  });

  it('starts anew when the counter has moved', () => {
    const first = look(new Map(), 5, 0).sightings;
    const moved = look(first, 6, lease - 1);
    expect(look(moved.sightings, 6, lease + 10).expired).toEqual([]);
  });

  it('forgets holds that are gone', () => {
    expect(observe(look(new Map(), 5, 0).sightings, [], 1, lease).sightings.size).toBe(0);
  });

  it('never takes a hold for dead whose counter moves at least once in each lease', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: lease - 1 }), { maxLength: 30 }), (gaps) => {
        let sightings: Sightings = new Map();
        let at = 0;
        for (const [counter, gap] of gaps.entries()) {
          at += gap;
          const seen = look(sightings, counter, at);
          expect(seen.expired).toEqual([]);
          sightings = seen.sightings;
        }
      }),
    );
  });
});
