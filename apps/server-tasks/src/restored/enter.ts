import { type Actor, systemActor, type Transaction } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskNotices } from '../notices.ts';
import { writeAudit } from '../store/audit.ts';
import { insertNotices } from '../store/notices.ts';
import { insertRestored } from '../store/restored.ts';
import { activeRuns } from '../store/runs.ts';
import {
  type Counts,
  fenceTable,
  itemTable,
  leaseTable,
  type RestoredReason,
  type RestoredRow,
  type RunRow,
  runTable,
} from '../store/tables.ts';

export interface Order {
  /** The same restore has the same name, and enters restored mode once. */
  readonly name: string;
  readonly reason: RestoredReason;
  readonly actor: Actor;
  /** The last restored mode before the reason was looked for. */
  readonly after: RestoredRow | undefined;
}

export interface Entered {
  readonly row: RestoredRow;
  /** Runs of the backup, which were ended. */
  readonly ended: readonly RunRow[];
}

/** More than a fence can have moved on between a backup and its restore. */
const epochJump = 1_000_000;

/** Ends the runs that were under way when the backup was made: their nodes are dead, or must be thought so. */
const endRuns = async (core: Core, trx: Transaction, now: number): Promise<readonly RunRow[]> => {
  const runs = await activeRuns(trx);
  for (const run of runs) {
    const place = { runId: run.id, item: null, at: now, position: 0, uuid: core.services.random.uuid };
    await insertNotices(trx, place, [taskNotices.RUN_ENDED_BY_RESTORE()]);
    await trx.update(itemTable, { state: 'cancelled', ticket: null, ended_at: now }, (query) =>
      query.where({ run_id: run.id }).whereIn('state', ['waiting', 'running']),
    );
    const end = { state: 'cancelled', stop_reason: 'restored', active_key: run.id, ended_at: now } as const;
    await trx.update(runTable, { ...end, stopped_by: systemActor.id }, (query) => query.where({ id: run.id }));
  }
  await trx.remove(leaseTable, (query) => query.whereNotNull('ticket'));
  // A node that took an item after the backup has a higher epoch than the fences that came back.
  await trx.execute('UPDATE ?? SET epoch = epoch + ?', [trx.name(fenceTable), epochJump]);
  return runs.map((run) => ({ ...run, state: 'cancelled' as const }));
};

const forgetAll = async (core: Core, trx: Transaction, now: number): Promise<Counts> => {
  const forgotten: Record<string, number> = {};
  for (const { id, afterRestore } of core.registry.plugins)
    for (const [name, count] of Object.entries((await afterRestore?.forget?.(trx, { now })) ?? {}))
      forgotten[`${id}.${name}`] = count;
  return forgotten;
};

/**
 * Enters restored mode, as one change with everything that belongs to it: runs end, fences jump, plugins forget. A kill
 * leaves all of it undone, to be found again, or all of it done.
 */
export const enterRestored = async (core: Core, trx: Transaction, order: Order): Promise<Entered> => {
  const { clock, random } = core.services;
  const now = clock.now();
  const ended = await endRuns(core, trx, now);
  const forgotten = { ...(await forgetAll(core, trx, now)), runsEnded: ended.length };
  const { name, reason, actor, after } = order;
  const by = { actor_id: actor.id, actor_name: actor.name };
  const row = await insertRestored(trx, { id: random.uuid(), name, reason, ...by, entered_at: now, forgotten }, after);
  const details = { id: row.id, reason, name, ...forgotten };
  const entry = { actor, action: 'restored.entered', object: 'server-tasks', details };
  await writeAudit(trx, entry, { id: random.uuid(), at: now });
  return { row, ended };
};
