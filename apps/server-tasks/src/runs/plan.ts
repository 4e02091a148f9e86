import { isKnownError, noticeOf, type TaskItem, type WorkTask } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import { holdOf } from '../restored/hold.ts';
import { type ItemRow, itemTable, type RunRow, runTable } from '../store/tables.ts';
import { announce, failRun } from './finish.ts';

const mostItems = 100_000;

const itemRow = (runId: string, { key, subject, scope }: TaskItem, position: number): ItemRow => ({
  run_id: runId,
  item_key: key,
  position,
  state: 'waiting',
  outcome: null,
  ticket: null,
  node: null,
  attempt: 0,
  subject: subject ?? null,
  scope: scope ?? null,
  progress: null,
  counts: null,
  child_id: null,
  started_at: null,
  ended_at: null,
});

const itemsOfTask = async (core: Core, run: RunRow): Promise<readonly TaskItem[]> => {
  const task = core.registry.task(run.task);
  // Steps of plugins that are not there are skipped.
  if (task.kind === 'sequence') return task.steps.filter((id) => core.registry.tasks.has(id)).map((key) => ({ key }));
  const items = await listed(core, task);
  // SQL Server compares without case.
  const keys = new Set(items.map(({ key }) => key.toLowerCase()));
  if (keys.size !== items.length || items.length > mostItems || items.some(({ key }) => !/^.{1,200}$/s.test(key)))
    throw new Error(
      `The items of ${run.task} are not at most ${mostItems} with keys of their own of 1 to 200 characters`,
    );
  return items;
};

const listed = async (core: Core, task: WorkTask): Promise<readonly TaskItem[]> =>
  task.items === undefined ? [{ key: 'all' }] : await task.items(core.services);

/**
 * Lists the items of a queued run and lets it begin. Several nodes may do so at once; the first to write decides. A run
 * whose items cannot be listed fails.
 */
export const planRun = async (core: Core, run: RunRow): Promise<void> => {
  const { clock, logger, random } = core.services;
  let items: readonly TaskItem[];
  try {
    items = await itemsOfTask(core, run);
  } catch (error) {
    if (isKnownError(error)) return failRun(core, run.id, noticeOf(error));
    const id = random.uuid();
    logger.error({ id, run: run.id, err: error }, 'The items of a run could not be listed');
    return failRun(core, run.id, noticeOf(taskErrors.INTERNAL({ id })));
  }
  // Started in the moment in which restored mode was entered, or where a part of the task was released.
  const hold = await core.db.read(async (trx) => holdOf(trx, core.registry.task(run.task)));
  if (hold?.whole === true)
    return failRun(core, run.id, noticeOf(taskErrors.TASK_HELD_AFTER_RESTORE({ task: run.task })));
  if (hold !== undefined) items = items.filter(({ key }) => !hold.holds(key));
  const now = clock.now();
  const begun = await core.db.write(async (trx) => {
    const changed = await trx.update(runTable, { state: 'running', started_at: now }, (query) =>
      query.where({ id: run.id, state: 'queued' }).whereNull('stop_reason'),
    );
    if (changed === 0) return false;
    await trx.insert(
      itemTable,
      items.map((item, position) => itemRow(run.id, item, position)),
    );
    return true;
  });
  if (begun) announce(core, { ...run, state: 'running', started_at: now });
};
