import type { Clock, Randomness } from '@itsm-m365/plugin-api';
import type { Headers } from './transport.ts';

/**
 * Milliseconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3): seconds, also with a fraction as Graph has
 * shown, or an HTTP date, which is read against the answer's own `Date`, as the two clocks may differ. Undefined without a
 * readable header. A date that has passed is 0.
 */
export const retryAfterMs = (headers: Headers, now: number): number | undefined => {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  // `Date.parse` takes almost anything for a date, "-5" for one.
  const date = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(date)) return undefined;
  const server = Date.parse(headers.date ?? '');
  return Math.max(0, date - (Number.isNaN(server) ? now : server));
};

export interface RetryLimits {
  /** Attempts after network errors and 5xx. Default 8. Being throttled does not count. */
  readonly attempts: number;
  /** Time from the first attempt after which no further wait is begun, milliseconds. Default 15 minutes. */
  readonly totalMs: number;
  /** First wait where none is asked for, milliseconds. Default 1000; doubled each time. */
  readonly backoffMs: number;
  /** Longest wait of our own choosing. Default 60 s. Never shortens what `Retry-After` asks. */
  readonly maxBackoffMs: number;
}

export const defaultRetryLimits: RetryLimits = {
  attempts: 8,
  totalMs: 15 * 60_000,
  backoffMs: 1000,
  maxBackoffMs: 60_000,
};

/** Exponential with jitter: between half and the whole of the doubled time. */
export const backoff = (failures: number, limits: RetryLimits, random: Pick<Randomness, 'fraction'>): number =>
  Math.ceil(
    Math.min(limits.maxBackoffMs, limits.backoffMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + random.fraction() / 2),
  );

/**
 * The wait before the next attempt. `asked` is honoured in full: never earlier, never capped. A zero or a tiny value is
 * lengthened to our own back-off, so that a server which answers `Retry-After: 0` for ever is not hammered.
 */
export const waitBefore = (
  failures: number,
  asked: number | undefined,
  limits: RetryLimits,
  random: Pick<Randomness, 'fraction'>,
): number =>
  asked !== undefined && asked >= limits.backoffMs ? asked : Math.max(asked ?? 0, backoff(failures, limits, random));

/** Time spent on one request, against its bound. */
export interface Budget {
  /** Whether a wait of so many milliseconds still ends inside. */
  allows(milliseconds: number): boolean;
}

export const budgetOf = (clock: Clock, limits: RetryLimits): Budget => {
  const end = clock.monotonic() + limits.totalMs;
  return { allows: (milliseconds) => clock.monotonic() + milliseconds <= end };
};
