import type { Core } from '../core.ts';
import { freeItem } from '../store/items.ts';
import { type LeaseRow, leaseTable, nodeTable } from '../store/tables.ts';
import { observe, type Sightings } from './lease-watch.ts';

export interface Takeover {
  /** Looks at the heartbeats of others once, and frees what dead nodes held. Tells whether anything was freed. */
  look(mine: ReadonlySet<string>): Promise<boolean>;
}

const free = async (core: Core, lease: LeaseRow): Promise<boolean> => {
  const { clock, logger, random } = core.services;
  const freed = await core.db.write((trx) => freeItem(trx, lease, { now: clock.now(), uuid: random.uuid }));
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

/** Remembers what it saw from one look to the next; nothing of it is shared with other nodes. */
export const createTakeover = (core: Core): Takeover => {
  const { clock, timing } = { clock: core.services.clock, timing: core.timing };
  let leases: Sightings = new Map();
  let nodes: Sightings = new Map();
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
      let freed = false;
      for (const lease of others) if (seen.expired.includes(lease.ticket)) freed = (await free(core, lease)) || freed;
      // Nodes only show who is there; a dead one that shows a little longer does no harm.
      const living = found.nodes.filter(({ id }) => id !== core.node.id);
      const gone = observe(nodes, living, clock.monotonic(), 4 * Math.max(timing.leaseMs, 60_000));
      nodes = gone.sightings;
      for (const id of gone.expired)
        await core.db.write((trx) => trx.remove(nodeTable, (query) => query.where({ id })));
      return freed;
    },
  };
};
