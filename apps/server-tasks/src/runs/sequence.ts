import type { ItemState } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskNotices } from '../notices.ts';
import { isHeld } from '../restored/hold.ts';
import { insertNotices } from '../store/notices.ts';
import { findRun, insertRun, isEnded, itemsOf, tryAgain } from '../store/runs.ts';
import { effectiveTimeout, scheduleOf } from '../store/schedules.ts';
import { type ItemRow, itemTable, type RunRow } from '../store/tables.ts';

/** What a step shows once its run has ended. A run that ended `partial` did its work, but not all of it. */
const stepEnd = (child: RunRow | undefined): { state: ItemState; outcome: ItemRow['outcome'] } => {
  switch (child?.state) {
    case 'succeeded':
      return { state: 'succeeded', outcome: 'succeeded' };
    case 'partial':
      return { state: 'succeeded', outcome: 'partial' };
    case 'cancelled':
      return { state: 'cancelled', outcome: null };
    default:
      return { state: 'failed', outcome: null };
  }
};

/**
 * Moves a sequence on: ends the step whose run has ended, and starts the next, or joins its run where one is active that
 * did not begin before the step it follows had ended. A
 * failed step does not stop the next. Steps are taken by guarded updates, so that any node may call this at any time.
 */
export const advanceSequence = async (core: Core, runId: string): Promise<'moved' | 'waiting'> => {
  const moved = await tryAgain(core.db, async (trx) => {
    const run = await findRun(trx, runId);
    if (run === undefined || run.state !== 'running') return undefined;
    const items = await itemsOf(trx, runId);
    const step = items.find(({ state }) => state === 'waiting' || state === 'running');
    if (step === undefined) return undefined;
    const now = core.services.clock.now();
    const key = { run_id: runId, item_key: step.item_key };
    if (step.state === 'running') {
      const child = step.child_id === null ? undefined : await findRun(trx, step.child_id);
      const own = child?.parent_id === runId;
      // A run that it only joined goes on without it.
      const left = run.stop_reason !== null && !own;
      if (child !== undefined && !isEnded(child) && !left) return undefined;
      const end = left ? { state: 'cancelled' as const, outcome: null } : stepEnd(child);
      const patch = { ...end, counts: child?.counts ?? {}, ended_at: now };
      const changed = await trx.update(itemTable, patch, (query) => query.where({ ...key, state: 'running' }));
      if (changed > 0 && end.state === 'failed') {
        const notice = taskNotices.STEP_FAILED({
          task: step.item_key,
          state: child?.state ?? 'failed',
          run: child?.id ?? '',
        });
        const place = { runId, item: step.item_key, at: now, position: 0, uuid: core.services.random.uuid };
        await insertNotices(trx, place, [notice]);
      }
      return changed > 0 ? { started: undefined } : undefined;
    }
    const task = core.registry.tasks.get(step.item_key);
    if (task !== undefined && (await isHeld(trx, task))) {
      const held = { state: 'held', outcome: 'held', started_at: now, ended_at: now } as const;
      const changed = await trx.update(itemTable, held, (query) => query.where({ ...key, state: 'waiting' }));
      if (changed === 0) return undefined;
      const place = { runId, item: step.item_key, at: now, position: 0, uuid: core.services.random.uuid };
      await insertNotices(trx, place, [taskNotices.STEP_HELD_AFTER_RESTORE({ task: task.id })]);
      return { started: undefined };
    }
    // A run that was under way when the step before ended: see `startFollowers`.
    const older = step.child_id === null ? undefined : await findRun(trx, step.child_id);
    if (older !== undefined && !isEnded(older)) return undefined;
    const taken = { state: 'running' as const, child_id: null, started_at: now, attempt: 1 };
    const changed = await trx.update(itemTable, taken, (query) => query.where({ ...key, state: 'waiting' }));
    if (changed === 0) return undefined;
    // Its plugin went away since the run began: no child, and so it ends as failed.
    if (task === undefined) return { started: undefined };
    const timeoutMinutes = effectiveTimeout(task, await scheduleOf(trx, task.id));
    const child = await insertRun(trx, {
      id: core.services.random.uuid(),
      task: task.id,
      trigger: 'parent',
      actor: { id: run.actor_id, name: run.actor_name },
      parent: runId,
      timeoutMinutes,
      now,
    });
    await trx.update(itemTable, { child_id: child.run.id }, (query) => query.where(key));
    return { started: child.run.id };
  });
  if (moved === undefined) return 'waiting';
  core.changes.changed(runId);
  return 'moved';
};
