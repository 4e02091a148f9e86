import type { Transaction } from '@itsm-m365/plugin-api';
import type { Comparison, StageOptions } from '../model.ts';
import { exists, numberOf, query, type Sql, sql, wholeNumbers } from '../sql.ts';
import { assignments } from '../tables.ts';
import { type PersonRange, personRanges } from './ranges.ts';
import { type Scope, scopeOf, storedFor } from './scope.ts';

type Counts = Pick<Comparison, 'before' | 'opened' | 'changed' | 'ended'>;

/** Staged persons that one statement walks over. */
const rowsPerWalk = 10_000;

const zero: Counts = { before: 0, opened: 0, changed: 0, ended: 0 };

const pairsIn = (trx: Transaction, rows: Sql): Promise<number> =>
  numberOf(trx, sql`select count(*) as answer from (${rows}) p`);

const stagedHold = (scope: Scope): Sql => sql`select 1 from ${scope.keys} k join ${scope.staged} a
  on a.stage = k.stage and a.seq = k.seq where k.stage = ${scope.stage} and k.person = lic_assignment.person
  and a.licence = lic_assignment.licence and a.holds = ${scope.yes}`;

const storedHold = (scope: Scope): Sql => sql`select 1 from ${scope.stored}
  where lic_assignment.licence = a.licence and lic_assignment.person = k.person
  and lic_assignment.valid_to = ${scope.open} and lic_assignment.holds = ${scope.yes}`;

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

/** Pairs of a licence and a person who have an open row. */
const pairsOf = (scope: Scope, range: PersonRange): Sql =>
  sql`select distinct lic_assignment.licence, lic_assignment.person from ${scope.stored} where ${scope.openStored(range)}`;

const holdersIn = (trx: Transaction, scope: Scope, range: PersonRange): Promise<number> =>
  pairsIn(trx, sql`${pairsOf(scope, range)} and lic_assignment.holds = ${scope.yes}`);

const countRange = async (trx: Transaction, scope: Scope, range: PersonRange): Promise<Omit<Counts, 'before'>> => {
  const pairs = pairsOf(scope, range);
  const gone = sql`${pairs} and not exists (select 1 from ${scope.identical})`;
  const come = sql`select distinct a.licence, k.person from ${scope.stagedRows(range)}
    and not exists (select 1 from ${storedFor(scope)} and lic_assignment.holds = a.holds
      and lic_assignment.state = a.state and lic_assignment.error = a.error)`;
  // Both orders of the columns are the same, so `union` counts a pair once.
  const touched = await pairsIn(trx, sql`${gone} union ${come}`);
  if (touched === 0) return zero;
  const ended = await pairsIn(
    trx,
    sql`${pairs} and lic_assignment.holds = ${scope.yes} and not exists (${stagedHold(scope)})`,
  );
  const opened = await pairsIn(
    trx,
    sql`select distinct a.licence, k.person from ${scope.stagedRows(range)} and a.holds = ${scope.yes}
      and not exists (${storedHold(scope)})`,
  );
  return { opened, ended, changed: touched - opened - ended };
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
  let total = full ? zero : { ...zero, before: await countHolders(trx, scope, options.licences) };
  if (!full && persons === 0) return total;
  for await (const range of personRanges(trx, stage, full)) {
    const before = full ? await holdersIn(trx, scope, range) : 0;
    const counts = await countRange(trx, scope, range);
    total = {
      before: total.before + before,
      opened: total.opened + counts.opened,
      changed: total.changed + counts.changed,
      ended: total.ended + counts.ended,
    };
  }
  return total;
};

/** Pairs of the licences that hold now: the same as {@link holdersIn} of all ranges, by one walk over each licence. */
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
