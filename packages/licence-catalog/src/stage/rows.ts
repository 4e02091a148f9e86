import { fingerprint } from '../fingerprint.ts';
import type { StagedAssignment, StagedPerson } from '../model.ts';
import type { StageAssignmentRow, StagePersonRow } from '../tables.ts';

/** Directory texts longer than their column are cut: Graph documents smaller limits, but does not promise them. */
const cut = (value: string, length: number): string => (value.length > length ? value.slice(0, length) : value);

/** How mail and UPN are compared: trimmed, lower case, at most as long as the column. */
export const matchKey = (value: string): string => cut(value.trim().toLowerCase(), 320);

export interface StagePlace {
  readonly stage: number;
  readonly seq: number;
  readonly person: number;
  /** Lower case. */
  readonly objectId: string;
}

const sameKey = (one: StagedAssignment, other: StagedAssignment): boolean =>
  one.licence === other.licence && one.path.toLowerCase() === other.path.toLowerCase();

/** The same licence by the same path twice is one assignment; the last one counts. A person has a handful. */
export const distinctAssignments = (
  person: StagedPerson,
  licences: ReadonlySet<number>,
): readonly StagedAssignment[] => {
  if (person.removed === true) return [];
  return person.assignments.filter(
    (entry, index, all) =>
      licences.has(entry.licence) && !all.some((later, place) => place > index && sameKey(entry, later)),
  );
};

/** One literal without spreads: this runs once for every person of a listing. */
export const personRow = (place: StagePlace, person: StagedPerson, assignments: number): StagePersonRow => {
  const { facts } = person;
  const display_name = cut(person.displayName, 256);
  const upn = cut(person.userPrincipalName, 320);
  const mail = cut(person.mail, 320);
  const given_name = cut(person.givenName, 128);
  const surname = cut(person.surname, 128);
  const department = cut(facts.department, 128);
  const company = cut(facts.company, 128);
  const cost_centre = cut(facts.costCentre, 128);
  const country = cut(facts.country, 128);
  const usage_location = cut(facts.usageLocation, 8);
  return {
    stage: place.stage,
    seq: place.seq,
    person: place.person,
    object_id: place.objectId,
    removed: person.removed === true,
    assignments,
    display_name,
    upn,
    upn_key: matchKey(upn),
    mail,
    mail_key: matchKey(mail),
    given_name,
    surname,
    contact_print: fingerprint([display_name, upn, mail, given_name, surname]),
    enabled: facts.enabled,
    person_type: facts.personType,
    department,
    company,
    cost_centre,
    country,
    usage_location,
    fact_print: fingerprint([
      facts.enabled ? 'enabled' : 'disabled',
      facts.personType,
      department,
      company,
      cost_centre,
      country,
      usage_location,
    ]),
  };
};

export const assignmentRows = (
  { stage, seq }: Pick<StagePlace, 'stage' | 'seq'>,
  assignments: readonly StagedAssignment[],
): readonly StageAssignmentRow[] =>
  assignments.map((entry) => ({
    stage,
    seq,
    licence: entry.licence,
    path: cut(entry.path.toLowerCase(), 36),
    holds: entry.holds,
    state: cut(entry.state, 32),
    error: cut(entry.error, 64),
  }));
