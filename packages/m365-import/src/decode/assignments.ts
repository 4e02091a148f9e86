import type { AssignmentPath, StagedAssignment } from '@itsm-m365/licence-catalog';
import {
  asGuid,
  boundedText,
  type Defects,
  type Fields,
  guidOf,
  isFields,
  listOf,
  softText,
  unreadable,
} from './values.ts';

const resource = 'user';
/** More licences than any user has; it keeps one absurd object from taking all the time. */
const assignmentLimit = 1000;

export interface AssignmentOptions {
  /** Licence numbers of the imported SKUs. */
  readonly licences: ReadonlyMap<string, number>;
  /** SKUs that are listed but not imported (excluded): left alone and not reported. */
  readonly ignored: ReadonlySet<string>;
  readonly defects: Defects;
}

/** Licence numbers start at 1; these stand for a SKU that is left alone, and one that nobody lists. */
const ignoredSku = 0;
const unlistedSku = -1;

const noError = new Set(['', 'none']);

export interface AssignmentDecoder {
  /** Throws `IMPORT_OBJECT_UNREADABLE` where it cannot be told who holds what. */
  assignments(user: Fields): StagedAssignment[];
  /** Groups seen in paths, for their names; bounded. */
  readonly groups: ReadonlySet<string>;
  /** SKUs that users hold but the tenant does not list, with the number of users seen. */
  readonly unlisted: ReadonlyMap<string, number>;
  /** Users seen to hold a licence, by licence number. */
  readonly holders: ReadonlyMap<number, number>;
}

/** Reads what a user holds (assignedLicenses) and by which paths (licenseAssignmentStates); remembers spellings. */
export const createAssignmentDecoder = ({ licences, ignored, defects }: AssignmentOptions): AssignmentDecoder => {
  const groups = new Set<string>();
  const unlisted = new Map<string, number>();
  const holders = new Map<number, number>();
  // Raw spelling → licence number, or one of the two below 1: a tenant has a few hundred spellings, and millions of rows.
  const numbers = new Map<string, number>();
  const paths = new Map<string, AssignmentPath>();

  const numberOf = (value: unknown, field: string): number => {
    if (typeof value !== 'string') {
      if (value !== null && value !== undefined) return unreadable(resource, field, 'a GUID');
      // The metadata allows null; such a row names no licence.
      defects.count(`user.${field}`);
      return ignoredSku;
    }
    const known = numbers.get(value);
    if (known !== undefined) return known;
    const skuId = guidOf(value, resource, field);
    const number = licences.get(skuId) ?? (ignored.has(skuId) ? ignoredSku : unlistedSku);
    if (numbers.size < 10_000) numbers.set(value, number);
    return number;
  };

  const pathOf = (value: unknown): AssignmentPath => {
    if (value === null || value === undefined || value === '') return '';
    if (typeof value !== 'string')
      return unreadable(resource, 'licenseAssignmentStates.assignedByGroup', 'a GUID or null');
    const known = paths.get(value);
    if (known !== undefined) return known;
    const group = asGuid(value);
    if (group === undefined) {
      defects.count('user.licenseAssignmentStates.assignedByGroup');
      return 'unknown';
    }
    if (groups.size < 10_000) {
      groups.add(group);
      paths.set(value, group);
    }
    return group;
  };

  const countUnlisted = (skuId: string): void => {
    if (unlisted.size < 10_000) unlisted.set(skuId, (unlisted.get(skuId) ?? 0) + 1);
  };

  const heldOf = (user: Fields): number[] => {
    const held: number[] = [];
    for (const entry of listOf(user.assignedLicenses, resource, 'assignedLicenses', assignmentLimit)) {
      const row = isFields(entry) ? entry : unreadable(resource, 'assignedLicenses', 'objects');
      // The metadata allows null, but who holds what may not hang on a row that names nothing.
      const number = numberOf(
        row.skuId ?? unreadable(resource, 'assignedLicenses.skuId', 'a GUID'),
        'assignedLicenses.skuId',
      );
      if (number > 0 && !held.includes(number)) {
        held.push(number);
        holders.set(number, (holders.get(number) ?? 0) + 1);
      } else if (number === unlistedSku) countUnlisted(String(row.skuId).toLowerCase());
    }
    return held;
  };

  const errorOf = (value: unknown): string => {
    if (value === null || value === undefined) return '';
    if (typeof value !== 'string') return unreadable(resource, 'licenseAssignmentStates.error', 'a text or null');
    // Microsoft's own sample prints the text "None" where its documentation says null.
    return noError.has(value.toLowerCase()) ? '' : boundedText(value, 64);
  };

  const assignmentsOf = (user: Fields): StagedAssignment[] => {
    const held = heldOf(user);
    // Asked for by $select: without it paths are unknown, which is said.
    if (!user.licenseAssignmentStates) defects.count('user.licenseAssignmentStates');
    const rows = listOf(user.licenseAssignmentStates ?? [], resource, 'licenseAssignmentStates', assignmentLimit);
    const assignments: StagedAssignment[] = [];
    for (const entry of rows) {
      const row = isFields(entry) ? entry : unreadable(resource, 'licenseAssignmentStates', 'objects');
      const licence = numberOf(row.skuId, 'licenseAssignmentStates.skuId');
      if (licence <= 0) continue;
      const path = pathOf(row.assignedByGroup);
      const assignment = {
        licence,
        path,
        holds: held.includes(licence),
        state: softText(row.state, 32, 'user.licenseAssignmentStates.state', defects),
        error: errorOf(row.error),
      };
      const twin = assignments.findIndex((other) => other.licence === licence && other.path === path);
      if (twin === -1) assignments.push(assignment);
      else if (assignments[twin]?.state.startsWith('Active') !== true) assignments[twin] = assignment;
    }
    for (const licence of held) {
      // licenseAssignmentStates was seen to miss licences (graph-docs #9636); assignedLicenses is the truth.
      if (!assignments.some((assignment) => assignment.licence === licence)) {
        assignments.push({ licence, path: 'unknown', holds: true, state: '', error: '' });
      }
    }
    return assignments;
  };

  return { assignments: assignmentsOf, groups, unlisted, holders };
};
