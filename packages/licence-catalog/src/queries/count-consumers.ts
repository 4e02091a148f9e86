import { type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { numberOf, type Sql, sql, tableIn } from '../sql.ts';
import { assignments } from '../tables.ts';

export interface ConsumerCounts {
  /** Distinct persons who hold the licence, by whatever path. */
  readonly holders: number;
  /** Distinct persons whom a group wants to give it, and who do not hold it. */
  readonly waiting: number;
  /** Distinct persons with an assignment in error. */
  readonly withError: number;
}

/** Condition: the row is in force at the instant; without one, now. */
export const inForce = (trx: Transaction, alias: string, at: Instant | undefined): Sql => {
  const column = (name: string): Sql => ({ text: `${alias}.${name}`, bindings: [] });
  if (at === undefined) return sql`${column('valid_to')} = ${trx.encode('time', openEnd)}`;
  const instant = trx.encode('time', at);
  return sql`${column('valid_from')} <= ${instant} and ${column('valid_to')} > ${instant}`;
};

/** Counts of one licence: three walks over its part of the key, in its order. */
export const consumersOf = async (trx: Transaction, licence: number, at?: Instant): Promise<ConsumerCounts> => {
  const table = tableIn(trx, assignments);
  const yes = sql`${trx.encode('flag', true)}`;
  const persons = (more: Sql): Promise<number> =>
    numberOf(
      trx,
      sql`select count(distinct a.person) as answer from ${table} a
        where a.licence = ${licence} and ${inForce(trx, 'a', at)} and ${more}`,
    );
  const holders = await persons(sql`a.holds = ${yes}`);
  await trx.breathe();
  const waiting = await persons(sql`a.holds <> ${yes} and not exists (select 1 from ${table} h
    where h.licence = a.licence and h.person = a.person and ${inForce(trx, 'h', at)} and h.holds = ${yes})`);
  const withError = await persons(sql`a.error <> ''`);
  return { holders, waiting, withError };
};

/** Counts of several licences. A licence that nobody ever had counts 0. */
export const countConsumers = async (
  trx: Transaction,
  licences: readonly number[],
  at?: Instant,
): Promise<ReadonlyMap<number, ConsumerCounts>> => {
  const counts = new Map<number, ConsumerCounts>();
  for (const licence of licences) {
    counts.set(licence, await consumersOf(trx, licence, at));
    await trx.breathe();
  }
  return counts;
};
