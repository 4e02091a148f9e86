import type { Allocation } from './allocation.ts';
import { type ChangeLog, createChangeLog } from './change-log.ts';
import { type AssignmentRow, holds, type UserFacts, type UserRecord } from './model.ts';
import type { Population } from './population.ts';

export type Presence = 'present' | 'soft-deleted' | 'purged';

interface Version {
  readonly record: UserRecord;
  readonly presence: Presence;
}

interface Override extends Version {
  readonly changedAt: number;
  /** State before the last change; undefined when the user did not exist. Read while the index lags behind. */
  readonly previous: Version | undefined;
}

/** All users of a tenant: generated ones computed on demand, changed ones kept in a sparse map. */
export interface Directory {
  readonly log: ChangeLog;
  /** Number of places in the listing, removed users included. */
  places(): number;
  liveCount(): number;
  /** The user at a place, or undefined when removed; `lag` reads the state of that many milliseconds ago. */
  at(index: number, lag?: number): UserRecord | undefined;
  presenceAt(index: number): Presence;
  /** The place of a user, removed or not, by id (case-insensitive) or user principal name. */
  place(key: string): number | undefined;
  add(make: (index: number, id: string) => UserRecord): UserRecord;
  replace(index: number, record: UserRecord, presence: Presence, changed: Iterable<string>): void;
  recordAt(index: number): UserRecord;
}

export const createDirectory = (options: {
  readonly population: Population;
  readonly allocation: Allocation;
  readonly now: () => number;
  readonly onRows: (before: readonly AssignmentRow[], after: readonly AssignmentRow[]) => void;
}): Directory => {
  const { population, allocation, now } = options;
  const overrides = new Map<number, Override>();
  const extraIds = new Map<string, number>();
  const log = createChangeLog(now);
  let places = population.count;
  let live = population.count;

  const generatedAt = (index: number): UserRecord => ({
    index,
    facts: population.factsAt(index),
    rows: allocation.rowsAt(index),
  });

  const at = (index: number, lag = 0): UserRecord | undefined => {
    const override = overrides.size === 0 ? undefined : overrides.get(index);
    if (override === undefined) return index < population.count ? generatedAt(index) : undefined;
    const version = lag > 0 && now() - override.changedAt < lag ? override.previous : override;
    return version?.presence === 'present' ? version.record : undefined;
  };

  const presenceAt = (index: number): Presence => overrides.get(index)?.presence ?? 'present';

  const recordAt = (index: number): UserRecord => overrides.get(index)?.record ?? generatedAt(index);

  const byPrincipalName = (name: string): number | undefined => {
    const wanted = name.toLowerCase();
    for (let index = 0; index < places; index += 1) {
      if (recordAt(index).facts.userPrincipalName.toLowerCase() === wanted) return index;
    }
    return undefined;
  };

  const place = (key: string): number | undefined => {
    if (key.includes('@')) return byPrincipalName(key);
    const extra = extraIds.get(key.toLowerCase());
    if (extra !== undefined) return extra;
    const index = population.indexOf(key);
    return index !== undefined && index < places ? index : undefined;
  };

  const replace = (index: number, record: UserRecord, presence: Presence, changed: Iterable<string>): void => {
    const before = overrides.get(index);
    const previous: Version = before ?? { record: generatedAt(index), presence: 'present' };
    const rowsOf = (version: Version) => (version.presence === 'present' ? version.record.rows : []);
    const next: Override = { record, presence, changedAt: now(), previous };
    options.onRows(rowsOf(previous), rowsOf(next));
    if (previous.presence === 'present' && presence !== 'present') live -= 1;
    if (previous.presence !== 'present' && presence === 'present') live += 1;
    overrides.set(index, next);
    log.append(index, changed);
  };

  return {
    log,
    places: () => places,
    liveCount: () => live,
    at,
    presenceAt,
    recordAt,
    place,
    replace,
    add: (make) => {
      const index = places;
      const record = make(index, population.idAt(index));
      places += 1;
      live += 1;
      if (record.facts.id !== population.idAt(index)) extraIds.set(record.facts.id.toLowerCase(), index);
      overrides.set(index, { record, presence: 'present', changedAt: now(), previous: undefined });
      options.onRows([], record.rows);
      log.append(index, []);
      return record;
    },
  };
};

const licenceShape = (rows: readonly AssignmentRow[]): string =>
  JSON.stringify(assignedLicensesOf(rows).map((licence) => [licence.sku.number, licence.disabledPlans]));

const rowShape = (rows: readonly AssignmentRow[]): string =>
  JSON.stringify(rows.map((row) => [row.sku.number, row.groupId, row.state, row.error, row.disabledPlans]));

/** Products a user holds, each once, in the order of the paths. */
export const assignedLicensesOf = (rows: readonly AssignmentRow[]): readonly AssignmentRow[] =>
  rows.filter((row, at) => holds(row) && rows.findIndex((other) => other.sku === row.sku && holds(other)) === at);

/** Names of the Graph properties that differ between two sets of paths. */
export const changedLicenceProperties = (
  before: readonly AssignmentRow[],
  after: readonly AssignmentRow[],
): readonly string[] => [
  ...(licenceShape(before) === licenceShape(after) ? [] : ['assignedLicenses']),
  ...(rowShape(before) === rowShape(after) ? [] : ['licenseAssignmentStates']),
];

/** Names of the Graph properties that differ between two sets of facts. */
export const changedFactProperties = (before: UserFacts, after: UserFacts): readonly string[] => {
  const graphNames: Readonly<Record<string, string>> = {
    costCenter: 'employeeOrgData',
    division: 'employeeOrgData',
    createdAt: 'createdDateTime',
    employeeLeaveAt: 'employeeLeaveDateTime',
    lastSignInAt: 'signInActivity',
    businessPhone: 'businessPhones',
  };
  return (Object.keys(after) as (keyof UserFacts)[])
    .filter((key) => before[key] !== after[key])
    .map((key) => graphNames[key] ?? key);
};
