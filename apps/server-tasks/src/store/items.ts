import type { Database, ItemState, Notice, Transaction } from '@itsm-m365/plugin-api';
import { taskNotices } from '../notices.ts';
import { fenceScope, moveFence } from './fence.ts';
import { appendLog, type LogLine } from './log.ts';
import { insertNotices } from './notices.ts';
import { findRun } from './runs.ts';
import { type Counts, type ItemRow, itemTable, type LeaseRow, leaseTable, noticeTable, type RunRow } from './tables.ts';

/** An item that this node holds, with the epoch of its fence. */
export interface Claimed {
  readonly item: ItemRow;
  readonly ticket: string;
  readonly epoch: number;
}

interface Claimer {
  readonly node: { readonly id: string; readonly name: string };
  readonly ticket: string;
  readonly now: number;
}

/**
 * Takes the first waiting item of a run, or nothing. The guarded update decides: of two nodes that saw the same item
 * one changes a row and the other changes none, and looks for the next one.
 */
export const claimItem = async (trx: Transaction, run: RunRow, claimer: Claimer): Promise<Claimed | undefined> => {
  for (;;) {
    const [item] = await trx.rows(itemTable, (query) =>
      query.where({ run_id: run.id, state: 'waiting' }).orderBy('position').limit(1),
    );
    if (item === undefined) return undefined;
    const key = { run_id: run.id, item_key: item.item_key };
    const taken = {
      state: 'running' as const,
      ticket: claimer.ticket,
      node: claimer.node.name,
      attempt: item.attempt + 1,
      progress: null,
      started_at: claimer.now,
    };
    const changed = await trx.update(itemTable, taken, (query) => query.where({ ...key, state: 'waiting' }));
    if (changed === 0) continue;
    const epoch = await moveFence(trx, fenceScope(run.task, item.item_key));
    const lease: LeaseRow = { ticket: claimer.ticket, ...key, node_id: claimer.node.id, counter: 0 };
    await trx.insert(leaseTable, [lease]);
    return { item: { ...item, ...taken }, ticket: claimer.ticket, epoch };
  }
};

/** How an item ended, and what has not been written of it yet. */
export interface ItemEnding {
  readonly state: ItemState;
  readonly outcome: 'succeeded' | 'partial' | 'held' | null;
  readonly counts: Counts;
  readonly notices: readonly Notice[];
  readonly position: number;
  readonly lines: readonly LogLine[];
  /** The code may still be running: move the fence on, so that it can publish nothing any more. */
  readonly abandoned: boolean;
}

/** Writes the end of an item; false where another node has taken it over, and then nothing is written. */
export const endItem = async (
  trx: Transaction,
  run: Pick<RunRow, 'id' | 'task'>,
  { item, ticket }: Claimed,
  ending: ItemEnding,
  stamp: { readonly now: number; readonly uuid: () => string },
): Promise<boolean> => {
  const key = { run_id: run.id, item_key: item.item_key };
  const waiting = ending.state === 'waiting';
  const changed = await trx.update(
    itemTable,
    {
      state: ending.state,
      outcome: ending.outcome,
      counts: ending.counts,
      ticket: null,
      ...(waiting ? { attempt: item.attempt - 1 } : { ended_at: stamp.now }),
    },
    (query) => query.where({ ...key, ticket, state: 'running' }),
  );
  if (changed === 0) return false;
  await trx.remove(leaseTable, (query) => query.where({ ticket }));
  if (ending.abandoned) await moveFence(trx, fenceScope(run.task, item.item_key));
  const place = { runId: run.id, item: item.item_key, at: stamp.now, position: ending.position, uuid: stamp.uuid };
  // The node that goes on reports anew.
  if (waiting) await trx.remove(noticeTable, (query) => query.where(key));
  else await insertNotices(trx, place, ending.notices);
  await appendLog(trx, run.id, ending.lines);
  return true;
};

/** After so many attempts that ended with their node an item is given up: it may be what kills the nodes. */
const mostAttempts = 3;

/** Rolls a take-over back: the holder lives, or has ended by itself. */
const alive = new Error('the hold is not dead');

/**
 * Takes a dead hold's item away from it: the fence moves on, and the item waits again, or ends where its run was told to
 * stop or it has been interrupted too often. What the dead attempt reported goes with it. False where the hold was gone.
 *
 * The fence comes first: where the holder stands still inside its publication, this waits there for as long as that
 * transaction is open, and must hold nothing meanwhile that others read.
 */
export const freeItem = async (
  db: Database,
  lease: LeaseRow,
  stamp: { readonly now: number; readonly uuid: () => string },
): Promise<boolean> => {
  try {
    return await db.write((trx) => free(trx, lease, stamp));
  } catch (error) {
    if (error === alive) return false;
    throw error;
  }
};

const free = async (
  trx: Transaction,
  lease: LeaseRow,
  stamp: { readonly now: number; readonly uuid: () => string },
): Promise<boolean> => {
  const key = { run_id: lease.run_id, item_key: lease.item_key };
  const held = { ...key, ticket: lease.ticket, state: 'running' as const };
  const unmoved = { ticket: lease.ticket, counter: lease.counter };
  const before = await findRun(trx, lease.run_id);
  const [item] = await trx.rows(itemTable, (query) => query.where(held));
  if (before === undefined || item === undefined) {
    await trx.remove(leaseTable, (query) => query.where(unmoved));
    return false;
  }
  await moveFence(trx, fenceScope(before.task, item.item_key));
  // With the counter seen: a holder that beat in the meantime lives.
  if ((await trx.remove(leaseTable, (query) => query.where(unmoved))) === 0) throw alive;
  // Read again: it may have been told to stop while this waited at the fence.
  const run = (await findRun(trx, lease.run_id)) ?? before;
  const givenUp = item.attempt >= mostAttempts;
  const ended = givenUp || run.stop_reason !== null;
  const stopped = run.stop_reason === 'timeout' ? 'failed' : 'cancelled';
  const state: ItemState = run.stop_reason !== null ? stopped : givenUp ? 'failed' : 'waiting';
  // The clock of the node that began it may be ahead of this one's.
  const endedAt = Math.max(stamp.now, item.started_at ?? stamp.now);
  const patch = { state, ticket: null, ...(ended ? { ended_at: endedAt } : {}) };
  if ((await trx.update(itemTable, patch, (query) => query.where(held))) === 0) throw alive;
  await trx.remove(noticeTable, (query) => query.where(key));
  const subject = item.subject ?? undefined;
  const notice = givenUp
    ? taskNotices.ITEM_INTERRUPTED({ attempts: item.attempt }, subject)
    : taskNotices.ITEM_TAKEN_OVER({ attempt: item.attempt + 1, node: item.node ?? '' }, subject);
  const place = { runId: run.id, item: item.item_key, at: stamp.now, position: 0, uuid: stamp.uuid };
  if (run.stop_reason === null) await insertNotices(trx, place, [notice]);
  return true;
};
