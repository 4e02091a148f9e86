import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import { sql } from '../sql.ts';
import { assignments, type ContactRow, contacts, licences, type PositionRow, positions } from '../tables.ts';
import { inForce } from './count-consumers.ts';
import { type Holder, type HolderQuestion, type HoldingPath, type PageOf, scanHolders } from './scan-holders.ts';

/** The fields that name a person; all empty after erasure. */
export interface PersonNames {
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly mail: string;
}

export type NamedHolder = Holder & PersonNames;

/** Ids of one `in (…)`. */
const atOnce = 500;

export const contactsOf = async (
  trx: Transaction,
  persons: readonly number[],
): Promise<ReadonlyMap<number, ContactRow>> => {
  const found = new Map<number, ContactRow>();
  for (let index = 0; index < persons.length; index += atOnce)
    for (const row of await trx.rows(contacts, (query) =>
      query.whereIn('person', persons.slice(index, index + atOnce)),
    ))
      found.set(row.person, row);
  return found;
};

/** Who held a licence at an instant, by which path, with names. Pages by person key. */
export const holdersAsOf = async (trx: Transaction, question: HolderQuestion): Promise<PageOf<NamedHolder>> => {
  const page = await scanHolders(trx, question);
  const names = await contactsOf(
    trx,
    page.items.map(({ person }) => person),
  );
  return {
    next: page.next,
    items: page.items.map((holder) => {
      const contact = names.get(holder.person);
      return {
        ...holder,
        displayName: contact?.display_name ?? '',
        userPrincipalName: contact?.upn ?? '',
        mail: contact?.mail ?? '',
      };
    }),
  };
};

/** The quantities of licences at an instant; absent: now. A licence without a position then is not in the answer. */
export const positionsAsOf = (
  trx: Transaction,
  { licences: numbers, at }: { readonly licences: readonly number[]; readonly at?: Instant },
): Promise<PositionRow[]> => {
  const condition = inForce(trx, 'lic_position', at);
  return trx.rows(positions, (query) =>
    query
      .whereIn('licence', [...numbers])
      .whereRaw(condition.text, [...condition.bindings])
      .orderBy('licence'),
  );
};

export interface PersonAssignment extends HoldingPath {
  readonly licence: number;
  readonly licenceName: string;
  readonly until: Instant;
}

/** The licences of a person: those in force at an instant, or the whole history. */
export const assignmentsOfPerson = async (
  trx: Transaction,
  { person, at, history = false }: { readonly person: number; readonly at?: Instant; readonly history?: boolean },
): Promise<readonly PersonAssignment[]> => {
  const condition = history ? sql`1 = 1` : inForce(trx, 'lic_assignment', at);
  const rows = await trx.rows(assignments, (query) =>
    query
      .where({ person })
      .whereRaw(condition.text, [...condition.bindings])
      .orderBy('licence')
      .orderBy('path')
      .orderBy('valid_from'),
  );
  const numbers = [...new Set(rows.map(({ licence }) => licence))];
  const names = new Map<number, string>();
  for (let index = 0; index < numbers.length; index += atOnce)
    for (const { number, name } of await trx.rows(licences, (query) =>
      query.whereIn('number', numbers.slice(index, index + atOnce)),
    ))
      names.set(number, name);
  return rows.map((row) => ({
    licence: row.licence,
    licenceName: names.get(row.licence) ?? '',
    path: row.path,
    holds: row.holds,
    state: row.state,
    error: row.error,
    since: row.valid_from,
    until: row.valid_to,
    observedAt: row.observed_at,
  }));
};
