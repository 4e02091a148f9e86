import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';
import { planReading, type ReadingFacts, tooManyChanges } from './plan-reading.ts';
import { fewHolders, missesUsers, movedGaps } from './reconcile.ts';

const hour = 3_600_000;
const now = 1000 * hour;

const facts = (patch: Partial<ReadingFacts> = {}): ReadingFacts => ({
  deltaLink: 'https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x',
  fingerprint: 'f',
  storedFingerprint: 'f',
  lastFullAt: now - hour,
  held: false,
  newSkus: 0,
  fullListingHours: 24,
  now,
  ...patch,
});

describe('choosing between a full listing and the changes', () => {
  const table: readonly (readonly [string, Partial<ReadingFacts>, string | undefined])[] = [
    ['reads changes in between', {}, undefined],
    ['lists everything the first time', { deltaLink: '', lastFullAt: null }, 'first'],
    ['lists everything where there is no link', { deltaLink: '' }, 'no-delta'],
    ['drops the link when its conditions changed', { storedFingerprint: 'g' }, 'conditions'],
    ['lists everything after a held import', { held: true }, 'held'],
    ['lists everything when licences joined the import', { newSkus: 1 }, 'new-licences'],
    ['reads changes one millisecond before the day is over', { lastFullAt: now - 24 * hour + 1 }, undefined],
    ['lists everything when the day is over', { lastFullAt: now - 24 * hour }, 'due'],
    ['lists everything after the clock was set back', { lastFullAt: now + 1 }, 'due'],
  ];
  for (const [title, patch, reason] of table) {
    it(title, () => {
      const reading = planReading(facts(patch));
      expect(reading.mode === 'full' ? reading.reason : undefined).toBe(reason);
    });
  }

  it('makes the fingerprint depend on exclusions in any order, tenant and cloud', () => {
    const base = { tenantId: 't', cloud: 'global', exclusions: ['a', 'b'] };
    expect(fingerprintOf({ ...base, exclusions: ['b', 'a', 'a'] })).toBe(fingerprintOf(base));
    expect(
      new Set(
        [base, { ...base, exclusions: ['a'] }, { ...base, tenantId: 'u' }, { ...base, cloud: 'china' }].map(
          fingerprintOf,
        ),
      ).size,
    ).toBe(4);
  });

  it('lists everything as soon as that needs fewer requests than reading the changed users', () => {
    expect(tooManyChanges(100, 100_000)).toBe(false);
    expect(tooManyChanges(2040, 100_000)).toBe(false);
    expect(tooManyChanges(2041, 100_000)).toBe(true);
    expect(tooManyChanges(41, 100)).toBe(true);
  });

  it('takes a standing gap between Microsoft’s count and ours as known, and sees a new one', () => {
    const sku = { skuId: 's', partNumber: 'P', consumed: 12, counted: 10 };
    expect(movedGaps([sku], new Map([['s', 2]]))).toEqual([]);
    expect(movedGaps([sku], new Map())).toEqual([sku]);
    expect(fewHolders([sku], new Map([['s', 2]]))).toBe(false);
    expect(fewHolders([{ ...sku, counted: 9 }], new Map([['s', 2]]))).toBe(true);
    expect(missesUsers(998, 1000)).toBe(false);
    expect(missesUsers(997, 1000)).toBe(true);
  });
});
