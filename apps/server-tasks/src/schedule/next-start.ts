import type { Instant, Schedule } from '@itsm-m365/plugin-api';
import { Cron } from 'croner';
import { instantOf, isZone, nextDay, wallTime } from './zone.ts';

const timeOfDay = /^([01]\d|2[0-3]):([0-5]\d)$/;
const longestInterval = 527_040;

// Five fields only: seconds would start a task sixty times in a minute that tick() sees once.
const cronOf = (expression: string, zone: string): Cron =>
  new Cron(expression, { paused: true, timezone: zone, mode: '5-part' });

/** What is wrong with a schedule, in an English half-sentence, or undefined. Pure. */
export const scheduleProblem = (schedule: Schedule, now: Instant): string | undefined => {
  switch (schedule.kind) {
    case 'manual':
      return undefined;
    case 'interval': {
      const { minutes } = schedule;
      return Number.isInteger(minutes) && minutes >= 1 && minutes <= longestInterval
        ? undefined
        : `${minutes} is not a whole number of minutes from 1 to ${longestInterval}`;
    }
    case 'daily':
      if (!timeOfDay.test(schedule.time)) return `"${schedule.time}" is not a time of day such as "03:30"`;
      return isZone(schedule.zone) ? undefined : `"${schedule.zone}" is not an IANA time zone`;
    case 'cron': {
      if (!isZone(schedule.zone)) return `"${schedule.zone}" is not an IANA time zone`;
      try {
        const next = cronOf(schedule.expression, schedule.zone).nextRun(new Date(now));
        return next === null ? `"${schedule.expression}" never comes to pass` : undefined;
      } catch {
        return `"${schedule.expression}" is not a cron expression of five fields`;
      }
    }
  }
};

const nextDaily = (time: string, zone: string, after: Instant): Instant => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  // A day early: where the start lies in a gap at midnight, it belongs to the day before on the wall.
  let wall = { ...wallTime(after - 86_400_000, zone), hour, minute };
  for (;;) {
    const start = instantOf(wall, zone);
    if (start > after) return start;
    wall = nextDay(wall);
  }
};

/**
 * The first start after an instant, or undefined for a task that is started by hand only. Pure: missed starts are the
 * caller's matter, who asks with the present and so gets one start for any number of missed ones.
 *
 * Times of day: one that the change to summer time skips gives the first instant after the gap; a repeated one gives
 * the first of the two and not the second. Cron expressions with fixed hours and minutes behave the same; those with
 * wildcards run in each hour that exists (croner, "DST handling").
 */
export const nextStart = (schedule: Schedule, after: Instant): Instant | undefined => {
  switch (schedule.kind) {
    case 'manual':
      return undefined;
    case 'interval':
      return after + schedule.minutes * 60_000;
    case 'daily':
      return nextDaily(schedule.time, schedule.zone, after);
    case 'cron':
      return cronOf(schedule.expression, schedule.zone).nextRun(new Date(after))?.getTime();
  }
};
