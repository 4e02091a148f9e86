import { type Actor, systemActor, type Trigger } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { readLog } from '../store/log.ts';
import type { PageOf } from '../store/paging.ts';
import { listRuns, type PageOptions, type RunFilter, readRun } from '../store/queries.ts';
import { findRun, getRun, isEnded } from '../store/runs.ts';
import type { LogRow } from '../store/tables.ts';
import type { Engine } from './engine.ts';
import { startTask } from './start.ts';
import { type Run, type RunDetail, viewDetail, viewRun } from './view.ts';

/** Runs, to read and to steer. */
export interface Runs {
  list(filter?: RunFilter, page?: PageOptions): Promise<PageOf<Run>>;
  /** With progress as this node knows it. @throws RUN_UNKNOWN */
  get(runId: string): Promise<RunDetail>;
  /** Lines after a number, oldest first. @throws RUN_UNKNOWN */
  log(runId: string, after?: number, limit?: number): Promise<readonly LogRow[]>;
  /** See `ServerTasks.start`. */
  start(
    taskId: string,
    by?: { readonly actor?: Actor; readonly trigger?: Trigger },
  ): Promise<{ readonly run: Run; readonly started: boolean }>;
  /** See `ServerTasks.wait`. */
  wait(runId: string, signal?: AbortSignal): Promise<RunDetail>;
  /** See `ServerTasks.cancel`. */
  cancel(runId: string, actor?: Actor): Promise<void>;
}

/** Another node's changes are seen by reading again after so long. */
const pollMs = 1_000;

/** Resolves at the next change of a run here, or after a moment in which another node may have changed it. */
export const changeOf = async (core: Core, listen: Promise<void>, over: AbortController): Promise<void> => {
  const moment = core.services.clock.sleep(pollMs, over.signal).catch(() => undefined);
  await Promise.race([listen, moment]);
  over.abort();
};

export const createRuns = (core: Core, engine: Engine): Runs => {
  const get = async (runId: string): Promise<RunDetail> =>
    viewDetail(await readRun(core.db, runId), engine.latest(runId));
  return {
    get,
    async list(filter = {}, page = {}) {
      const { items, next } = await listRuns(core.db, filter, page);
      return { items: items.map(viewRun), ...(next === undefined ? {} : { next }) };
    },
    log: (runId, after = 0, limit = 500) =>
      core.db.read(async (trx) => {
        await getRun(trx, runId);
        return readLog(trx, runId, after, Math.min(Math.max(1, limit), 1000));
      }),
    async start(taskId, { actor = systemActor, trigger = 'manual' } = {}) {
      const { run, started } = await startTask(core, taskId, { actor, trigger });
      engine.wake();
      return { run: viewRun(run), started };
    },
    async wait(runId, signal) {
      for (;;) {
        signal?.throwIfAborted();
        const over = new AbortController();
        // Listened to before it is read, so that no change falls between.
        const listen = core.changes.next(
          runId,
          signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]),
        );
        try {
          const run = await core.db.read((trx) => findRun(trx, runId));
          if (run === undefined || isEnded(run)) return await get(runId);
          await changeOf(core, listen, over);
        } finally {
          over.abort();
        }
      }
    },
    cancel: (runId, actor = systemActor) => engine.stopRun(runId, { reason: 'cancelled', actor }),
  };
};
