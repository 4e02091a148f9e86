import type { GraphClient } from '@itsm-m365/graph-auth';
import { assignments, contacts, stageKeys, stages } from '@itsm-m365/licence-catalog';
import { type Database, openEnd } from '@itsm-m365/plugin-api';

/** Persons that are asked for. Where a listing broke off, nearly all who are missing from it are still there. */
const mostAsked = 100;
const batchSize = 20;

export interface VanishedContext {
  readonly db: Database;
  readonly graph: GraphClient;
  readonly portal: string;
  readonly ticket: string;
  /** Licence numbers of the listing. */
  readonly licences: readonly number[];
  readonly signal: AbortSignal;
}

/** Object ids of some who hold a licence by our data and stand in no page of the compared listing. */
const vanished = ({ db, portal, ticket, licences }: VanishedContext): Promise<string[]> =>
  db.read(async (trx) => {
    const stage = (await trx.rows(stages, (query) => query.where({ portal, ticket }))).at(-1)?.stage ?? 0;
    const persons = new Set<unknown>();
    for (const licence of licences) {
      const open = { licence, valid_to: trx.encode('time', openEnd), holds: trx.encode('flag', true) };
      const rows: { person: unknown }[] = await trx
        .from(assignments)
        .distinct('person')
        .where(open)
        .whereNotIn('person', trx.from(stageKeys).select('person').where({ stage }))
        .limit(mostAsked - persons.size);
      for (const { person } of rows) persons.add(person);
      if (persons.size >= mostAsked) break;
      await trx.breathe();
    }
    const keys = [...persons].map((person) => Number(person));
    return (await trx.rows(contacts, (query) => query.whereIn('person', keys))).map((row) => row.object_id);
  });

/**
 * Whether somebody who is missing from a full listing is still there when asked for by id: then the listing broke off.
 * Needs the listing compared. Costs up to five batches, and a walk over the assignments: for listings that are suspect.
 */
export const missesSomebody = async (context: VanishedContext): Promise<boolean> => {
  const ids = await vanished(context);
  for (let start = 0; start < ids.length; start += batchSize) {
    const requests = ids.slice(start, start + batchSize).map((id) => ({ id, url: `/users/${id}?$select=id` }));
    const answers = await context.graph.batch(requests, { signal: context.signal });
    for (const { status, error } of answers.values()) {
      if (status < 300) return true;
      if (status !== 404 && error !== undefined) throw error;
    }
  }
  return false;
};
