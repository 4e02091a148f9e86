import type { Database } from '@itsm-m365/plugin-api';
import { logScope } from './log.ts';
import { bound } from './paging.ts';
import { fenceTable, itemTable, logTable, noticeTable, runTable } from './tables.ts';

/** Few at a time: on SQLite each of these transactions keeps the one writer from everybody else. */
const atOnce = 50;

/** Forgets runs that ended before an instant, a few of them; whoever calls again and again gets to the end. */
export const forgetRuns = (db: Database, before: number): Promise<number> =>
  db.write(async (trx) => {
    const old = await trx.rows(runTable, (query) =>
      query
        .whereNotNull('ended_at')
        .where('ended_at', '<', bound(trx, 'time', before))
        .orderBy('created_at')
        .limit(atOnce),
    );
    const ids = old.map(({ id }) => id);
    if (ids.length === 0) return 0;
    for (const table of [logTable, noticeTable, itemTable])
      await trx.remove(table, (query) => query.whereIn('run_id', ids));
    await trx.remove(fenceTable, (query) => query.whereIn('scope', ids.map(logScope)));
    return trx.remove(runTable, (query) => query.whereIn('id', ids));
  });
