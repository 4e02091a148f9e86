import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import { execute, type Sql, sql, tableIn } from '../sql.ts';
import { contacts, personFacts, stageLinks } from '../tables.ts';
import type { PersonRange } from './ranges.ts';
import type { Scope } from './scope.ts';

const contactColumns = ['display_name', 'upn', 'upn_key', 'mail', 'mail_key', 'given_name', 'surname'] as const;
const factColumns = [
  'enabled',
  'person_type',
  'department',
  'company',
  'cost_centre',
  'country',
  'usage_location',
] as const;

const text = (value: string): Sql => ({ text: value, bindings: [] });

/** The staged person of a stored row. */
const stagedOf = (scope: Scope, person: string): Sql => sql`from ${scope.keys} k
  join ${scope.persons} s on s.stage = k.stage and s.seq = k.seq
  where k.stage = ${scope.stage} and k.person = ${text(person)} and s.removed = ${scope.no}`;

/** Gives the contacts that were found by mail or UPN their place in the directory. */
export const linkContacts = (trx: Transaction, scope: Scope, tenant: string): Promise<number> => {
  const link = sql`from ${tableIn(trx, stageLinks)} l where l.stage = ${scope.stage} and l.contact = lic_contact.person`;
  return execute(
    trx,
    sql`update ${tableIn(trx, contacts)} set tenant = ${tenant}, source = 'm365',
        object_id = (select s.object_id ${stagedOf(scope, 'lic_contact.person')})
      where tenant = '' and exists (select 1 ${link})`,
  );
};

/** Brings the contacts that are known up to date. */
export const updateContacts = (trx: Transaction, scope: Scope, range: PersonRange, at: Instant): Promise<number> => {
  const staged = stagedOf(scope, 'lic_contact.person');
  const values = contactColumns
    .map((column) => sql`${text(column)} = (select s.${text(column)} ${staged})`)
    .reduce((all, one) => sql`${all}, ${one}`);
  return execute(
    trx,
    sql`update ${tableIn(trx, contacts)} set ${values}, fingerprint = (select s.contact_print ${staged}),
        changed_at = ${trx.encode('time', at)}
      where ${scope.personsOf('lic_contact.person', range)}
        and exists (select 1 ${staged} and s.contact_print <> lic_contact.fingerprint)`,
  );
};

/** Makes contacts of the persons that are not known. */
export const createContacts = (
  trx: Transaction,
  scope: Scope,
  range: PersonRange,
  { tenant, at }: { readonly tenant: string; readonly at: Instant },
): Promise<number> => {
  const now = trx.encode('time', at);
  const columns = text(contactColumns.join(', '));
  return execute(
    trx,
    sql`insert into ${tableIn(trx, contacts)}
        (person, tenant, object_id, source, ${columns}, fingerprint, created_at, changed_at)
      select k.person, ${tenant}, s.object_id, 'm365', ${columns}, s.contact_print, ${now}, ${now}
      from ${scope.stagedPersons(range)} and k.known = ${scope.no} order by k.person`,
  );
};

/**
 * Closes the facts that changed. `again`: something was published at this very instant before; its rows are replaced, as
 * an interval cannot begin twice at one instant.
 */
export const closeFacts = async (
  trx: Transaction,
  scope: Scope,
  range: PersonRange,
  { at, again }: { readonly at: Instant; readonly again: boolean },
): Promise<void> => {
  const table = tableIn(trx, personFacts);
  const now = trx.encode('time', at);
  const differs = sql`valid_to = ${scope.open} and ${scope.personsOf('lic_person_fact.person', range)}
    and exists (select 1 ${stagedOf(scope, 'lic_person_fact.person')} and s.fact_print <> lic_person_fact.fingerprint)`;
  if (again) await execute(trx, sql`delete from ${table} where valid_from = ${now} and ${differs}`);
  await execute(trx, sql`update ${table} set valid_to = ${now} where ${differs}`);
};

/**
 * Opens facts of whoever has none that are open. New persons are not looked for: a server that knows nothing yet of rows
 * written a moment ago would plan that look as a walk over all of them, and repeat it for every range.
 */
export const openFacts = (trx: Transaction, scope: Scope, range: PersonRange, at: Instant): Promise<number> => {
  const table = tableIn(trx, personFacts);
  const columns = text(factColumns.join(', '));
  return execute(
    trx,
    sql`insert into ${table} (person, valid_from, valid_to, ${columns}, fingerprint)
      select k.person, ${trx.encode('time', at)}, ${scope.open}, ${columns}, s.fact_print
      from ${scope.stagedPersons(range)} and (k.known = ${scope.no} or not exists
        (select 1 from ${table} f where f.person = k.person and f.valid_to = ${scope.open})) order by k.person`,
  );
};
