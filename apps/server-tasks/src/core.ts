import type { Database, Host, Notify, Services } from '@itsm-m365/plugin-api';
import type { Registry } from './registration/registry.ts';
import type { Marks } from './restored/marks.ts';
import type { Changes } from './runs/changes.ts';
import { type AuditEntry, writeAudit } from './store/audit.ts';

/** How long things take. Times of a lease are told by each node's own monotonic clock. */
export interface Timing {
  /** A heartbeat is written this often. */
  readonly heartbeatMs: number;
  /** A hold whose heartbeat stood still for this long is taken over. At least three heartbeats. */
  readonly leaseMs: number;
  /** Our own scheduler looks this often for starts, cancels and dead nodes. */
  readonly tickMs: number;
  /** A task told to stop is abandoned after this. */
  readonly graceMs: number;
  /** Progress and log lines are written this often at most. */
  readonly writeMs: number;
  readonly watchMinutes: number;
  /** Runs that ended earlier than this are forgotten, with their items, notices and logs. Audit and events stay. */
  readonly keepRunsDays: number;
}

export const defaultTiming: Timing = {
  heartbeatMs: 5_000,
  leaseMs: 60_000,
  tickMs: 5_000,
  graceMs: 60_000,
  writeMs: 1_000,
  watchMinutes: 5,
  keepRunsDays: 400,
};

export interface Node {
  readonly id: string;
  readonly name: string;
}

/** What every part of the core works with. */
export interface Core {
  readonly db: Database;
  readonly host: Host;
  /** All who are told of events. */
  readonly tellers: Pick<Host, 'notify'>;
  readonly services: Services;
  readonly registry: Registry;
  readonly changes: Changes;
  readonly timing: Timing;
  readonly node: Node;
  /** This process alone has the database: what it finds under way at its start was left by a dead one. */
  readonly alone: boolean;
  /** How far this node knows the database to have come. */
  readonly marks: Marks;
  /** Tells people in restored mode too. */
  readonly tell: Notify['send'];
}

/** Writes a line of the audit in a transaction of its own. */
export const audit = (core: Core, entry: AuditEntry): Promise<void> => {
  const { clock, random } = core.services;
  const stamp = { id: random.uuid(), at: clock.now() };
  return core.db.write((trx) => writeAudit(trx, entry, stamp));
};
