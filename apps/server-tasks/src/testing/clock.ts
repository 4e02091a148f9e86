import type { Clock, Database, Instant } from '@itsm-m365/plugin-api';

/** A clock that stands still until a test moves it. */
export interface HandClock extends Clock {
  /** Moves time on; sleepers whose time has come wake in order, and what they start is let run before the next wakes. */
  advance(milliseconds: number): Promise<void>;
  /** Sleepers that wait. */
  sleeping(): number;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets I/O and promises that are ready go on, until nothing has been busy for some turns of the event loop. */
export const settle = async (busy: () => boolean = () => false): Promise<void> => {
  const giveUp = performance.now() + 10_000;
  for (let quiet = 0; quiet < 25 && performance.now() < giveUp; quiet += 1) {
    await turn();
    if (busy()) quiet = 0;
  }
};

/** Waits for a condition that needs no time but I/O: polls without sleeping, and fails after ten seconds. */
export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const giveUp = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > giveUp) throw new Error('The condition did not come true');
    await turn();
  }
};

/** A database that tells whether a transaction is under way, so that a clock can wait for it before time goes on. */
export const watched = (db: Database): { readonly db: Database; readonly busy: () => boolean } => {
  let under = 0;
  const count = async <T>(work: () => Promise<T>): Promise<T> => {
    under += 1;
    try {
      return await work();
    } finally {
      under -= 1;
    }
  };
  return {
    busy: () => under > 0,
    db: {
      dialect: db.dialect,
      capabilities: db.capabilities,
      name: (table) => db.name(table),
      read: (work, options) => count(() => db.read(work, options)),
      write: (work, options) => count(() => db.write(work, options)),
      load: (table, rows, options) => count(() => db.load(table, rows, options)),
      close: () => db.close(),
    },
  };
};

/**
 * A hand-set clock, at 2026-01-15T08:00:00Z unless told otherwise. While `busy`, time does not go on: what a sleeper
 * began is finished first, however long a database takes.
 */
export const testClock = (start: Instant = Date.UTC(2026, 0, 15, 8), busy: () => boolean = () => false): HandClock => {
  let now = 0;
  let sleepers: Sleeper[] = [];
  return {
    now: () => start + now,
    monotonic: () => now,
    sleeping: () => sleepers.length,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
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
    async advance(milliseconds) {
      const target = now + milliseconds;
      await settle(busy);
      for (;;) {
        const next = sleepers.filter(({ due }) => due <= target).sort((a, b) => a.due - b.due)[0];
        if (next === undefined) break;
        now = Math.max(now, next.due);
        sleepers = sleepers.filter((one) => one !== next);
        next.wake();
        await settle(busy);
      }
      now = target;
    },
  };
};
