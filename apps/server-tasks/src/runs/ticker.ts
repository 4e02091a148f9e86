import type { Notify } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { look } from '../restored/look.ts';
import { showNode } from '../store/nodes.ts';
import { forgetRuns } from '../store/retention.ts';
import type { Engine } from './engine.ts';
import { checkWatches } from './events.ts';
import { startDue } from './start.ts';

export interface Ticker {
  /** One look at everything. Calls that come while one is under way share it. Never rejects. */
  tick(): Promise<void>;
  stop(): Promise<void>;
}

/** What a node does again and again: shows that it lives, starts what is due, moves runs on, checks the watches. */
export const createTicker = (core: Core, engine: Engine, notifyAs: (source: string) => Notify): Ticker => {
  let ticking: Promise<void> | undefined;
  let watching: Promise<void> | undefined;
  let stopped = false;

  const onTurn = async (): Promise<void> => {
    await checkWatches(core.registry.watches, core.services, notifyAs);
    const before = core.services.clock.now() - core.timing.keepRunsDays * 86_400_000;
    await forgetRuns(core.db, before).catch((error: unknown) =>
      core.services.logger.warn({ err: error }, 'Old runs could not be forgotten'),
    );
  };

  const once = async (): Promise<void> => {
    // First: nothing starts on a database that was restored under this node.
    const { lost } = await look(core);
    if (lost) engine.lose();
    await core.db.write((trx) => showNode(trx, core.node, core.services.clock.now()));
    const due = await startDue(core);
    // In the background: a watch that hangs must not keep tasks from starting.
    if (due.watches && watching === undefined)
      watching = onTurn().finally(() => {
        watching = undefined;
      });
    await engine.pass();
  };

  return {
    tick() {
      if (stopped) return Promise.resolve();
      ticking ??= once()
        .catch((error: unknown) => core.services.logger.error({ err: error }, 'A look at the tasks failed'))
        .finally(() => {
          ticking = undefined;
        });
      return ticking;
    },
    async stop() {
      stopped = true;
      await ticking;
    },
  };
};
