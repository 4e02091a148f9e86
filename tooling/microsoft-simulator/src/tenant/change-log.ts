/** One change of one user. `properties` empty means that everything is new: the user was added, removed or restored. */
export interface Change {
  readonly sequence: number;
  readonly at: number;
  readonly index: number;
  readonly properties: ReadonlySet<string>;
}

/** What delta queries are answered from; append-only, so a token can name a stretch of it by two numbers. */
export interface ChangeLog {
  append(index: number, properties: Iterable<string>): void;
  /** The newest sequence number that is at least `delay` milliseconds old: later changes have not propagated yet. */
  newest(delay: number): number;
  between(after: number, upTo: number): readonly Change[];
}

export const createChangeLog = (now: () => number): ChangeLog => {
  const changes: Change[] = [];
  return {
    append: (index, properties) => {
      changes.push({ sequence: changes.length + 1, at: now(), index, properties: new Set(properties) });
    },
    newest: (delay) => {
      const limit = now() - delay;
      let count = changes.length;
      while (count > 0 && (changes[count - 1]?.at ?? 0) > limit) count -= 1;
      return count;
    },
    between: (after, upTo) => changes.slice(after, upTo),
  };
};
