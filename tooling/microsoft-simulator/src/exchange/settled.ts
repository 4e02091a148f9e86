/** A setting that the servers know only some time after it was made, as Exchange's do (seeds 002, 003: minutes to hours). */
export interface Settled<T> {
  /** As the servers know it now. */
  readonly current: T;
  /** As it was set last. */
  readonly wanted: T;
  set(value: T): void;
}

export interface Spreading {
  readonly now: () => number;
  /** Milliseconds until a change is known. */
  readonly delay: () => number;
}

/** What a setting starts with is known at once. */
export const settled = <T>(initial: T, { now, delay }: Spreading): Settled<T> => {
  let known = initial;
  let coming: { readonly at: number; readonly value: T }[] = [];
  const settle = (): void => {
    const due = coming.filter((entry) => entry.at <= now());
    known = due.at(-1)?.value ?? known;
    coming = coming.slice(due.length);
  };
  return {
    get current() {
      settle();
      return known;
    },
    get wanted() {
      return coming.at(-1)?.value ?? known;
    },
    set: (value) => {
      settle();
      if (delay() <= 0) {
        known = value;
        coming = [];
      } else coming.push({ at: now() + delay(), value });
    },
  };
};
