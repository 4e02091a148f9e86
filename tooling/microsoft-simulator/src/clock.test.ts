import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advanceable, instant } from './clock.ts';

test('an instant is written as Date writes it, without the fraction', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
      expect(instant(date.getTime())).toBe(`${date.toISOString().slice(0, 19)}Z`);
    }),
  );
});

test('an advanced clock still follows its base', () => {
  let base = 1_000;
  const clock = advanceable({ now: () => base });
  clock.advance(500);
  base += 10;
  expect(clock.now()).toBe(1_510);
});
