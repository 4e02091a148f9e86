import type { Clock, Instant } from '@itsm-m365/plugin-api';

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  /** How long each sleep asked to wait, in order. */
  readonly slept: readonly number[];
}

/** A clock that stands still until it is moved; sleeping moves it and takes no time. */
export const testClock = (start: Instant = Date.UTC(2026, 0, 15, 8)): TestClock => {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    monotonic: () => now - start,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
};
