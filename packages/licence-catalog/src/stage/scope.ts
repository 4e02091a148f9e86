import { openEnd, type Transaction } from '@itsm-m365/plugin-api';
import type { StageOptions } from '../model.ts';
import { type Sql, sql, tableIn, wholeNumbers } from '../sql.ts';
import { assignments, stageAssignments, stageKeys, stagePersons } from '../tables.ts';
import { inRange, type PersonRange } from './ranges.ts';

/** The pieces of SQL that comparing and publishing share, so that both mean the same by "identical" and "open". */
export interface Scope {
  readonly stage: number;
  readonly open: Sql;
  readonly yes: Sql;
  readonly no: Sql;
  readonly keys: Sql;
  readonly persons: Sql;
  readonly staged: Sql;
  readonly stored: Sql;
  /**
   * Condition on a stored person: in the range and, of changes, staged. Statements on changes thus start at the few staged
   * persons and look their stored rows up; those on a full listing walk the stored rows in their own order.
   */
  personsOf(column: string, range: PersonRange): Sql;
  /** Condition on `lic_assignment`: open rows of the range that this listing is about. */
  openStored(range: PersonRange): Sql;
  /** Staged assignments `a` with their key `k`, in the range. */
  stagedRows(range: PersonRange): Sql;
  /** Staged persons `s` with their key `k`, in the range. */
  stagedPersons(range: PersonRange): Sql;
  /** Rows of `a`, `k` staged for the stored row, by key (person, licence, path). */
  readonly sameKey: Sql;
  /** Holds, state and error equal as well. */
  readonly identical: Sql;
}

export const scopeOf = (trx: Transaction, stage: number, options: Pick<StageOptions, 'mode' | 'licences'>): Scope => {
  const open = sql`${trx.encode('time', openEnd)}`;
  const yes = sql`${trx.encode('flag', true)}`;
  const no = sql`${trx.encode('flag', false)}`;
  const keys = tableIn(trx, stageKeys);
  const persons = tableIn(trx, stagePersons);
  const staged = tableIn(trx, stageAssignments);
  const stored = tableIn(trx, assignments);
  const sameKey = sql`${keys} k join ${staged} a on a.stage = k.stage and a.seq = k.seq
    where k.stage = ${stage} and k.person = lic_assignment.person
      and a.licence = lic_assignment.licence and a.path = lic_assignment.path`;
  const full = options.mode === 'full';
  const personsOf = (column: string, range: PersonRange): Sql =>
    full
      ? inRange(column, range)
      : sql`${{ text: column, bindings: [] }} in
          (select k.person from ${keys} k where k.stage = ${stage} and ${inRange('k.person', range)})`;
  // Of changes, rows are found by the index on (person, valid_to), whatever the number of licences: with the bare column,
  // SQLite goes through the key and tries every licence for every person. A computed value is no key, on both engines.
  const licence = full ? sql`lic_assignment.licence` : sql`lic_assignment.licence + 0`;
  return {
    stage,
    open,
    yes,
    no,
    keys,
    persons,
    staged,
    stored,
    personsOf,
    openStored: (range) => sql`${licence} in (${wholeNumbers(options.licences)})
      and ${personsOf('lic_assignment.person', range)} and lic_assignment.valid_to = ${open}`,
    stagedRows: (range) => sql`${keys} k join ${staged} a on a.stage = k.stage and a.seq = k.seq
      where k.stage = ${stage} and ${inRange('k.person', range)}`,
    stagedPersons: (range) => sql`${keys} k join ${persons} s on s.stage = k.stage and s.seq = k.seq
      where k.stage = ${stage} and ${inRange('k.person', range)} and s.removed = ${no}`,
    sameKey,
    identical: sql`${sameKey} and a.holds = lic_assignment.holds
      and a.state = lic_assignment.state and a.error = lic_assignment.error`,
  };
};

/** Open stored rows of a staged one (`k`, `a`). */
export const storedFor = (scope: Scope): Sql => sql`${scope.stored} where lic_assignment.licence = a.licence
  and lic_assignment.person = k.person and lic_assignment.path = a.path and lic_assignment.valid_to = ${scope.open}`;
