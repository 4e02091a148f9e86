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

const list = /^\d{1,2}(,\d{1,2})*$/;
/** More times of a day than anybody names one by one. */
const mostTimes = 48;

/**
 * The times of a day of an expression that names them one by one, each as an expression of its own: croner moves a single
 * time out of a skipped hour, and lets it pass in the repeated one, but drops or repeats it where there are several.
 */
const timesOf = (expression: string): readonly string[] => {
  const [minutes = '', hours = '', ...days] = expression.trim().split(/\s+/);
  if (!list.test(minutes) || !list.test(hours)) return [expression];
  const times = hours
    .split(',')
    .flatMap((hour) => minutes.split(',').map((minute) => [minute, hour, ...days].join(' ')));
  return times.length > mostTimes ? [expression] : times;
};

const nextCron = (expression: string, zone: string, after: Instant): Instant | undefined => {
  const from = new Date(after);
  const starts = timesOf(expression).flatMap((time) => cronOf(time, zone).nextRun(from)?.getTime() ?? []);
  return starts.length === 0 ? undefined : Math.min(...starts);
};

/**
 * The first start after an instant, or undefined for a task that is started by hand only. Pure: missed starts are the
 * caller's matter, who asks with the present and so gets one start for any number of missed ones.
 *
 * Times of day: one that the change to summer time skips gives the first instant after the gap; a repeated one gives
 * the first of the two and not the second. Cron expressions that name hours and minutes one by one behave the same; those
 * with wildcards and ranges run in each hour that exists (croner, "DST handling").
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
      return nextCron(schedule.expression, schedule.zone, after);
  }
};
