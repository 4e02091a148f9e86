import { catalogueTables } from '@itsm-m365/licence-catalog';
import { portalSkus, portalStates } from '@itsm-m365/m365-import';
import { type Database, openEnd, type Transaction } from '@itsm-m365/plugin-api';

const tables: readonly { readonly name: string }[] = [
  ...catalogueTables.filter(({ name }) => !/stage|counter|publication/.test(name)),
  portalSkus,
  { name: 'lic_status' },
  { name: 'lic_recalculation' },
];

const rowsOf = async (trx: Transaction, table: { readonly name: string }): Promise<string[]> => {
  const rows: unknown[] = await trx.from(table).select('*');
  return rows.map((row) => `${table.name} ${JSON.stringify(row)}`).sort();
};

/** Everything that only a publication may change, row by row; the place that changes are read from is part of it. */
export const publishedRows = (db: Database): Promise<readonly string[]> =>
  db.read(async (trx) => {
    const lines: string[] = [];
    for (const table of tables) lines.push(...(await rowsOf(trx, table)));
    for (const { delta_link, fingerprint, last_complete_at, last_full_at, users } of await trx.rows(portalStates))
      if (last_complete_at !== null)
        lines.push(JSON.stringify({ delta_link, fingerprint, last_complete_at, last_full_at, users }));
    return lines;
  });

/** Rows that no run may leave behind once the next one of its portal has ended. */
export const stagedRows = (db: Database): Promise<number> =>
  db.read(async (trx) => {
    let count = 0;
    for (const table of catalogueTables.filter(({ name }) => /_stage_/.test(name))) {
      const rows: { readonly found: unknown }[] = await trx.from(table).count({ found: '*' });
      count += Number(rows[0]?.found ?? 0);
    }
    return count;
  });

/** Intervals of one thing that are empty, or that lie over one another; in tables without gaps also those between. */
const intervalTables = [
  { name: 'lic_assignment', key: ['licence', 'person', 'path'], gaps: true },
  { name: 'lic_person_fact', key: ['person'], gaps: false },
  { name: 'lic_position', key: ['licence'], gaps: true },
  { name: 'lic_subscription', key: ['portal', 'subscription_id'], gaps: true },
  { name: 'lic_status', key: ['subject'], gaps: false },
] as const;

export const historyProblems = (db: Database): Promise<readonly string[]> =>
  db.read(async (trx) => {
    const problems: string[] = [];
    for (const { name, key, gaps } of intervalTables) {
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
          // What ends and begins anew may lie apart (a licence taken away and given again); a status or a fact may not.
          if (!gaps && next !== undefined && next.from > to) problems.push(`${thing} has a gap`);
          if (next === undefined && !gaps && to !== openEnd) problems.push(`${thing} has no open interval`);
        }
      }
    }
    return problems;
  });
