import {
  isKnownError,
  type KnownError,
  type Notice,
  noticeOf,
  type RunReport,
  type TaskContext,
  type WorkTask,
} from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import { taskNotices } from '../notices.ts';
import { fenceScope, holdFence } from '../store/fence.ts';
import type { Claimed, ItemEnding } from '../store/items.ts';
import type { Counts, RunRow } from '../store/tables.ts';
import type { Recorder } from './recorder.ts';

/** An item that this node works on. */
export interface Hold {
  readonly run: RunRow;
  readonly claimed: Claimed;
  readonly recorder: Recorder;
  readonly controller: AbortController;
  /** At shutdown, where other nodes go on with the run: the item waits for one of them instead of being cancelled. */
  handOver: boolean;
}

type End = Pick<ItemEnding, 'state' | 'outcome' | 'counts' | 'notices' | 'abandoned'>;

const ended = (state: ItemEnding['state'], notices: readonly Notice[], more: Partial<End> = {}): End => ({
  state,
  outcome: null,
  counts: {},
  notices,
  abandoned: false,
  ...more,
});

const counted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => Number.isFinite(value)));

const reported = ({ counts, notices, outcome = 'succeeded' }: RunReport): End =>
  ended(outcome === 'held' ? 'held' : 'succeeded', notices, { counts: counted(counts), outcome });

/** What an item that was told to stop ends as; undefined: nothing is written, it is another node's. */
const stopped = (hold: Hold, reason: unknown): End | undefined => {
  if (isKnownError(reason, 'LEASE_LOST')) return undefined;
  if (isKnownError(reason, 'RUN_TIMED_OUT')) return ended('failed', [noticeOf(reason, subjectOf(hold))]);
  return ended(hold.handOver ? 'waiting' : 'cancelled', []);
};

const subjectOf = ({ claimed }: Hold) => claimed.item.subject ?? undefined;

const failed = (core: Core, hold: Hold, error: unknown): End | undefined => {
  if (hold.controller.signal.aborted) return stopped(hold, hold.controller.signal.reason);
  if (isKnownError(error, 'LEASE_LOST')) return undefined;
  if (isKnownError(error)) {
    hold.recorder.logger.error({ code: error.code, kind: error.kind, remedy: error.remedy('en') }, error.message);
    return ended('failed', [noticeOf(error, subjectOf(hold))]);
  }
  const id = core.services.random.uuid();
  hold.recorder.logger.error({ id, err: error }, 'A task failed with an error that has no code');
  return ended('failed', [noticeOf(taskErrors.INTERNAL({ id }), subjectOf(hold))]);
};

export const leaseLost = (hold: Pick<Hold, 'run' | 'claimed'>): KnownError =>
  taskErrors.LEASE_LOST({ task: hold.run.task, item: hold.claimed.item.item_key });

const contextOf = async (core: Core, task: WorkTask, hold: Hold): Promise<TaskContext> => {
  const { run, claimed, recorder, controller } = hold;
  const { item, ticket, epoch } = claimed;
  const section = task.settings;
  return {
    ...core.services,
    logger: recorder.logger,
    runId: run.id,
    item: {
      key: item.item_key,
      ...(item.subject === null ? {} : { subject: item.subject }),
      ...(item.scope === null ? {} : { scope: item.scope }),
    },
    trigger: run.cause,
    actor: { id: run.actor_id, name: run.actor_name },
    options: section?.kind === 'value' ? await core.services.settings.value(section) : {},
    progress: recorder.progress,
    signal: controller.signal,
    ticket,
    notice: recorder.notice,
    fence: async (trx) => {
      if (controller.signal.aborted) throw controller.signal.reason;
      // A restore brings old fences back: what was read before must not be published on what is there now.
      const sound = (await core.marks.judge(trx)) === undefined;
      if (sound && (await holdFence(trx, fenceScope(run.task, item.item_key), epoch))) return;
      const lost = leaseLost(hold);
      controller.abort(lost);
      throw lost;
    },
  };
};

/** Resolves when a task that was told to stop has had its time of grace. */
const graceOver = async (core: Core, signal: AbortSignal, over: AbortSignal): Promise<'abandoned'> => {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await core.services.clock.sleep(core.timing.graceMs, over);
  return 'abandoned';
};

/**
 * Runs the task's code for one item and tells how it ended. Never throws. Undefined: the item was lost to another node,
 * and nothing may be written about it. A task that does not stop when told to is abandoned after the time of grace.
 */
export const runItem = async (core: Core, task: WorkTask, hold: Hold): Promise<End | undefined> => {
  const { signal } = hold.controller;
  const over = new AbortController();
  const abandonment = graceOver(core, signal, over.signal);
  // Loses the race most of the time, and is then rejected by `over`.
  abandonment.catch(() => undefined);
  const work = contextOf(core, task, hold).then((context) => task.run(context));
  work.catch(() => undefined);
  try {
    const report = await Promise.race([work, abandonment]);
    if (report !== 'abandoned') return isKnownError(signal.reason, 'LEASE_LOST') ? undefined : reported(report);
    const end = stopped(hold, signal.reason);
    const notice = taskNotices.TASK_DID_NOT_STOP({ seconds: core.timing.graceMs / 1000 }, subjectOf(hold));
    return end === undefined ? undefined : { ...end, notices: [...end.notices, notice], abandoned: true };
  } catch (error) {
    return failed(core, hold, error);
  } finally {
    over.abort();
  }
};
