import { isKnownError, type Logger, type Notice, type Progress, type Transaction } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskNotices } from '../notices.ts';
import type { Claimed } from '../store/items.ts';
import { appendLog, boundedFields, type LogLine } from '../store/log.ts';
import { insertNotices } from '../store/notices.ts';
import { tryAgain } from '../store/runs.ts';
import { itemTable, type LogLevel, leaseTable, type StoredProgress } from '../store/tables.ts';
import { type Doubt, wasWritten } from './doubt.ts';

/** Notices kept of one item. */
const mostNotices = 1_000;

/** What an item reports while it runs, on its way into the database. */
export interface Recorder {
  readonly progress: Progress;
  readonly logger: Logger;
  /** The latest progress, also where it is not written yet. */
  latest(): StoredProgress | undefined;
  notice(notice: Notice): void;
  line(level: LogLevel, message: string, fields?: object): void;
  /** Ends the writing and hands back what was not written, and where the next notice stands. */
  close(): Promise<{ notices: readonly Notice[]; lines: readonly LogLine[]; position: number }>;
}

/**
 * Writes notices at once, progress and log lines at most every `writeMs`. The writing has an async context of its own:
 * a task may report from inside a transaction, in whose context no other can be opened. A write that fails is logged and
 * tried again with the next; nothing here ever throws at the task.
 */
export const createRecorder = (core: Core, runId: string, { item, ticket }: Claimed, logger: Logger): Recorder => {
  const { clock, random } = core.services;
  let notices: Notice[] = [];
  let lines: LogLine[] = [];
  let progress: StoredProgress | undefined;
  let unwritten: StoredProgress | undefined;
  let position = item.attempt * 10_000;
  let count = 0;
  let doubt: Doubt | undefined;
  let closed = false;
  let wake: () => void = () => undefined;
  const pause = new AbortController();
  let hurry = new AbortController();

  const push = (urgent: boolean) => {
    wake();
    if (urgent) hurry.abort();
  };

  const doubtOf = (count: number, tried: readonly LogLine[]): Doubt => ({
    run: runId,
    item: item.item_key,
    notices: count,
    lines: tried.length,
    position: position + count - 1,
    line: tried.at(-1),
  });

  /** How much of what is to be written stands there already, from a commit whose answer was lost. */
  const written = async (trx: Transaction): Promise<Pick<Doubt, 'notices' | 'lines'>> =>
    doubt !== undefined && (await wasWritten(trx, doubt)) ? doubt : { notices: 0, lines: 0 };

  const flush = async (): Promise<boolean> => {
    const batch = { notices, lines, progress: unwritten };
    notices = [];
    lines = [];
    unwritten = undefined;
    const at = clock.now();
    const key = { run_id: runId, item_key: item.item_key };
    try {
      await tryAgain(core.db, async (trx) => {
        const [lease] = await trx.rows(leaseTable, (query) => query.where({ ticket }));
        if (lease === undefined) return;
        if (batch.progress !== undefined)
          await trx.update(itemTable, { progress: batch.progress }, (query) => query.where({ ...key, ticket }));
        const done = await written(trx);
        const place = { runId, item: item.item_key, at, position: position + done.notices, uuid: random.uuid };
        await insertNotices(trx, place, batch.notices.slice(done.notices));
        await appendLog(trx, runId, batch.lines.slice(done.lines));
      });
      doubt = undefined;
      position += batch.notices.length;
      return true;
    } catch (error) {
      if (isKnownError(error, 'DATABASE_COMMIT_UNKNOWN')) doubt = doubtOf(batch.notices.length, batch.lines);
      notices = [...batch.notices, ...notices];
      lines = [...batch.lines, ...lines];
      unwritten ??= batch.progress;
      logger.warn({ err: error }, 'Could not write what the run reports');
      return false;
    } finally {
      core.changes.changed(runId);
    }
  };

  const pump = async (): Promise<void> => {
    while (!closed) {
      if (notices.length + lines.length === 0 && unwritten === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (closed) return;
      const written = await flush();
      hurry = new AbortController();
      if (written && notices.length > 0) continue;
      await clock.sleep(core.timing.writeMs, AbortSignal.any([pause.signal, hurry.signal])).catch(() => undefined);
    }
  };
  const pumping = pump();

  const line = (level: LogLevel, message: string, fields: object = {}) => {
    if (lines.length >= 1_000) return;
    lines.push({ at: clock.now(), level, item: item.item_key, message, fields: boundedFields(fields) });
    push(false);
  };

  return {
    progress: {
      report(next) {
        progress = { ...next };
        unwritten = progress;
        core.changes.changed(runId);
        push(false);
      },
    },
    logger: recordingLogger(logger, line),
    latest: () => progress,
    notice(notice) {
      count += 1;
      if (count > mostNotices + 1) return;
      notices.push(count > mostNotices ? taskNotices.NOTICES_LEFT_OUT({ limit: mostNotices }) : notice);
      push(true);
    },
    line,
    async close() {
      closed = true;
      wake();
      pause.abort();
      await pumping;
      const done = doubt === undefined ? undefined : await core.db.read(written).catch(() => undefined);
      const [told, logged] = [done?.notices ?? 0, done?.lines ?? 0];
      return { notices: notices.slice(told), lines: lines.slice(logged), position: position + told };
    },
  };
};

/** A logger that also keeps its lines, but for debug ones, with the run. */
const recordingLogger = (inner: Logger, line: (level: LogLevel, message: string, fields?: object) => void): Logger => {
  const wrap = (logger: Logger, bound: object): Logger => {
    const at = (level: 'info' | 'warn' | 'error') => (fields: object, message?: string) => {
      logger[level](fields, message);
      line(level, message ?? '', { ...bound, ...fields });
    };
    return {
      debug: (fields, message) => logger.debug(fields, message),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => wrap(logger.child(fields), { ...bound, ...fields }),
    };
  };
  return wrap(inner, {});
};
