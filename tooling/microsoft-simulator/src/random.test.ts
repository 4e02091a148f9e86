import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guidOf, indexOfGuid, randomGuid, seededRandom } from './random.ts';

const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const word = fc.integer({ min: 0, max: 0xffffffff });

test('a GUID made from an index gives the index back, in any case of letters', () => {
  fc.assert(
    fc.property(word, fc.nat(1_000_000), fc.nat(20), (seed, index, salt) => {
      const guid = guidOf(seed, index, salt);
      expect(guid).toMatch(version4);
      expect(indexOfGuid(seed, guid.toUpperCase(), salt)).toBe(index);
    }),
  );
});

test('another GUID gives no index', () => {
  fc.assert(fc.property(fc.uuid(), (guid) => indexOfGuid(1, guid) === undefined));
  expect(indexOfGuid(1, 'nobody')).toBeUndefined();
});

test('a seeded source repeats itself and stays below one', () => {
  const [one, two] = [seededRandom(5), seededRandom(5)];
  for (let at = 0; at < 1_000; at += 1) {
    const value = one();
    expect(two()).toBe(value);
    expect(value >= 0 && value < 1).toBe(true);
  }
  expect(randomGuid(one)).toMatch(version4);
});
