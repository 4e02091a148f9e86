import type { Transaction } from '@itsm-m365/plugin-api';
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

const nth = async (
  trx: Transaction,
  table: typeof stageKeys | typeof assignments,
  after: number,
  n: number,
  stage?: number,
) => {
  const found: { person: unknown }[] = await trx
    .from(table)
    .select('person')
    .where('person', '>', after)
    .modify((builder) => {
      if (stage !== undefined) builder.where({ stage });
    })
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
    const staged = await nth(trx, stageKeys, after, limits.persons, stage);
    const stored = walksStored ? await nth(trx, assignments, after, limits.assignments) : Number.POSITIVE_INFINITY;
    const upTo = Math.min(staged, stored, Number.MAX_SAFE_INTEGER);
    yield { after, upTo };
    await trx.breathe();
    after = upTo;
  }
}

export const inRange = (column: string, { after, upTo }: PersonRange): Sql =>
  sql`${{ text: column, bindings: [] }} > ${after} and ${{ text: column, bindings: [] }} <= ${upTo}`;
