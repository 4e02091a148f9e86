/** An id that was once used and must not come back with another meaning, nor in an old plugin. */
export interface RemovedId {
  readonly id: string;
  /** When and why, in English. */
  readonly reason: string;
}

/** Removing is a feature: each id of a task, a section or a permission that was removed keeps its line here. */
export const removedIds: readonly RemovedId[] = [];
