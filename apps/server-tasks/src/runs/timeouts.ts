import type { Core } from '../core.ts';
import type { RunRow } from '../store/tables.ts';

export interface Timeouts {
  /** Counts the run's time from now on, where it is not counted yet. */
  watch(run: RunRow): void;
  /** Stops counting for the runs that are not in the set. */
  keep(active: ReadonlySet<string>): void;
  stop(): void;
}

/**
 * Time limits of runs. Each node counts from when it first saw the run running, on its own monotonic clock, since the
 * times of two nodes are not compared; so a run that outlives its node may take up to twice its limit.
 */
export const createTimeouts = (core: Core, over: (run: RunRow) => Promise<void>): Timeouts => {
  const { clock, logger } = core.services;
  const counting = new Map<string, AbortController>();
  const wait = async (run: RunRow, signal: AbortSignal): Promise<void> => {
    try {
      await clock.sleep(run.timeout_minutes * 60_000, signal);
    } catch {
      return;
    }
    await over(run).catch((error: unknown) =>
      logger.error({ run: run.id, err: error }, 'Could not stop a run in time'),
    );
  };
  return {
    watch(run) {
      if (run.timeout_minutes <= 0 || counting.has(run.id)) return;
      const controller = new AbortController();
      counting.set(run.id, controller);
      void wait(run, controller.signal);
    },
    keep(active) {
      for (const [id, controller] of counting) {
        if (active.has(id)) continue;
        controller.abort();
        counting.delete(id);
      }
    },
    stop() {
      for (const controller of counting.values()) controller.abort();
      counting.clear();
    },
  };
};
