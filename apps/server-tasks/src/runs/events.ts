import type { Database, Host, Logger, Notify, ServerPlugin, Services, Watch } from '@itsm-m365/plugin-api';
import { recordEvent, unsent, untold } from '../store/events.ts';
import { activeRestored } from '../store/restored.ts';
import { tryAgain } from '../store/runs.ts';

/**
 * The host's `notify` behind a memory: each key is told once, over all nodes and restarts. Where telling fails, the next
 * sighting of the event tells it. Without the host's `notify` the event is kept and logged. In restored mode events are
 * kept back, since the memory is as old as the database; `always` tells nevertheless.
 */
export const rememberingNotify = (
  db: Database,
  host: Pick<Host, 'notify'>,
  {
    logger,
    now,
    source,
    always = false,
  }: { readonly logger: Logger; readonly now: () => number; readonly source: string; readonly always?: boolean },
): Notify => ({
  async send({ key, notice }) {
    const first = await tryAgain(db, async (trx) => {
      const keepBack = !always && (await activeRestored(trx)) !== undefined;
      return recordEvent(trx, { key, source, notice }, now(), keepBack);
    });
    if (!first) return;
    logger.info({ event: key, code: notice.code, severity: notice.severity }, 'Event');
    try {
      await host.notify?.send({ key, notice });
    } catch (error) {
      logger.warn({ event: key, err: error }, 'The host could not be told of an event');
      await db.write((trx) => unsent(trx, key));
    }
  },
});

/** The host's `notify` and those of the plugins; the host comes last, since it may not know an event that comes again. */
export const tellersOf = (
  host: Pick<Host, 'notify'>,
  plugins: readonly Pick<ServerPlugin, 'tell'>[],
  services: () => Services,
): Pick<Host, 'notify'> => ({
  notify: {
    async send(event) {
      for (const plugin of plugins) await plugin.tell?.(event, services());
      await host.notify?.send(event);
    },
  },
});

/** Tells people of the events that were kept back; each once, also where two nodes do so. */
export const tellHeld = async (
  db: Database,
  host: Pick<Host, 'notify'>,
  logger: Logger,
  now: () => number,
): Promise<void> => {
  for (const { event_key: key, source, notice } of await db.read(untold))
    await rememberingNotify(db, host, { logger, now, source }).send({ key, notice });
};

/** Checks the plugins' watches once. One that fails is logged, and the others are checked nevertheless. */
export const checkWatches = async (
  watches: readonly Watch[],
  services: Services,
  notifyAs: (source: string) => Notify,
): Promise<void> => {
  for (const watch of watches) {
    try {
      for (const event of await watch.check(services)) await notifyAs(watch.id).send(event);
    } catch (error) {
      services.logger.error({ watch: watch.id, err: error }, 'A watch failed');
    }
  }
};
