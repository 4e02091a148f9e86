import type { Core } from '../core.ts';
import { freeItem } from '../store/items.ts';
import { type LeaseRow, leaseTable, nodeTable } from '../store/tables.ts';
import { observe, type Sightings } from './lease-watch.ts';

export interface Takeover {
  /**
   * Looks at the heartbeats of others once, and frees what dead nodes held. What waits for a publication that is still
   * open is freed later.
   */
  look(mine: ReadonlySet<string>): Promise<void>;
}

const free = async (core: Core, lease: LeaseRow): Promise<boolean> => {
  const { clock, logger, random } = core.services;
  const freed = await freeItem(core.db, lease, { now: clock.now(), uuid: random.uuid });
  if (freed)
    logger.warn({ run: lease.run_id, item: lease.item_key, node: lease.node_id }, 'Took an item from a dead node');
  core.changes.changed(lease.run_id);
  return freed;
};

/** Frees everything that is held. For the start of a process that has the database to itself: all holders are dead. */
export const freeAll = async (core: Core): Promise<void> => {
  const leases = await core.db.read((trx) => trx.rows(leaseTable));
  for (const lease of leases) await free(core, lease);
  await core.db.write((trx) => trx.remove(nodeTable, (query) => query.whereNot({ id: core.node.id })));
};

/** Take-overs under way at once. Each may wait, with a connection of the pool, for a publication that stands still. */
const mostAtOnce = 4;

/**
 * Remembers what it saw from one look to the next; nothing of it is shared with other nodes. `freed` is called for each
 * item that waits again.
 */
export const createTakeover = (core: Core, freed: () => void): Takeover => {
  const { clock, logger } = core.services;
  const { timing } = core;
  let leases: Sightings = new Map();
  let nodes: Sightings = new Map();
  const freeing = new Map<string, Promise<void>>();

  const begin = (lease: LeaseRow): void => {
    const done = free(core, lease)
      .then((yes) => {
        if (yes) freed();
      })
      .catch((error: unknown) =>
        logger.warn({ run: lease.run_id, item: lease.item_key, err: error }, 'Could not take an item over'),
      )
      .finally(() => freeing.delete(lease.ticket));
    freeing.set(lease.ticket, done);
  };

  /** Not for long: a node that stands still inside its publication must not keep this one from everything else. */
  const settled = async (): Promise<void> => {
    const over = new AbortController();
    const moment = clock.sleep(timing.heartbeatMs, over.signal).catch(() => undefined);
    await Promise.race([Promise.all(freeing.values()), moment]);
    over.abort();
  };

  return {
    async look(mine) {
      const found = await core.db.read(async (trx) => ({
        leases: await trx.rows(leaseTable),
        nodes: await trx.rows(nodeTable),
      }));
      const others = found.leases.filter(({ ticket }) => !mine.has(ticket));
      const beats = others.map(({ ticket, counter }) => ({ id: ticket, counter }));
      const seen = observe(leases, beats, clock.monotonic(), timing.leaseMs);
      leases = seen.sightings;
      for (const lease of others.filter(({ ticket }) => seen.expired.includes(ticket) && !freeing.has(ticket)))
        if (freeing.size < mostAtOnce) begin(lease);
      if (freeing.size > 0) await settled();
      // Nodes only show who is there; a dead one that shows a little longer does no harm.
      const living = found.nodes.filter(({ id }) => id !== core.node.id);
      const gone = observe(nodes, living, clock.monotonic(), 4 * Math.max(timing.leaseMs, 60_000));
      nodes = gone.sightings;
      for (const id of gone.expired)
        await core.db.write((trx) => trx.remove(nodeTable, (query) => query.where({ id })));
    },
  };
};
