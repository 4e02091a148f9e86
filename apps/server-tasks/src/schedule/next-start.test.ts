import type { Schedule } from '@itsm-m365/plugin-api';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { nextStart, scheduleProblem } from './next-start.ts';
import { instantOf, wallTime } from './zone.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (instant: number | undefined) =>
  instant === undefined ? undefined : new Date(instant).toISOString().replace('.000Z', 'Z');
const berlin = (time: string): Schedule => ({ kind: 'daily', time, zone: 'Europe/Berlin' });
const cron = (expression: string, zone = 'Europe/Berlin'): Schedule => ({ kind: 'cron', expression, zone });

describe('nextStart', () => {
  it('M365-32: starts an interval task the configured minutes after the start before', () => {
    expect(nextStart({ kind: 'interval', minutes: 300 }, at('2026-01-01T00:00:00Z'))).toBe(at('2026-01-01T05:00:00Z'));
  });

  it('never starts a manual task by itself', () => {
    expect(nextStart({ kind: 'manual' }, 0)).toBeUndefined();
  });

  // Europe/Berlin: 2026-03-29 02:00 → 03:00 (01:00Z), 2026-10-25 03:00 → 02:00 (01:00Z).
  test.each([
    ['winter', berlin('03:30'), '2026-01-10T00:00:00Z', '2026-01-10T02:30:00Z'],
    ['summer', berlin('03:30'), '2026-07-10T00:00:00Z', '2026-07-10T01:30:00Z'],
    ['later the same day', berlin('03:30'), '2026-01-10T02:30:00Z', '2026-01-11T02:30:00Z'],
    ['gap: first instant after', berlin('02:30'), '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['gap: its first minute', berlin('02:00'), '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['gap: not twice', berlin('02:30'), '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
    ['after the gap', berlin('03:00'), '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['repeated hour: the first', berlin('02:30'), '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z'],
    ['repeated hour: once', berlin('02:30'), '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ['midnight', berlin('00:00'), '2026-01-10T22:59:59Z', '2026-01-10T23:00:00Z'],
    [
      'gap of half an hour',
      { kind: 'daily', time: '02:15', zone: 'Australia/Lord_Howe' } as const,
      '2026-10-03T00:00:00Z',
      '2026-10-03T15:30:00Z',
    ],
    [
      'gap at midnight',
      { kind: 'daily', time: '00:00', zone: 'America/Asuncion' } as const,
      '2023-09-30T12:00:00Z',
      '2023-10-01T04:00:00Z',
    ],
    [
      'a whole day skipped',
      { kind: 'daily', time: '12:00', zone: 'Pacific/Apia' } as const,
      '2011-12-30T00:00:00Z',
      '2011-12-30T10:00:00Z',
    ],
    [
      'far west',
      { kind: 'daily', time: '23:59', zone: 'Pacific/Pago_Pago' } as const,
      '2026-01-01T00:00:00Z',
      '2026-01-01T10:59:00Z',
    ],
    ['UTC', { kind: 'daily', time: '12:00', zone: 'UTC' } as const, '2026-01-01T12:00:00Z', '2026-01-02T12:00:00Z'],
    ['cron', cron('0 */5 * * *'), '2026-01-10T00:00:00Z', '2026-01-10T04:00:00Z'],
    ['cron on weekdays', cron('30 6 * * 1-5'), '2026-01-09T12:00:00Z', '2026-01-12T05:30:00Z'],
    ['cron in the gap', cron('30 2 * * *'), '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['cron in the repeated hour', cron('30 2 * * *'), '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z'],
    ['one of several times in the gap', cron('0 2,7,22 * * *'), '2026-03-28T21:00:00Z', '2026-03-29T01:00:00Z'],
    ['two times that meet after the gap', cron('0 2,3 * * *'), '2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z'],
    ['one of several times, repeated', cron('0 2,7 * * *'), '2026-10-24T20:00:00Z', '2026-10-25T00:00:00Z'],
    ['one of several times, once', cron('0 2,7 * * *'), '2026-10-25T00:00:00Z', '2026-10-25T06:00:00Z'],
    ['cron in the repeated hour, once', cron('30 2 * * *'), '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
  ])('%s', (_, schedule, after, expected) => {
    expect(iso(nextStart(schedule, at(after)))).toBe(expected);
  });

  it('always lies after, and not more than two days after for a time of day', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo', 'UTC'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        (zone, after, hour, minute) => {
          const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
          const next = nextStart({ kind: 'daily', time, zone }, after) ?? 0;
          expect(next).toBeGreaterThan(after);
          expect(next - after).toBeLessThanOrEqual(26 * 3_600_000);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('instantOf', () => {
  it('finds the instant whose wall time it is', () => {
    const wall = { year: 2026, month: 6, day: 1, hour: 9, minute: 30 };
    expect(wallTime(instantOf(wall, 'Asia/Kathmandu'), 'Asia/Kathmandu')).toEqual(wall);
  });
});

describe('scheduleProblem', () => {
  const now = at('2026-01-01T00:00:00Z');
  test.each([
    ['an interval of 0', { kind: 'interval', minutes: 0 } as const],
    ['half a minute', { kind: 'interval', minutes: 0.5 } as const],
    ['an endless interval', { kind: 'interval', minutes: Number.POSITIVE_INFINITY } as const],
    ['25:00', berlin('25:00')],
    ['3:30', berlin('3:30')],
    ['an unknown zone', { kind: 'daily', time: '03:30', zone: 'Europe/Atlantis' } as const],
    ['an offset for a zone', { kind: 'daily', time: '03:30', zone: '+02:00' } as const],
    ['words for cron', cron('every day')],
    ['cron with seconds', cron('0 0 3 * * *')],
    ['the 30th of February', cron('0 0 30 2 *')],
    ['cron in an unknown zone', cron('0 0 * * *', 'Mars/Base')],
  ])('refuses %s', (_, schedule) => {
    expect(scheduleProblem(schedule, now)).toBeTypeOf('string');
  });

  test.each([
    ['manual', { kind: 'manual' } as const],
    ['five hours', { kind: 'interval', minutes: 300 } as const],
    ['a time of day', berlin('23:59')],
    ['cron', cron('*/15 6-18 * * MON-FRI')],
  ])('accepts %s', (_, schedule) => {
    expect(scheduleProblem(schedule, now)).toBeUndefined();
  });
});
