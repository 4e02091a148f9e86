/** Resident memory of a process over time. */
export interface MemoryOverTime {
  readonly everyMs: number;
  /** Each the highest of its span. Nothing is seen while the event loop stands still; `peakBytes` misses nothing. */
  readonly megabytes: readonly number[];
  readonly minimum: number;
  readonly median: number;
}

/** What one measured run came to, in its own process. */
export interface Measurement {
  readonly wallMs: number;
  /** User and system time of all threads of the process, while it was measured. */
  readonly cpuMs: number;
  /** Peak resident memory of the whole process, its start included. */
  readonly peakBytes: number;
  readonly memory: MemoryOverTime;
  /** The longest time that the event loop could not turn. */
  readonly pauseMs: number;
  /** The same while the publishing transaction was open, its commit included; absent where nothing tells of one. */
  readonly publicationPauseMs?: number;
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

/** Joins neighbours until few enough are left; of a pair the higher one stays, so that no peak is lost. */
export const memoryOverTime = (samples: readonly number[], everyMs: number, mostPoints = 240): MemoryOverTime => {
  const { minimum, median } = spreadOf(samples);
  let megabytes = samples.map((bytes) => Math.round(bytes / 2 ** 20));
  let span = everyMs;
  while (megabytes.length > mostPoints) {
    const joined: number[] = [];
    for (let at = 0; at < megabytes.length; at += 2) joined.push(Math.max(...megabytes.slice(at, at + 2)));
    megabytes = joined;
    span *= 2;
  }
  return {
    everyMs: span,
    megabytes,
    minimum: Math.round(minimum / 2 ** 20),
    median: Math.round(median / 2 ** 20),
  };
};

/** How many sessions a log of Dovecot shows open at one time, at most. */
export const mostOpen = (log: string): number => {
  let open = 0;
  let most = 0;
  for (const line of log.split('\n')) {
    if (/ imap-login: Info: Login: /.test(line)) open += 1;
    else if (/ imap\([^)]*\)<.*>: Info: (Disconnected|Logged out|Connection closed)/.test(line)) open -= 1;
    most = Math.max(most, open);
  }
  return most;
};

/** How much higher memory stands in the last quarter of the time than in the second: 1 where it is flat. */
export const memoryGrowth = ({ megabytes }: Pick<MemoryOverTime, 'megabytes'>): number => {
  const quarter = (number: number): number => {
    const part = megabytes.slice(
      Math.floor((megabytes.length * (number - 1)) / 4),
      Math.ceil((megabytes.length * number) / 4),
    );
    return spreadOf(part).median;
  };
  return quarter(4) / quarter(2);
};

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How many spans ran at one time: at most, and on the average of the whole. One that ends makes room for the next. */
export const parallelism = (spans: readonly Span[]): { readonly most: number; readonly mean: number } => {
  const turns = spans
    .flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let running = 0;
  let most = 0;
  for (const { by } of turns) {
    running += by;
    most = Math.max(most, running);
  }
  const whole = (turns.at(-1)?.at ?? 0) - (turns[0]?.at ?? 0);
  const worked = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  return { most, mean: whole > 0 ? worked / whole : most };
};
