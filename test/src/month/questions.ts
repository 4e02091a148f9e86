import { complianceHistory } from '@itsm-m365/compliance-engine';
import {
  assignmentsOfPerson,
  contacts,
  countConsumers,
  holdersAsOf,
  type LicenceRow,
  licences,
  type PersonFacts,
  positionsAsOf,
} from '@itsm-m365/licence-catalog';
import { type Database, type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import type { Answers } from './record.ts';

/** Licences of a portal by SKU, dead or alive. */
export const licencesOf = (db: Database, portal: string): Promise<readonly LicenceRow[]> =>
  db.read((trx) => trx.rows(licences, (query) => query.where({ portal }).orderBy('sku')));

/** Object ids by person. */
export const objectIds = async (trx: Transaction): Promise<ReadonlyMap<number, string>> =>
  new Map((await trx.rows(contacts)).map((row) => [row.person, row.object_id]));

const factLine = (facts: PersonFacts): string =>
  [
    facts.enabled ? 'enabled' : 'disabled',
    facts.personType,
    facts.department,
    facts.company,
    facts.costCentre,
    facts.country,
    facts.usageLocation,
  ].join('|');

interface When {
  /** Absent: now. */
  readonly at?: Instant;
}

/** Pages of a size that cuts the list of a small tenant into several. */
const limit = 17;

const personsAsOf = async (
  trx: Transaction,
  question: When & { readonly licence: number; readonly who: 'holding' | 'waiting' },
  ids: ReadonlyMap<number, string>,
): Promise<string[]> => {
  const lines: string[] = [];
  let after: number | undefined;
  do {
    const page = await holdersAsOf(trx, { ...question, limit, ...(after === undefined ? {} : { after }) });
    for (const { person, paths, facts } of page.items) {
      if (paths.some(({ holds }) => holds !== (question.who === 'holding'))) lines.push('a path of another kind');
      const texts = paths.map(({ path, state, error }) => `${path === '' ? 'direct' : path}:${state}:${error}`);
      lines.push(`${ids.get(person)} ${texts.sort().join(',')} ${factLine(facts)}`);
    }
    after = page.next;
  } while (after !== undefined);
  return lines.sort();
};

/** What the product answers about one licence at an instant. */
export const answersAsOf = async (
  trx: Transaction,
  licence: number,
  when: When,
  ids: ReadonlyMap<number, string>,
): Promise<Answers> => {
  const [position] = await positionsAsOf(trx, { licences: [licence], ...when });
  const count = (await countConsumers(trx, [licence], when.at)).get(licence);
  return {
    holding: await personsAsOf(trx, { licence, who: 'holding', ...when }, ids),
    waiting: await personsAsOf(trx, { licence, who: 'waiting', ...when }, ids),
    counts: `${count?.holders}/${count?.waiting}/${count?.withError}`,
    position:
      position === undefined
        ? 'none'
        : JSON.stringify({
            enabled: position.enabled,
            warning: position.warning,
            suspended: position.suspended,
            lockedOut: position.locked_out,
            consumed: position.consumed,
            paid: position.paid,
            grace: position.grace,
            trial: position.trial,
            endsAt: position.seats_end_at === openEnd ? 'never' : new Date(position.seats_end_at).toISOString(),
            status: position.capability_status,
          }),
  };
};

/** The licences of a person at an instant, as `number path`. */
export const licencesOfPerson = async (trx: Transaction, person: number, at: Instant): Promise<readonly string[]> =>
  (await assignmentsOfPerson(trx, { person, at })).map(
    ({ licence, path, state, error }) => `${licence} ${path === '' ? 'direct' : path}:${state}:${error}`,
  );

/** The published status of a product or licence at an instant; undefined where it had none. */
export const verdictAsOf = async (trx: Transaction, subject: string, at: Instant) => {
  const { entries } = await complianceHistory(trx, subject, { before: at + 1, limit: 1 });
  const [entry] = entries;
  if (entry === undefined || entry.validTo <= at) return undefined;
  const { to, reason, required, available, balance, consumedReported } = entry;
  return { status: to, reason, required, available, balance, consumedReported };
};
