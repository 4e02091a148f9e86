import type { Core } from '../core.ts';
import { leaseTable, type RunRow, runTable } from '../store/tables.ts';
import { type Hold, leaseLost } from './execute.ts';

/** Statements stay below the parameters that SQL Server takes. */
const chunk = 500;

export interface Heartbeat {
  /** Begins the beat where it is not under way. */
  start(): void;
  stop(): void;
}

/**
 * Keeps this node's holds alive and hears of stops: adds one to the counter of each hold, gives up those that are gone
 * (another node took them), and hands on what the database says about their runs. Where the database could not be
 * written for two thirds of a lease, the holds are given up too: another node may be taking them.
 */
export const createHeartbeat = (
  core: Core,
  holds: ReadonlyMap<string, Hold>,
  stopped: (run: RunRow) => void,
): Heartbeat => {
  const { clock, logger } = core.services;
  let over: AbortController | undefined;
  let good = 0;

  const hear = async (): Promise<void> => {
    const ids = [...new Set([...holds.values()].map(({ run }) => run.id))];
    const runs = await core.db.read((trx) =>
      trx.rows(runTable, (query) => query.whereIn('id', ids.slice(0, chunk)).whereNotNull('stop_reason')),
    );
    for (const run of runs) stopped(run);
  };

  const beat = async (tickets: readonly string[]): Promise<void> => {
    const alive = await core.db.write(async (trx) => {
      const found: string[] = [];
      for (let start = 0; start < tickets.length; start += chunk) {
        const part = tickets.slice(start, start + chunk);
        const marks = part.map(() => '?').join(', ');
        const sql = `UPDATE ?? SET counter = counter + 1 WHERE ticket IN (${marks})`;
        const changed = await trx.execute(sql, [trx.name(leaseTable), ...part]);
        if (changed === part.length) found.push(...part);
        else
          found.push(
            ...(await trx.rows(leaseTable, (query) => query.whereIn('ticket', part))).map((row) => row.ticket),
          );
      }
      return new Set(found);
    });
    good = clock.monotonic();
    for (const ticket of tickets) {
      const hold = holds.get(ticket);
      if (hold !== undefined && !alive.has(ticket)) hold.controller.abort(leaseLost(hold));
    }
  };

  const loop = async (signal: AbortSignal): Promise<void> => {
    while (holds.size > 0) {
      await clock.sleep(core.timing.heartbeatMs, signal);
      try {
        await hear();
        await beat([...holds.keys()]);
      } catch (error) {
        logger.warn({ err: error }, 'Could not write the heartbeat');
        // Alone there is nobody to take over, and a long publication holds the one writer.
        if (core.alone || clock.monotonic() - good < (core.timing.leaseMs * 2) / 3) continue;
        for (const hold of holds.values()) hold.controller.abort(leaseLost(hold));
      }
    }
  };

  return {
    start() {
      if (over !== undefined) return;
      const mine = new AbortController();
      over = mine;
      good = clock.monotonic();
      loop(mine.signal)
        .catch(() => undefined)
        .finally(() => {
          if (over !== mine) return;
          over = undefined;
          if (holds.size > 0 && !mine.signal.aborted) this.start();
        });
    },
    stop() {
      over?.abort();
    },
  };
};
