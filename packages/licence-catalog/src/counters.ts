import { type Database, isKnownError } from '@itsm-m365/plugin-api';
import { counters } from './tables.ts';

/**
 * Takes `count` numbers of a counter and answers the first. A transaction of its own, so that a long one does not hold
 * the counter for others; numbers of a run that fails are lost.
 */
export const takeNumbers = async (db: Database, id: 'licence' | 'stage', count: number): Promise<number> => {
  const take = (): Promise<number> =>
    db.write(async (trx) => {
      const raised = await trx.execute('UPDATE ?? SET next_value = next_value + ? WHERE id = ?', [
        trx.name(counters),
        count,
        id,
      ]);
      // Decided by what was changed: a row that is there now may have come after, with numbers that are taken.
      if (raised === 0) {
        await trx.insert(counters, [{ id, next_value: 1 + count }]);
        return 1;
      }
      const [row] = await trx.rows(counters, (query) => query.where({ id }));
      return (row?.next_value ?? Number.NaN) - count;
    });
  try {
    return await take();
  } catch (error) {
    // Two nodes made the counter's row at once; it is there now.
    if (!isKnownError(error, 'DATABASE_CONSTRAINT')) throw error;
    return take();
  }
};

/** Numbers for new licences, in order. */
export const reserveLicenceNumbers = async (db: Database, count: number): Promise<readonly number[]> => {
  if (count === 0) return [];
  const first = await takeNumbers(db, 'licence', count);
  return Array.from({ length: count }, (_, index) => first + index);
};
