import type { Table, Transaction } from '@itsm-m365/plugin-api';
import { type Sql, sql } from '../sql.ts';
import { assignments, stageKeys } from '../tables.ts';

/** Persons above `after`, up to and including `upTo`. */
export interface PersonRange {
  readonly after: number;
  readonly upTo: number;
}

export interface RangeLimits {
  readonly persons: number;
  readonly assignments: number;
}

/**
 * Far below the 50,000 rows that one statement may touch, as a person may have a dozen assignments. On SQLite the
 * comparison reads on the event loop's own thread: 25 ms a range.
 */
export const rangeLimits: RangeLimits = { persons: 2_000, assignments: 10_000 };

/**
 * The n-th person behind `after` among the rows that meet the conditions, in the order of the keys: where a walk over n rows
 * ends. Infinity where there are fewer.
 */
export const nthPerson = async (
  trx: Transaction,
  table: Pick<Table, 'name'>,
  conditions: Readonly<Record<string, number>>,
  after: number,
  n: number,
): Promise<number> => {
  const found: { person: unknown }[] = await trx
    .from(table)
    .select('person')
    .where(conditions)
    .where('person', '>', after)
    .orderBy('person')
    .limit(1)
    .offset(n - 1);
  return found[0] === undefined ? Number.POSITIVE_INFINITY : Number(found[0].person);
};

/**
 * Cuts all persons into ranges, of which each holds few staged persons and, where stored rows are walked too, few stored
 * assignments. The ranges cover every key, so that nothing falls between them.
 */
export async function* personRanges(
  trx: Transaction,
  stage: number,
  walksStored: boolean,
  limits: RangeLimits = rangeLimits,
): AsyncGenerator<PersonRange> {
  for (let after = 0; after < Number.MAX_SAFE_INTEGER; ) {
    const staged = await nthPerson(trx, stageKeys, { stage }, after, limits.persons);
    const stored = walksStored
      ? await nthPerson(trx, assignments, {}, after, limits.assignments)
      : Number.POSITIVE_INFINITY;
    const upTo = Math.min(staged, stored, Number.MAX_SAFE_INTEGER);
    yield { after, upTo };
    await trx.breathe();
    after = upTo;
  }
}

export const inRange = (column: string, { after, upTo }: PersonRange): Sql =>
  sql`${{ text: column, bindings: [] }} > ${after} and ${{ text: column, bindings: [] }} <= ${upTo}`;
