import { type Clock, isKnownError, type Randomness } from '@itsm-m365/plugin-api';

const worthATry = ['DATABASE_BUSY', 'DATABASE_CONFLICT', 'DATABASE_UNREACHABLE'] as const;

/** A deadlock or lock wait, a snapshot conflict, a connection that was lost before the commit. */
export const canRetry = (error: unknown): boolean => isKnownError(error, ...worthATry);

const longest = 2000;

/** Waits between tries: 50 ms, doubled each time, at most 2 s, and spread by half around it so that rivals part. */
export const backoff = (attempt: number, random: Pick<Randomness, 'fraction'>): number =>
  Math.min(longest, 50 * 2 ** attempt) * (0.5 + random.fraction());

export interface RetryPolicy {
  readonly retries: number;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: Pick<Randomness, 'fraction'>;
  readonly signal: AbortSignal | undefined;
}

/** An attempt that failed: `error` is thrown when no try is left, `reason` decides whether one is. */
export interface Failed {
  readonly error: unknown;
  readonly reason: unknown;
}

/** Tries again, as a whole, what failed for a reason of timing. Rejects with the signal's reason once that is aborted. */
export const retry = async <T>(
  attempt: (failed: (failure: Failed) => void) => Promise<T>,
  { retries, clock, random, signal }: RetryPolicy,
): Promise<T> => {
  for (let count = 0; ; count += 1) {
    signal?.throwIfAborted();
    let reason: unknown;
    try {
      return await attempt((failure) => {
        reason = failure.reason;
      });
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (count >= retries || !canRetry(reason ?? error)) throw error;
    }
    await clock.sleep(backoff(count, random), signal);
  }
};
