import { type Actor, type Notice, type RunState, systemActor, type Transaction } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { isHeld } from '../restored/hold.ts';
import { insertNotices } from '../store/notices.ts';
import { activeRunOf, findRun, getRun, insertRun, isEnded, itemsOf, tryAgain } from '../store/runs.ts';
import { effectiveTimeout, scheduleOf, startLater } from '../store/schedules.ts';
import { itemTable, type RunRow, runTable } from '../store/tables.ts';
import { runOutcome, type StopReason, sumCounts } from './outcome.ts';

const close = (trx: Transaction, run: RunRow, state: RunState, now: number, counts: RunRow['counts']) => {
  // The clock of the node that began it may be ahead of this one's.
  const ended_at = Math.max(now, run.started_at ?? run.created_at);
  return trx.update(runTable, { state, counts, ended_at, active_key: run.id }, (query) =>
    query.where({ id: run.id }).whereIn('state', ['queued', 'running']),
  );
};

/** Starts what follows a task, in the transaction that ends its run: exactly once, also where the node dies now. */
const startFollowers = async (core: Core, trx: Transaction, run: RunRow, now: number): Promise<void> => {
  const parent = run.parent_id === null ? undefined : await findRun(trx, run.parent_id);
  const sequence = parent === undefined ? undefined : core.registry.tasks.get(parent.task);
  for (const task of core.registry.followers(run.task)) {
    const active = await activeRunOf(trx, task.id);
    // The sequence starts it by itself, as its own step: after the run that may have read what stood before, not with it.
    if (sequence?.kind === 'sequence' && sequence.steps.includes(task.id)) {
      await trx.update(itemTable, { child_id: active?.id ?? null }, (query) =>
        query.where({ run_id: parent?.id ?? '', item_key: task.id, state: 'waiting' }),
      );
      continue;
    }
    const schedule = await scheduleOf(trx, task.id);
    if (schedule?.enabled === false) continue;
    // A run that is under way may have read what stood before this one ended: another one is due after it.
    if ((await isHeld(trx, task)) || active !== undefined) {
      await startLater(trx, task.id, now);
      continue;
    }
    const timeoutMinutes = effectiveTimeout(task, schedule);
    const id = core.services.random.uuid();
    await insertRun(trx, {
      id,
      task: task.id,
      trigger: 'follows',
      actor: systemActor,
      parent: null,
      timeoutMinutes,
      now,
    });
  }
};

/** Ends a run whose items have all ended; does nothing while one has not. Any node may call it, at any time. */
export const finishRun = async (core: Core, runId: string): Promise<RunRow | undefined> => {
  const finished = await tryAgain(core.db, async (trx) => {
    const run = await findRun(trx, runId);
    if (run === undefined || run.state !== 'running') return undefined;
    const items = await itemsOf(trx, runId);
    const state = runOutcome(items, run.stop_reason);
    if (state === undefined) return undefined;
    const now = core.services.clock.now();
    const counts = sumCounts(items.map((item) => item.counts));
    if ((await close(trx, run, state, now, counts)) === 0) return undefined;
    if (state !== 'cancelled') await startFollowers(core, trx, run, now);
    return { ...run, state, counts, ended_at: now };
  });
  if (finished !== undefined) announce(core, finished);
  return finished;
};

/** Tells the host's monitor and this process's listeners that a run's state changed. */
export const announce = (core: Core, run: RunRow): void => {
  core.services.logger.info({ run: run.id, task: run.task, state: run.state, counts: run.counts }, 'Run changed');
  try {
    core.host.monitor?.changed({ id: run.id, task: run.task, state: run.state });
  } catch (error) {
    core.services.logger.warn({ err: error }, "The host's monitor failed");
  }
  core.changes.changed(run.id);
};

/** Ends a run as failed for a reason of its own, apart from any item. */
export const failRun = async (core: Core, runId: string, notice: Notice): Promise<void> => {
  const failed = await core.db.write(async (trx) => {
    const run = await findRun(trx, runId);
    if (run === undefined || isEnded(run)) return undefined;
    const now = core.services.clock.now();
    const place = { runId, item: null, at: now, position: 0, uuid: core.services.random.uuid };
    await insertNotices(trx, place, [notice]);
    await trx.update(itemTable, { state: 'failed', ended_at: now, ticket: null }, (query) =>
      query.where({ run_id: runId }).whereIn('state', ['waiting', 'running']),
    );
    await close(trx, run, 'failed', now, run.counts);
    return { ...run, state: 'failed' as const };
  });
  if (failed !== undefined) announce(core, failed);
};

export interface Stop {
  readonly reason: StopReason;
  readonly actor: Actor;
  readonly notice?: Notice;
}

/**
 * Tells a run to stop, through the database, so that it reaches every node: waiting items end at once, running ones
 * when their node hears of it. Goes down to the runs it started. A run that ended already is left alone.
 *
 * @throws RUN_UNKNOWN
 */
export const stopRun = async (core: Core, runId: string, stop: Stop): Promise<readonly string[]> => {
  const { stopped, children, ended } = await core.db.write(async (trx) => {
    const run = await getRun(trx, runId);
    if (isEnded(run)) return { stopped: false, children: [], ended: undefined };
    const now = core.services.clock.now();
    const changed = await trx.update(
      runTable,
      { stop_reason: stop.reason, stopped_by: stop.actor.id.slice(0, 200) },
      (query) => query.where({ id: runId }).whereNull('stop_reason').whereIn('state', ['queued', 'running']),
    );
    await trx.update(itemTable, { state: 'cancelled', ended_at: now }, (query) =>
      query.where({ run_id: runId, state: 'waiting' }),
    );
    if (changed > 0 && stop.notice !== undefined) {
      const place = { runId, item: null, at: now, position: 0, uuid: core.services.random.uuid };
      await insertNotices(trx, place, [stop.notice]);
    }
    const state = stop.reason === 'timeout' ? ('failed' as const) : ('cancelled' as const);
    const queued = run.state === 'queued' ? await close(trx, run, state, now, run.counts) : 0;
    const own = await trx.rows(runTable, (query) =>
      query.where({ parent_id: runId }).whereIn('state', ['queued', 'running']),
    );
    return { stopped: true, children: own.map(({ id }) => id), ended: queued > 0 ? { ...run, state } : undefined };
  });
  if (!stopped) return [];
  if (ended !== undefined) announce(core, ended);
  else core.changes.changed(runId);
  const all = [runId];
  for (const child of children) all.push(...(await stopRun(core, child, stop)));
  return all;
};
