import { type Actor, type ServerTask, systemActor, type Trigger } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import { isHeld } from '../restored/hold.ts';
import { activeRunOf, insertRun, type Started, tryAgain } from '../store/runs.ts';
import {
  dueSchedules,
  effectiveSchedule,
  effectiveTimeout,
  refreshSchedule,
  scheduleOf,
  takeStart,
} from '../store/schedules.ts';
import { announce } from './finish.ts';

/**
 * Starts a task, or answers with its active run. However many start it at once, on however many nodes, one run comes of
 * it.
 *
 * @throws TASK_UNKNOWN, TASK_HELD_AFTER_RESTORE
 */
export const startTask = async (
  core: Core,
  taskId: string,
  by: { readonly actor: Actor; readonly trigger: Trigger },
): Promise<Started> => {
  const task = core.registry.task(taskId);
  const started = await tryAgain(core.db, async (trx) => {
    if (await isHeld(trx, task)) throw taskErrors.TASK_HELD_AFTER_RESTORE({ task: taskId });
    const timeoutMinutes = effectiveTimeout(task, await scheduleOf(trx, taskId));
    const id = core.services.random.uuid();
    const now = core.services.clock.now();
    return insertRun(trx, {
      id,
      task: taskId,
      trigger: by.trigger,
      actor: by.actor,
      parent: null,
      timeoutMinutes,
      now,
    });
  });
  if (started.started) announce(core, started.run);
  return started;
};

/** The schedule row under which the watches take turns; not a task. */
export const watchesId = 'server-tasks.watches';

/** Makes and mends the rows of the schedule, at the start of a node. */
export const refreshSchedules = async (core: Core): Promise<void> => {
  const watches = { id: watchesId, schedule: { kind: 'interval', minutes: core.timing.watchMinutes } } as const;
  for (const task of [...core.registry.tasks.values(), watches])
    await tryAgain(core.db, (trx) => refreshSchedule(trx, task, core.services.clock.now()));
};

/** Whether a start by the schedule would find nothing to do. Items that cannot be listed are for a run to report. */
const rests = async (core: Core, task: ServerTask): Promise<boolean> => {
  if (task.kind !== 'work' || task.restsWithoutItems !== true || task.items === undefined) return false;
  try {
    return (await task.items(core.services)).length === 0;
  } catch {
    return false;
  }
};

/**
 * Starts what is due, each start once over all nodes; while a task's run is active its start passes without one, but
 * that of a task which follows another stays due, and so does one that restored mode holds. Tells whether the watches
 * are this node's turn.
 */
export const startDue = async (core: Core): Promise<{ readonly watches: boolean }> => {
  const { clock, logger, random } = core.services;
  const rows = await core.db.read((trx) => dueSchedules(trx, clock.now()));
  let watches = false;
  for (const row of rows) {
    const task = core.registry.tasks.get(row.task);
    const now = clock.now();
    try {
      if (row.task === watchesId) {
        const schedule = { kind: 'interval', minutes: core.timing.watchMinutes } as const;
        watches = await core.db.write((trx) => takeStart(trx, row, schedule, now));
      }
      if (task === undefined) continue;
      const by = { id: random.uuid(), task: task.id, trigger: 'schedule' as const, actor: systemActor, parent: null };
      const resting = await rests(core, task);
      const started = await tryAgain(core.db, async (trx) => {
        if (await isHeld(trx, task)) return undefined;
        if (task.kind === 'work' && task.follows !== undefined && (await activeRunOf(trx, task.id)) !== undefined)
          return undefined;
        if (!(await takeStart(trx, row, effectiveSchedule(task, row), now)) || resting) return undefined;
        return insertRun(trx, { ...by, timeoutMinutes: effectiveTimeout(task, row), now });
      });
      if (started?.started) announce(core, started.run);
    } catch (error) {
      logger.error({ task: row.task, err: error }, 'Could not start a task that is due');
    }
  }
  return { watches };
};
