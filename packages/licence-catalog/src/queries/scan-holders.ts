import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import type { PersonFacts } from '../model.ts';
import { query, type Sql, sql, tableIn } from '../sql.ts';
import { assignments, personFacts } from '../tables.ts';
import { inForce } from './count-consumers.ts';

/** One way by which a person holds, or waits for, a licence. */
export interface HoldingPath {
  readonly path: string;
  readonly holds: boolean;
  readonly state: string;
  readonly error: string;
  /** Since when it is as it is. */
  readonly since: Instant;
  readonly observedAt: Instant;
}

/** A person of a licence, without a name. */
export interface Holder {
  readonly person: number;
  readonly paths: readonly HoldingPath[];
  readonly facts: PersonFacts;
}

export interface HolderQuestion {
  readonly licence: number;
  /** Absent: now. */
  readonly at?: Instant;
  /** Persons above this key; absent: from the start. */
  readonly after?: number;
  readonly limit: number;
  /** `waiting`: persons who wait for a seat and do not hold. Default `holding`. */
  readonly who?: 'holding' | 'waiting';
}

export interface PageOf<T> {
  readonly items: readonly T[];
  /** Pass it as `after` for the next page; undefined at the end. */
  readonly next: number | undefined;
}

interface RawHolder {
  readonly person: unknown;
  readonly path: string;
  readonly valid_from: unknown;
  readonly holds: unknown;
  readonly state: string;
  readonly error: string;
  readonly observed_at: unknown;
  readonly enabled: unknown;
  readonly person_type: string | null;
  readonly department: string | null;
  readonly company: string | null;
  readonly cost_centre: string | null;
  readonly country: string | null;
  readonly usage_location: string | null;
}

const personTypes: readonly PersonFacts['personType'][] = ['member', 'guest', 'agent', 'unknown'];

const factsOf = (trx: Transaction, raw: RawHolder): PersonFacts => ({
  enabled: raw.enabled === null ? true : trx.decode('flag', raw.enabled) === true,
  personType: personTypes.find((known) => known === raw.person_type) ?? 'unknown',
  department: raw.department ?? '',
  company: raw.company ?? '',
  costCentre: raw.cost_centre ?? '',
  country: raw.country ?? '',
  usageLocation: raw.usage_location ?? '',
});

const pathOf = (trx: Transaction, raw: RawHolder): HoldingPath => ({
  path: raw.path,
  holds: trx.decode('flag', raw.holds) === true,
  state: raw.state,
  error: raw.error,
  since: Number(trx.decode('time', raw.valid_from)),
  observedAt: Number(trx.decode('time', raw.observed_at)),
});

const whoIs = (trx: Transaction, question: HolderQuestion, table: Sql): Sql => {
  const yes = sql`${trx.encode('flag', true)}`;
  if (question.who !== 'waiting') return sql`a.holds = ${yes}`;
  return sql`a.holds <> ${yes} and not exists (select 1 from ${table} h where h.licence = a.licence
    and h.person = a.person and ${inForce(trx, 'h', question.at)} and h.holds = ${yes})`;
};

/** The persons of one page, in the order of their keys. */
const personsOf = async (trx: Transaction, question: HolderQuestion): Promise<readonly number[]> => {
  const table = tableIn(trx, assignments);
  const condition = sql`a.licence = ${question.licence} and a.person > ${question.after ?? 0}
    and ${inForce(trx, 'a', question.at)} and ${whoIs(trx, question, table)}`;
  const found: { person: unknown }[] = await trx
    .from(assignments, 'a')
    .distinct('a.person')
    .whereRaw(condition.text, [...condition.bindings])
    .orderBy('a.person')
    .limit(question.limit);
  return found.map(({ person }) => Number(person));
};

/**
 * The persons who hold a licence (or wait for it), ordered by key, with the facts of that instant. Walks the primary
 * key, so that a recalculation reads a million holders page by page in flat memory.
 */
export const scanHolders = async (trx: Transaction, question: HolderQuestion): Promise<PageOf<Holder>> => {
  const persons = await personsOf(trx, question);
  const first = persons[0];
  const last = persons.at(-1);
  if (first === undefined || last === undefined) return { items: [], next: undefined };
  const wanted = new Set(persons);
  const raw = await query<RawHolder>(
    trx,
    sql`select a.person, a.path, a.valid_from, a.holds, a.state, a.error, a.observed_at,
        f.enabled, f.person_type, f.department, f.company, f.cost_centre, f.country, f.usage_location
      from ${tableIn(trx, assignments)} a
      left join ${tableIn(trx, personFacts)} f on f.person = a.person and ${inForce(trx, 'f', question.at)}
      where a.licence = ${question.licence} and a.person >= ${first} and a.person <= ${last}
        and ${inForce(trx, 'a', question.at)}
      order by a.person, a.path`,
  );
  const holders = new Map<number, { person: number; paths: HoldingPath[]; facts: PersonFacts }>();
  for (const row of raw) {
    const person = Number(row.person);
    if (!wanted.has(person)) continue;
    const holder = holders.get(person) ?? { person, paths: [], facts: factsOf(trx, row) };
    holder.paths.push(pathOf(trx, row));
    holders.set(person, holder);
  }
  return { items: [...holders.values()], next: persons.length < question.limit ? undefined : last };
};
