import type { Clock, Database, Logger, MarkStore, Randomness, Transaction } from '@itsm-m365/plugin-api';
import { bound } from '../store/paging.ts';
import { latestRestored } from '../store/restored.ts';
import { markTable, type RestoredReason, restoredTable, runTable } from '../store/tables.ts';
import { judgeMark, type Mark, type MarkFacts, parseMark, writeMark } from './mark.ts';

/** This node's mark: what it remembers of the database, outside of it where the host lends a place, and in memory. */
export interface Marks {
  /** Reads what an earlier process left. Call before anything else. */
  recall(): Promise<void>;
  /** What is wrong with the database, by what is remembered; undefined: nothing. */
  judge(trx: Transaction): Promise<RestoredReason | undefined>;
  /** One after the other: what was moved later must not be forgotten for what was moved before. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** A name for what `judge` found, the same each time it is found. */
  finding(): string;
  /** Moves the database on and gives the mark to remember once that is committed. */
  move(trx: Transaction): Promise<Mark>;
  /** Remembers; true where restored mode was entered, here or by another node, since what was remembered before. */
  remember(mark: Mark): Promise<boolean>;
  /** Leaves no row behind where the place ends with the process. */
  forget(trx: Transaction): Promise<void>;
  /** Writes the last mark outside. After the database was closed, so that it is on the disk before. */
  finish(): Promise<void>;
}

/**
 * SQLite's commits reach the disk later (WAL, `synchronous = NORMAL`); after a power failure a mark that was faster would
 * speak of a restore. So it is written that late. A commit of SQL Server is on the disk when it answers.
 */
const settledAfterMs = 60_000;

export interface MarksParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly logger: Logger;
  readonly store: MarkStore | undefined;
  readonly alone: boolean;
}

export const createMarks = ({ db, clock, random, logger, store, alone }: MarksParts): Marks => {
  const kept = store !== undefined;
  const unsettled = !db.capabilities.manyWriters;
  const place = random.uuid();
  let mark: Mark = { place, generation: 0, restored: '' };
  let recalled: Mark | undefined;
  let begun = false;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting: { readonly mark: Mark; readonly since: number } | undefined;

  const write = async (text: Mark): Promise<void> => {
    try {
      await store?.write(writeMark(text));
    } catch (error) {
      // Left behind it warns later, not wrongly.
      logger.error({ err: error }, 'The mark of the database could not be written');
    }
  };

  const factsOf = async (trx: Transaction, remembered: Mark | undefined): Promise<MarkFacts> => {
    const marks = await trx.rows(markTable, (query) => query.where({ kept: bound(trx, 'flag', true) }).limit(2));
    const [own] = await trx.rows(markTable, (query) => query.where({ place: remembered?.place ?? place }));
    const restored = remembered?.restored ?? '';
    const known = restored === '' ? [] : await trx.rows(restoredTable, (query) => query.where({ id: restored }));
    const runs = marks.length > 0 ? [] : await trx.rows(runTable, (query) => query.limit(1));
    return {
      generation: own?.generation,
      knows: restored === '' || known.length > 0,
      latest: (await latestRestored(trx))?.id ?? '',
      places: marks.length,
      fresh: !begun && marks.length === 0 && runs.length === 0,
      alone,
    };
  };

  return {
    async recall() {
      recalled = parseMark(await store?.read());
      if (recalled !== undefined) mark = recalled;
    },
    async judge(trx) {
      // Taken before the database is read: meanwhile another transaction may move both on.
      const remembered = begun ? mark : recalled;
      return judgeMark(remembered, await factsOf(trx, remembered));
    },
    inTurn(work) {
      const mine = turn.then(work);
      turn = mine.catch(() => undefined);
      return mine;
    },
    finding: () => `mark ${mark.place} ${mark.generation} ${mark.restored}`,
    async move(trx) {
      const where = { place: mark.place };
      const now = clock.now();
      // What killed processes left that had no place that lasts. With several nodes they stay, a few bytes each: nobody
      // can tell by its time whether another node is dead.
      if (!begun && alone) await trx.remove(markTable, (query) => query.where({ kept: bound(trx, 'flag', false) }));
      // In one statement, since two processes may share a place; never behind what is remembered.
      const moved = await trx.execute('UPDATE ?? SET generation = generation + 1, moved_at = ? WHERE place = ?', [
        trx.name(markTable),
        trx.encode('time', now),
        mark.place,
      ]);
      if (moved === 0)
        await trx.insert(markTable, [{ place: mark.place, generation: mark.generation + 1, kept, moved_at: now }]);
      else
        await trx.update(markTable, { generation: mark.generation + 1 }, (query) =>
          query.where(where).where('generation', '<=', mark.generation),
        );
      const [row] = await trx.rows(markTable, (query) => query.where(where));
      return {
        ...where,
        generation: row?.generation ?? mark.generation + 1,
        restored: (await latestRestored(trx))?.id ?? '',
      };
    },
    async remember(next) {
      const entered = begun && next.restored !== mark.restored;
      const changed = recalled === undefined || next.restored !== mark.restored;
      if (!begun && recalled === undefined && kept && !alone)
        logger.warn({ place: next.place }, 'This node is new to the database; if that was restored, say so');
      begun = true;
      mark = next;
      recalled = next;
      if (!unsettled || changed) {
        waiting = undefined;
        await write(next);
      } else if (waiting === undefined) waiting = { mark: next, since: clock.monotonic() };
      else if (clock.monotonic() - waiting.since >= settledAfterMs) {
        const settled = waiting.mark;
        waiting = { mark: next, since: clock.monotonic() };
        await write(settled);
      }
      return entered;
    },
    async forget(trx) {
      if (!kept) await trx.remove(markTable, (query) => query.where({ place: mark.place }));
    },
    finish: () => write(mark),
  };
};
