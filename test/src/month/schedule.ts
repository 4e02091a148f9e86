import type { Instant } from '@itsm-m365/plugin-api';

const hour = 3_600_000;

/** A spring or an autumn in Berlin: the instant at which the clocks change, and the hours before UTC around it. */
export interface Season {
  readonly start: Instant;
  readonly change: Instant;
  readonly before: number;
  readonly after: number;
}

const changes = {
  spring: { change: Date.UTC(2026, 2, 29, 1), before: 1, after: 2 },
  autumn: { change: Date.UTC(2026, 9, 25, 1), before: 2, after: 1 },
} as const;

/** So many days that the clocks change when four fifths of them are over. */
export const seasonOf = (name: keyof typeof changes, days: number): Season => {
  const { change, before, after } = changes[name];
  return { start: change - Math.round((days * 4) / 5) * 24 * hour + 5 * hour, change, before, after };
};

export const wallHours = [2, 7, 12, 17, 22] as const;
export const wallSchedule = {
  kind: 'cron',
  expression: `0 ${wallHours.join(',')} * * *`,
  zone: 'Europe/Berlin',
} as const;

/**
 * When the import has to start: every five hours from the start on, and from an instant on at five times of the day on
 * Berlin's walls. In spring 02:00 is skipped and 03:00 takes its place; in autumn the first of the two 02:00 counts.
 */
export const expectedStarts = (season: Season, walls: Instant, end: Instant): readonly Instant[] => {
  const starts: Instant[] = [];
  for (let at = season.start + 5 * hour; at <= walls; at += 5 * hour) starts.push(at);
  for (let day = Math.floor(walls / (24 * hour)) * 24 * hour; day <= end; day += 24 * hour)
    for (const wall of wallHours) {
      // 02:00 of the day of the change still goes by the old time, whichever way the clocks go.
      const old = day + (wall - season.before) * hour;
      const at = old <= season.change ? old : day + (wall - season.after) * hour;
      if (at > walls) starts.push(at);
    }
  return starts.filter((at) => at <= end);
};
