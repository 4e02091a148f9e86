import type { Instant } from '@itsm-m365/plugin-api';

/** A date and a time of day on the wall of some zone. `month` counts from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const day = 86_400_000;
// Making a formatter costs about a hundred times as much as using it.
const formatters = new Map<string, Intl.DateTimeFormat>();

const formatterOf = (zone: string): Intl.DateTimeFormat => {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, made);
  return made;
};

/** Tells whether the name is an IANA zone that this Node knows. Offsets such as `+02:00` are not: they know no summer. */
export const isZone = (zone: string): boolean => {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(zone)) return false;
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false;
  }
};

/** The wall time of an instant. Seconds are dropped. */
export const wallTime = (instant: Instant, zone: string): WallTime => {
  const parts = formatterOf(zone).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
};

const asUtc = (wall: WallTime): number => Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);

const minuteOf = (instant: Instant): Instant => Math.floor(instant / 60_000) * 60_000;

/** What the wall is ahead of UTC, in milliseconds, at full minutes. */
const offsetAt = (instant: Instant, zone: string): number => asUtc(wallTime(instant, zone)) - minuteOf(instant);

/**
 * The instant at which the wall first shows this time. A time that the change to summer time skips gives the first
 * instant after the gap; a repeated one the first of the two.
 */
export const instantOf = (wall: WallTime, zone: string): Instant => {
  const local = asUtc(wall);
  // Zones change by less than a day at a time, so that the offsets of the days around are all there can be.
  const before = offsetAt(local - day, zone);
  const after = offsetAt(local + day, zone);
  const hits = [local - before, local - after].filter((instant) => instant + offsetAt(instant, zone) === local);
  if (hits.length > 0) return Math.min(...hits);
  let low = Math.min(local - before, local - after) - 1;
  let high = Math.max(local - before, local - after);
  // In the gap: the change lies between, and its first instant is the first one with the new offset.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
};

/** The same time of day on the next day of the calendar. */
export const nextDay = (wall: WallTime): WallTime => {
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + 1));
  return { ...wall, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};
