import type { Clock } from '@itsm-m365/plugin-api';

export interface HandClock extends Clock {
  /** Moves the time on and wakes those whose time has come. */
  advance(milliseconds: number): void;
  /** Waits until so many sleeps have been asked for since the beginning. */
  asked(count: number): Promise<void>;
  /** Sleeps that have neither ended nor been given up. */
  sleeping(): number;
}

/**
 * A clock on which nothing times out unless a test moves it: sleeps take as long as it stands still. `passes`: sleeps of so
 * many milliseconds at most pass at once and move it, as waits before another try do; deadlines are longer.
 */
export const handClock = (start = Date.UTC(2026, 0, 15, 8), { passes = 0 } = {}): HandClock => {
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const waiting = new Set<{ readonly count: number; readonly go: () => void }>();
  let now = start;
  let asked = 0;
  const advance = (milliseconds: number): void => {
    now += milliseconds;
    for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.wake();
  };
  return {
    now: () => now,
    monotonic: () => now - start,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        if (milliseconds <= passes) {
          advance(milliseconds);
          resolve();
          return;
        }
        const sleeper = {
          until: now + milliseconds,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
        asked += 1;
        for (const { count, go } of waiting) if (asked >= count) go();
      }),
    advance,
    asked: (count) => (asked >= count ? Promise.resolve() : new Promise((go) => waiting.add({ count, go }))),
    sleeping: () => sleepers.size,
  };
};
