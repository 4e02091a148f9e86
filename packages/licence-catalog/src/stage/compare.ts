import type { Transaction } from '@itsm-m365/plugin-api';
import type { Comparison, StageOptions } from '../model.ts';
import { exists, numberOf, query, type Sql, sql, wholeNumbers } from '../sql.ts';
import { assignments } from '../tables.ts';
import { type PersonRange, personRanges } from './ranges.ts';
import { type Scope, scopeOf } from './scope.ts';

type Counts = Pick<Comparison, 'before' | 'opened' | 'changed' | 'ended'>;

/** Staged persons that one statement walks over. */
const rowsPerWalk = 10_000;

const zero: Counts = { before: 0, opened: 0, changed: 0, ended: 0 };

const sum = (one: Counts, other: Counts): Counts => ({
  before: one.before + other.before,
  opened: one.opened + other.opened,
  changed: one.changed + other.changed,
  ended: one.ended + other.ended,
});

/** Where nothing was stored, every staged pair is new: one walk over the stage in its own order. */
const countFirst = async (trx: Transaction, scope: Scope, lastRow: number): Promise<Counts> => {
  let total = zero;
  for (let after = 0; after < lastRow; after += rowsPerWalk) {
    const pairs = sql`select seq, licence, max(case when holds = ${scope.yes} then 1 else 0 end) as held
      from ${scope.staged} where stage = ${scope.stage} and seq > ${after} and seq <= ${after + rowsPerWalk}
      group by seq, licence`;
    const [row] = await query<{ pairs: unknown; held: unknown }>(
      trx,
      sql`select count(*) as pairs, sum(held) as held from (${pairs}) p`,
    );
    const opened = Number(row?.held ?? 0);
    total = {
      ...zero,
      opened: total.opened + opened,
      changed: total.changed + Number(row?.pairs ?? 0) - opened,
    };
    await trx.breathe();
  }
  return total;
};

/**
 * Stored and staged rows are laid upon each other and counted by what they say; nothing is looked up row by row, so that
 * the statement takes no longer where the server has no statistics of rows that an import has written a moment ago.
 */
const countRange = async (trx: Transaction, scope: Scope, range: PersonRange): Promise<Counts> => {
  const content = sql`holds, state, error`;
  const rows = sql`select licence, person, path, ${content}, 1 as was, 0 as comes
      from ${scope.stored} where ${scope.openStored(range)}
    union all select a.licence, k.person, a.path, a.holds, a.state, a.error, 0, 1 from ${scope.stagedRows(range)}`;
  const statements = sql`select licence, person, holds, max(was) as was, max(comes) as comes
    from (${rows}) r group by licence, person, path, ${content}`;
  const holding = (side: Sql): Sql => sql`max(case when holds = ${scope.yes} then ${side} else 0 end)`;
  const pairs = sql`select ${holding(sql`was`)} as held, ${holding(sql`comes`)} as holds,
      max(case when was = comes then 0 else 1 end) as differs
    from (${statements}) s group by licence, person`;
  const [row] = await query<{ [name in 'held' | 'opened' | 'ended' | 'differing']: unknown }>(
    trx,
    sql`select sum(held) as held, sum(case when holds > held then 1 else 0 end) as opened,
      sum(case when held > holds then 1 else 0 end) as ended, sum(differs) as differing from (${pairs}) p`,
  );
  const opened = Number(row?.opened ?? 0);
  const ended = Number(row?.ended ?? 0);
  return { before: Number(row?.held ?? 0), opened, ended, changed: Number(row?.differing ?? 0) - opened - ended };
};

/** Whether any of the licences has an open assignment; without one there is nothing to compare with. */
export const hasOpen = (trx: Transaction, scope: Scope, licences: readonly number[]): Promise<boolean> =>
  exists(trx, assignments, sql`licence in (${wholeNumbers(licences)}) and valid_to = ${scope.open}`);

/** What publishing would do. `persons`: how many are staged; of changes, nobody staged means nothing changed. */
export const countDifferences = async (
  trx: Transaction,
  { stage, lastRow, persons }: { readonly stage: number; readonly lastRow: number; readonly persons: number },
  options: StageOptions,
): Promise<Counts> => {
  const scope = scopeOf(trx, stage, options);
  if (!(await hasOpen(trx, scope, options.licences))) return countFirst(trx, scope, lastRow);
  const full = options.mode === 'full';
  // Of changes, only some persons are walked; the guard's share is of all.
  const before = full ? 0 : await countHolders(trx, scope, options.licences);
  let total = zero;
  if (full || persons > 0) {
    for await (const range of personRanges(trx, stage, full)) total = sum(total, await countRange(trx, scope, range));
  }
  return full ? total : { ...total, before };
};

/** Pairs of the licences that hold now: the sum of all ranges' `before`, by one walk over each licence. */
const countHolders = async (trx: Transaction, scope: Scope, licences: readonly number[]): Promise<number> => {
  let total = 0;
  for (const licence of licences) {
    total += await numberOf(
      trx,
      sql`select count(distinct person) as answer from ${scope.stored}
        where licence = ${licence} and valid_to = ${scope.open} and holds = ${scope.yes}`,
    );
    await trx.breathe();
  }
  return total;
};
