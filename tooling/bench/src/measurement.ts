/** What one measured run came to, in its own process. */
export interface Measurement {
  readonly wallMs: number;
  /** User and system time of all threads of the process, while it was measured. */
  readonly cpuMs: number;
  /** Peak resident memory of the whole process, its start included. */
  readonly peakBytes: number;
  /** The longest time that the event loop could not turn. */
  readonly pauseMs: number;
  /** Rows written, users read: to see that two runs did the same work. */
  readonly facts: Readonly<Record<string, number>>;
}

/** What a client asked of the simulator, by the simulator's own count. */
export interface Traffic {
  /** HTTP round trips to Graph; a batch counts once, the token not at all. */
  readonly graphRequests: number;
  /** By endpoint, items of batches included. */
  readonly endpoints: Readonly<Record<string, number>>;
  /** Body bytes before compression. */
  readonly bytes: number;
}

export type Run = Measurement & { readonly traffic?: Traffic };

export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Median and extremes: on a machine that is shared, a mean says more about the neighbours. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, minimum: at(0), maximum: at(sorted.length - 1) };
};
