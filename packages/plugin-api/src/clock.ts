/** An instant: milliseconds since 1970-01-01T00:00:00Z. The only form in which times travel inside the product. */
export type Instant = number;

/** The open end of an interval, 9999-12-31T00:00:00Z: never null, so that it can stand in a unique key. */
export const openEnd: Instant = Date.UTC(9999, 11, 31);

/** Time, passed in. Nothing below `apps/` asks the machine for it. */
export interface Clock {
  /** Wall time, UTC. May jump; never compare the times of two nodes. */
  now(): Instant;
  /** Milliseconds of a clock that never goes back, for durations and leases. */
  monotonic(): number;
  /** Waits; rejects with the signal's reason as soon as it is aborted, and at once where it already was. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness, passed in. */
export interface Randomness {
  /** A version 4 UUID in lower case. */
  uuid(): string;
  /** A positive integer below 2^53 that names a person in history; random, so that the order of arrival tells nothing. */
  key(): number;
  /** A number from 0 to below 1, for jitter. */
  fraction(): number;
}
