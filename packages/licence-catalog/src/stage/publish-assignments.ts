import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import { execute, numberOf, sql } from '../sql.ts';
import type { PersonRange } from './ranges.ts';
import { type Scope, storedFor } from './scope.ts';

export interface AssignmentCounts {
  readonly opened: number;
  readonly changed: number;
  readonly ended: number;
}

/** Closes what is staged no more or differs. `again` as for facts: a row of this very instant is replaced. */
const close = async (trx: Transaction, scope: Scope, range: PersonRange, at: Instant, again: boolean) => {
  const leaving = sql`${scope.openStored(range)} and not exists (select 1 from ${scope.identical})`;
  const closed = await numberOf(trx, sql`select count(*) as answer from ${scope.stored} where ${leaving}`);
  if (closed === 0) return { closed, changed: 0 };
  const changed = await numberOf(
    trx,
    sql`select count(*) as answer from ${scope.stored} where ${leaving} and exists (select 1 from ${scope.sameKey})`,
  );
  const now = trx.encode('time', at);
  if (again) await execute(trx, sql`delete from ${scope.stored} where valid_from = ${now} and ${leaving}`);
  await execute(trx, sql`update ${scope.stored} set valid_to = ${now} where ${leaving}`);
  return { closed, changed };
};

/**
 * Publishes the assignments of a range of persons: close, then insert what has no open row. `first`: the licences had no
 * open row before, so nothing has to be looked up.
 */
export const publishAssignments = async (
  trx: Transaction,
  scope: Scope,
  range: PersonRange,
  { at, again, first }: { readonly at: Instant; readonly again: boolean; readonly first: boolean },
): Promise<AssignmentCounts> => {
  const { closed, changed } = first ? { closed: 0, changed: 0 } : await close(trx, scope, range, at, again);
  const now = trx.encode('time', at);
  const missing = first ? sql`` : sql`and not exists (select 1 from ${storedFor(scope)})`;
  const inserted = await execute(
    trx,
    sql`insert into ${scope.stored}
        (licence, person, path, valid_from, valid_to, holds, state, error, observed_at)
      select a.licence, k.person, a.path, ${now}, ${scope.open}, a.holds, a.state, a.error, ${now}
      from ${scope.stagedRows(range)} ${missing} order by k.person`,
  );
  return { opened: inserted - changed, changed, ended: closed - changed };
};
