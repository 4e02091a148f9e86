import type { KnownError, WorkTask } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import { claimItem, endItem, type ItemEnding } from '../store/items.ts';
import { tryAgain } from '../store/runs.ts';
import { leaseTable, type RunRow, type StoredProgress } from '../store/tables.ts';
import { type Hold, leaseLost, runItem } from './execute.ts';
import { finishRun } from './finish.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { StopReason } from './outcome.ts';
import { createRecorder } from './recorder.ts';

/** This node's hands: claims items, runs the tasks' code for them, and writes how they ended. */
export interface Worker {
  /** Claims waiting items of a run, as many as the task's concurrency on one node allows. */
  claim(run: RunRow, task: WorkTask): Promise<void>;
  /** Tells this node's items of a run to stop. */
  abort(runId: string, reason: StopReason): void;
  /** Forgets what runs were told: they ended, or telling the others failed. */
  forget(which: (runId: string) => boolean): void;
  /** Whether any node holds an item of the run. */
  isHeld(runId: string): Promise<boolean>;
  tickets(): ReadonlySet<string>;
  /** Progress by item that is newer here than in the database. */
  latest(runId: string): ReadonlyMap<string, StoredProgress>;
  /** Gives up all holds: what they were taken from is no longer this node's. */
  lose(): void;
  /** Tells all to stop and resolves when all have. */
  stop(reason: KnownError, handOver: boolean): Promise<void>;
}

const reasonOf = (run: RunRow, reason: StopReason): KnownError => {
  if (reason === 'timeout') return taskErrors.RUN_TIMED_OUT({ minutes: run.timeout_minutes });
  return reason === 'shutdown' ? taskErrors.SHUTTING_DOWN() : taskErrors.RUN_CANCELLED();
};

export const createWorker = (core: Core, wake: () => void): Worker => {
  const { clock, logger, random } = core.services;
  const holds = new Map<string, Hold>();
  const running = new Map<string, Promise<void>>();
  // A claim must not slip between a stop heard here and the moment it is in the database.
  const told = new Map<string, StopReason>();
  const heartbeat = createHeartbeat(core, holds, (run) => abort(run.id, run.stop_reason ?? 'cancelled'));

  const abort = (runId: string, reason: StopReason): void => {
    if (!told.has(runId)) told.set(runId, reason);
    for (const { run, controller } of holds.values())
      if (run.id === runId && !controller.signal.aborted) controller.abort(reasonOf(run, reason));
  };

  const lost = ({ recorder, claimed }: Hold): void =>
    recorder.logger.warn({ code: 'LEASE_LOST', ticket: claimed.ticket }, 'Another node took this item over');

  /** The lease keeps beating meanwhile; when all tries failed, it stops, and any node frees the item later. */
  const write = async (hold: Hold, ending: ItemEnding): Promise<void> => {
    const stamp = { now: clock.now(), uuid: random.uuid };
    for (let attempt = 0; ; attempt += 1) {
      try {
        const written = await tryAgain(core.db, (trx) => endItem(trx, hold.run, hold.claimed, ending, stamp));
        if (!written) lost(hold);
        return;
      } catch (error) {
        logger.error(
          { run: hold.run.id, item: hold.claimed.item.item_key, err: error },
          'Could not write how an item ended',
        );
        if (attempt >= 5) return;
        await clock.sleep(core.timing.heartbeatMs);
      }
    }
  };

  const work = async (hold: Hold, task: WorkTask): Promise<void> => {
    const { run, claimed, recorder } = hold;
    try {
      recorder.line('info', 'Item started', { node: core.node.name, attempt: claimed.item.attempt });
      const end = await runItem(core, task, hold);
      recorder.line(
        'info',
        'Item ended',
        end === undefined ? { state: 'lost' } : { state: end.state, counts: end.counts },
      );
      const rest = await recorder.close();
      if (end === undefined) lost(hold);
      else await write(hold, { ...end, ...rest, notices: [...rest.notices, ...end.notices] });
    } finally {
      holds.delete(claimed.ticket);
      running.delete(claimed.ticket);
      if (holds.size === 0) heartbeat.stop();
    }
    await finishRun(core, run.id);
    core.changes.changed(run.id);
  };

  const begin = (run: RunRow, task: WorkTask, hold: Hold): void => {
    holds.set(hold.claimed.ticket, hold);
    heartbeat.start();
    const reason = told.get(run.id);
    if (reason !== undefined) abort(run.id, reason);
    const done = work(hold, task)
      .catch((error: unknown) => logger.error({ run: run.id, err: error }, 'Could not end an item'))
      .finally(wake);
    running.set(hold.claimed.ticket, done);
  };

  return {
    abort,
    forget(which) {
      for (const id of [...told.keys()]) if (which(id)) told.delete(id);
    },
    tickets: () => new Set(holds.keys()),
    async isHeld(runId) {
      const leases = await core.db.read((trx) =>
        trx.rows(leaseTable, (query) => query.where({ run_id: runId }).limit(1)),
      );
      return leases.length > 0;
    },
    latest: (runId) => {
      const found = new Map<string, StoredProgress>();
      for (const { run, claimed, recorder } of holds.values()) {
        const progress = run.id === runId ? recorder.latest() : undefined;
        if (progress !== undefined) found.set(claimed.item.item_key, progress);
      }
      return found;
    },
    async claim(run, task) {
      const free = () =>
        (task.concurrency ?? 1) - [...holds.values()].filter((hold) => hold.run.task === run.task).length;
      while (free() > 0 && !told.has(run.id)) {
        const claimer = { node: core.node, ticket: random.uuid(), now: clock.now() };
        const claimed = await tryAgain(core.db, (trx) => claimItem(trx, run, claimer));
        if (claimed === undefined) return;
        const itemLogger = core.services.logger.child({ run: run.id, task: run.task, item: claimed.item.item_key });
        const recorder = createRecorder(core, run.id, claimed, itemLogger);
        begin(run, task, { run, claimed, recorder, controller: new AbortController(), handOver: false });
      }
    },
    lose() {
      for (const hold of holds.values()) if (!hold.controller.signal.aborted) hold.controller.abort(leaseLost(hold));
    },
    async stop(reason, handOver) {
      for (const hold of holds.values()) {
        hold.handOver = handOver;
        if (!hold.controller.signal.aborted) hold.controller.abort(reason);
      }
      await Promise.all(running.values());
      heartbeat.stop();
    },
  };
};
