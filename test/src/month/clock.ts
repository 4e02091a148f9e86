import type { Clock, Instant } from '@itsm-m365/plugin-api';

/** A clock for a whole month: it stands still until it is moved, and wakes one sleeper at a time. */
export interface MonthClock extends Clock {
  /** Goes on to an instant, waking those whose time came before; an earlier one changes nothing. */
  moveTo(instant: Instant): void;
  /** Goes on to where the next sleeper wakes. False where nobody sleeps. */
  wakeNext(): boolean;
}

interface Sleeper {
  readonly due: Instant;
  readonly wake: () => void;
}

/** `moved` is told of each new time. */
export const monthClock = (start: Instant, moved: (now: Instant) => void): MonthClock => {
  let now = start;
  let sleepers: Sleeper[] = [];
  const goTo = (instant: Instant): void => {
    now = Math.max(now, instant);
    moved(now);
  };
  const next = (): Sleeper | undefined => sleepers.sort((a, b) => a.due - b.due)[0];
  const wake = (sleeper: Sleeper): void => {
    sleepers = sleepers.filter((other) => other !== sleeper);
    goTo(sleeper.due);
    sleeper.wake();
  };
  return {
    now: () => now,
    monotonic: () => now - start,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          due: now + milliseconds,
          wake: () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.push(sleeper);
      }),
    moveTo(instant) {
      for (let first = next(); first !== undefined && first.due <= instant; first = next()) wake(first);
      goTo(instant);
    },
    wakeNext() {
      const first = next();
      if (first !== undefined) wake(first);
      return first !== undefined;
    },
  };
};
