import { randomUUID } from 'node:crypto';
import type { Clock, Logger, Randomness } from '@itsm-m365/plugin-api';

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  /** Milliseconds of each sleep, in order. */
  readonly sleeps: number[];
}

/** Virtual time: a sleep ends at once and moves the clock. Shared with the simulator, so that early retries show. */
export const testClock = (start = Math.floor(Date.now() / 1000) * 1000): TestClock => {
  let passed = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => start + passed,
    monotonic: () => passed,
    advance: (milliseconds) => {
      passed += milliseconds;
    },
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      sleeps.push(milliseconds);
      const until = passed + milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      passed = Math.max(passed, until);
    },
  };
};

export const testRandom = (fraction = 0.5): Randomness => ({
  uuid: () => randomUUID(),
  key: () => 7,
  fraction: () => fraction,
});

export interface TestLogger extends Logger {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string | undefined }[];
}

export const testLogger = (): TestLogger => {
  const lines: TestLogger['lines'] = [];
  const make = (context: object): TestLogger => {
    const at = (level: string) => (fields: object, message?: string) => {
      lines.push({ level, fields: { ...context, ...fields }, message });
    };
    return {
      lines,
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...context, ...fields }),
    };
  };
  return make({});
};

/** Everything a value says when it is printed, along its chain of causes: where a secret could hide. */
export const everythingIn = (value: unknown, depth = 0): string => {
  if (depth > 6) return '';
  if (value instanceof Error) {
    const own = Object.getOwnPropertyNames(value).map((name) => Reflect.get(value, name));
    return [String(value), ...own.map((part) => everythingIn(part, depth + 1))].join('\n');
  }
  if (typeof value === 'object' && value !== null)
    return [JSON.stringify(value), ...Object.values(value).map((part) => everythingIn(part, depth + 1))].join('\n');
  return String(value);
};

/** The error that a promise is rejected with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
};
