import { systemActor } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import { taskNotices } from '../notices.ts';
import { activeRuns } from '../store/runs.ts';
import { type RunRow, runTable } from '../store/tables.ts';
import { failRun, finishRun, type Stop, stopRun } from './finish.ts';
import { planRun } from './plan.ts';
import { advanceSequence } from './sequence.ts';
import { createTakeover } from './takeover.ts';
import { createTimeouts } from './timeouts.ts';
import { createWorker } from './worker.ts';

/** Moves runs on, on this node. All state that matters is in the database; this only remembers what it is doing. */
export interface Engine {
  /** Looks at the active runs soon. */
  wake(): void;
  /** Looks at the active runs, and at dead nodes; resolves when that is done, not when the runs are. */
  pass(): Promise<void>;
  /** @throws RUN_UNKNOWN */
  stopRun(runId: string, stop: Stop): Promise<void>;
  /** Progress of items that this node works on, newer than what is written. */
  readonly latest: ReturnType<typeof createWorker>['latest'];
  /** Gives up everything that this node works on, without writing: the database is another than it was. */
  lose(): void;
  /** Ends this node's part: hands its items to other nodes where there are any, and else cancels the active runs. */
  stop(others: boolean): Promise<void>;
}

export const createEngine = (core: Core): Engine => {
  const { clock, logger } = core.services;
  const takeover = createTakeover(core, () => wake());
  const planning = new Map<string, Promise<void>>();
  const orphans = new Map<string, number>();
  let stopping = false;
  let dirty = false;
  let passing: Promise<void> | undefined;

  const worker = createWorker(core, () => wake());
  const timeouts = createTimeouts(core, (run) => {
    const notice = taskNotices.RUN_TIMED_OUT({ minutes: run.timeout_minutes });
    return stop(run.id, { reason: 'timeout', actor: systemActor, notice });
  });

  const stop = async (runId: string, order: Stop): Promise<void> => {
    // First here, where it works even while a long publication holds the one writer, then everywhere.
    worker.abort(runId, order.reason);
    try {
      for (const id of await stopRun(core, runId, order)) worker.abort(id, order.reason);
    } catch (error) {
      worker.forget((id) => id === runId);
      throw error;
    }
    wake();
  };

  const plan = (run: RunRow): void => {
    if (planning.has(run.id)) return;
    // Listing the items counts too.
    timeouts.watch(run);
    const planned = planRun(core, run)
      .then(() => {
        planning.delete(run.id);
        wake();
      })
      .catch((error: unknown) => {
        // Not at once again: the next tick tries it.
        planning.delete(run.id);
        logger.error({ run: run.id, err: error }, 'Could not plan a run');
      });
    planning.set(run.id, planned);
  };

  /** A run whose task is not here: another version may know it on another node, so it gets the time of a lease. */
  const orphan = async (run: RunRow): Promise<void> => {
    const since = orphans.get(run.id) ?? clock.monotonic();
    orphans.set(run.id, since);
    if (!core.alone && clock.monotonic() - since < core.timing.leaseMs) return;
    if (await worker.isHeld(run.id)) return void orphans.set(run.id, clock.monotonic());
    await failRun(core, run.id, taskNotices.RUN_INTERRUPTED({ task: run.task }));
  };

  const move = async (run: RunRow): Promise<void> => {
    const task = core.registry.tasks.get(run.task);
    if (task === undefined) return orphan(run);
    if (run.state === 'queued') return plan(run);
    if (task.kind === 'sequence') {
      while ((await advanceSequence(core, run.id)) === 'moved') dirty = true;
    } else {
      timeouts.watch(run);
      if (run.stop_reason !== null) worker.abort(run.id, run.stop_reason);
      else await worker.claim(run, task);
    }
    const finished = await finishRun(core, run.id);
    if (finished !== undefined) dirty = true;
  };

  const once = async (): Promise<void> => {
    const runs = await core.db.read((trx) => activeRuns(trx));
    timeouts.keep(new Set(runs.map(({ id }) => id)));
    worker.forget((id) => !runs.some((run) => run.id === id));
    for (const id of orphans.keys()) if (!runs.some((run) => run.id === id)) orphans.delete(id);
    for (const run of runs) {
      if (stopping) return;
      try {
        await move(run);
      } catch (error) {
        logger.error({ run: run.id, task: run.task, err: error }, 'Could not move a run on');
      }
    }
  };

  const loop = async (): Promise<void> => {
    // Bounded by what there is to do: each round that asks for another has changed a run.
    while (dirty && !stopping) {
      dirty = false;
      await once();
    }
  };

  const run = (): Promise<void> => {
    dirty = true;
    passing ??= loop().finally(() => {
      passing = undefined;
      if (dirty && !stopping) wake();
    });
    return passing;
  };

  const wake = (): void => {
    if (stopping) return;
    run().catch((error: unknown) => logger.error({ err: error }, 'Could not read the active runs'));
  };

  return {
    wake,
    latest: worker.latest,
    lose: worker.lose,
    stopRun: stop,
    async pass() {
      if (stopping) return;
      await takeover.look(worker.tickets());
      await run();
    },
    async stop(others) {
      if (stopping) return;
      stopping = true;
      timeouts.stop();
      await passing?.catch(() => undefined);
      // A task that never ends listing its items must not keep the process; its run has no items, and is cancelled below.
      const grace = new AbortController();
      const tooLong = clock.sleep(core.timing.graceMs, grace.signal).catch(() => undefined);
      await Promise.race([Promise.all(planning.values()), tooLong]);
      grace.abort();
      if (!others) {
        const runs = await core.db.read((trx) => trx.rows(runTable, (q) => q.whereIn('state', ['queued', 'running'])));
        const notice = taskNotices.RUN_STOPPED_BY_SHUTDOWN();
        // Parents first: they hand the order down, and start no further step.
        const order: Stop = { reason: 'shutdown', actor: systemActor, notice };
        for (const { id } of runs.filter(({ parent_id }) => parent_id === null)) await stop(id, order);
      }
      await worker.stop(taskErrors.SHUTTING_DOWN(), others);
      // Sequences end after the runs that they wait for.
      for (let round = 0; round < 10; round += 1) {
        const runs = await core.db.read((trx) => activeRuns(trx));
        let moved = false;
        for (const { id, task } of runs) {
          if (core.registry.tasks.get(task)?.kind === 'sequence')
            while (!others && (await advanceSequence(core, id)) === 'moved') moved = true;
          moved = (await finishRun(core, id)) !== undefined || moved;
        }
        if (!moved) return;
      }
    },
  };
};
