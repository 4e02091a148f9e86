import { type Database, openEnd } from '@itsm-m365/plugin-api';

/** What ends and begins anew may lie apart (a licence taken away and given again); a status or a fact may not. */
const intervalTables = [
  { name: 'lic_assignment', key: ['licence', 'person', 'path'], gaps: true },
  { name: 'lic_person_fact', key: ['person'], gaps: false },
  { name: 'lic_position', key: ['licence'], gaps: true },
  { name: 'lic_subscription', key: ['portal', 'subscription_id'], gaps: true },
  { name: 'lic_status', key: ['subject'], gaps: false },
] as const;

export interface HistoryOptions {
  /** Further tables that may have no gap here, because nothing was ever taken away. */
  readonly withoutGaps?: readonly string[];
  /** False where nothing is recalculated, and so there is no table of statuses. Default true. */
  readonly judged?: boolean;
}

/**
 * Intervals of one thing that are empty, or that lie over one another; in tables without gaps also those between, and an
 * end that is not open.
 */
export const historyProblems = (
  db: Database,
  { withoutGaps = [], judged = true }: HistoryOptions = {},
): Promise<readonly string[]> =>
  db.read(async (trx) => {
    const problems: string[] = [];
    for (const { name, key, gaps: allowed } of intervalTables) {
      if (name === 'lic_status' && !judged) continue;
      const gaps = allowed && !withoutGaps.includes(name);
      const rows: Record<string, unknown>[] = await trx.from({ name }).select(...key, 'valid_from', 'valid_to');
      const things = new Map<string, { readonly from: number; readonly to: number }[]>();
      for (const row of rows) {
        const thing = `${name} ${key.map((column) => String(row[column])).join('|')}`;
        const from = Number(trx.decode('time', row.valid_from));
        const to = Number(trx.decode('time', row.valid_to));
        things.set(thing, [...(things.get(thing) ?? []), { from, to }]);
      }
      for (const [thing, intervals] of things) {
        intervals.sort((a, b) => a.from - b.from);
        for (const [index, { from, to }] of intervals.entries()) {
          const next = intervals[index + 1];
          if (from >= to) problems.push(`${thing} has an empty interval`);
          if (next !== undefined && next.from < to) problems.push(`${thing} has intervals over one another`);
          if (!gaps && next !== undefined && next.from > to) problems.push(`${thing} has a gap`);
          if (next === undefined && !gaps && to !== openEnd) problems.push(`${thing} has no open interval`);
        }
      }
    }
    return problems;
  });
