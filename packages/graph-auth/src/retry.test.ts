import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff, defaultRetryLimits, retryAfterMs, waitBefore } from './retry.ts';

const now = Date.UTC(2026, 10, 21, 10, 0, 0);
const httpDate = (instant: number) => new Date(instant).toUTCString();

test.each([
  ['120', 120_000],
  ['2.128', 2128],
  ['0.0001', 1],
  ['0', 0],
  [' 7 ', 7000],
  [httpDate(now + 90_000), 90_000],
  [httpDate(now - 90_000), 0],
])('Retry-After "%s" asks for %i milliseconds', (value, wanted) => {
  expect(retryAfterMs({ 'retry-after': value }, now)).toBe(wanted);
});

test.each(['', 'soon', '-5', '1,5', 'NaN', 'Infinity'])('Retry-After "%s" is as good as none', (value) => {
  expect(retryAfterMs({ 'retry-after': value }, now)).toBeUndefined();
});

test('a date is read against the clock of the server, which may be wrong by hours', () => {
  const skewed = now + 5 * 3_600_000;
  const headers = { 'retry-after': httpDate(skewed + 30_000), date: httpDate(skewed) };
  expect(retryAfterMs(headers, now)).toBe(30_000);
});

test('a wait is never shorter than asked, however long that is, and never zero', () => {
  const waits = fc.tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.option(fc.integer({ min: 0, max: 1e9 })),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
  );
  fc.assert(
    fc.property(waits, ([failures, asked, fraction]) => {
      const wait = waitBefore(failures, asked ?? undefined, defaultRetryLimits, { fraction: () => fraction });
      return wait >= (asked ?? 0) && wait > 0 && (asked === null || asked < 1000 || wait === asked);
    }),
  );
});

test('our own back-off doubles up to its cap, and its jitter takes away at most half', () => {
  const at = (failures: number, fraction: number) =>
    backoff(failures, defaultRetryLimits, { fraction: () => fraction });
  expect([1, 2, 3, 7, 50].map((failures) => at(failures, 0))).toEqual([500, 1000, 2000, 30_000, 30_000]);
  expect(at(50, 0.999999)).toBeLessThanOrEqual(60_000);
});
