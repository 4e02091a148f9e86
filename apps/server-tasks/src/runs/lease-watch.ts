/** A heartbeat as read from the database. `id` names one hold: run, item and ticket. */
export interface Heartbeat {
  readonly id: string;
  readonly counter: number;
}

interface Sighting {
  readonly counter: number;
  readonly since: number;
}

/** What a node has seen of the heartbeats of others, by its own monotonic clock. */
export type Sightings = ReadonlyMap<string, Sighting>;

export interface Observation {
  readonly sightings: Sightings;
  /** Holds whose counter did not move for a whole lease length. */
  readonly expired: readonly string[];
}

/**
 * Decides which holds are dead. A hold is dead only after this node saw the *same* counter for a whole lease length on
 * its own monotonic clock; times of two nodes are never compared. A node that only paused is taken for dead too: the
 * fence, not this, keeps it from publishing afterwards. Pure.
 */
export const observe = (
  before: Sightings,
  heartbeats: readonly Heartbeat[],
  monotonic: number,
  leaseLength: number,
): Observation => {
  const sightings = new Map<string, Sighting>();
  const expired: string[] = [];
  for (const { id, counter } of heartbeats) {
    const seen = before.get(id);
    const sighting = seen !== undefined && seen.counter === counter ? seen : { counter, since: monotonic };
    sightings.set(id, sighting);
    if (monotonic - sighting.since >= leaseLength) expired.push(id);
  }
  return { sightings, expired };
};
