import { importErrors } from '../errors.ts';

/** Fields that describe but decide nothing: when one is unreadable it stays empty and is counted. */
export interface Defects {
  count(field: string): void;
  readonly counts: ReadonlyMap<string, number>;
}

export const createDefects = (): Defects => {
  const counts = new Map<string, number>();
  return { counts, count: (field) => counts.set(field, (counts.get(field) ?? 0) + 1) };
};

/** Ends the reading: what figures rest on may not be guessed, and a listing with a hole is not a listing. */
export const unreadable = (resource: string, field: string, expected: string): never => {
  throw importErrors.IMPORT_OBJECT_UNREADABLE({ resource, field, expected });
};

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown, resource: string, field = ''): Fields =>
  isFields(value) ? value : unreadable(resource, field, 'an object');

/** A list; `limit` keeps one absurd answer from taking all memory or time. */
export const listOf = (value: unknown, resource: string, field: string, limit: number): readonly unknown[] => {
  if (!Array.isArray(value)) return unreadable(resource, field, 'a list');
  return value.length > limit ? unreadable(resource, field, `at most ${limit} entries`) : value;
};

const dash = 45;

/** A GUID in lower case, or undefined. Written as a loop: it runs a dozen times for each of a million users. */
export const asGuid = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || value.length !== 36) return undefined;
  let upper = false;
  for (let index = 0; index < 36; index += 1) {
    const code = value.charCodeAt(index);
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (code !== dash) return undefined;
    } else if (code >= 65 && code <= 70) upper = true;
    else if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return undefined;
  }
  return upper ? value.toLowerCase() : value;
};

export const guidOf = (value: unknown, resource: string, field: string): string =>
  asGuid(value) ?? unreadable(resource, field, 'a GUID');

const breaksText = (code: number): boolean =>
  code < 0x20 ||
  (code >= 0x7f && code <= 0x9f) ||
  (code >= 0xd800 && code <= 0xdfff) ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069) ||
  code >= 0xfffe;

/** Drops control characters, halves of pairs, line separators and bidi overrides; a tab or line break becomes a space. */
const purge = (value: string, limit: number): string => {
  let result = '';
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    const kept = code === 9 || code === 10 || code === 13 ? ' ' : code > 0xffff || !breaksText(code) ? character : '';
    if (result.length + kept.length > limit) break;
    result += kept;
  }
  return result;
};

/** At most `limit` UTF-16 units, never half a character, nothing that could forge a line of a log or turn a text around. */
export const boundedText = (value: string, limit: number): string => {
  const end = Math.min(value.length, limit);
  for (let index = 0; index < end; index += 1) {
    if (breaksText(value.charCodeAt(index))) return purge(value, limit);
  }
  return end === value.length ? value : value.slice(0, end);
};

/** A descriptive text: null and absent are empty; a wrong type is empty and counted. */
export const softText = (value: unknown, limit: number, field: string, defects: Defects): string => {
  if (typeof value === 'string') return boundedText(value, limit);
  if (value !== null && value !== undefined) defects.count(field);
  return '';
};

const int32 = 2_147_483_647;

/** A number of units. Null and absent are unreadable: taken for 0 they would turn a gap in an answer into missing seats. */
export const unitsOf = (value: unknown, resource: string, field: string): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= int32) return value;
  return unreadable(resource, field, 'a whole number from 0 to 2147483647');
};

/** An ISO 8601 time of the years 1970 to 9999; anything else is undefined and counted. */
export const softTime = (value: unknown, field: string, defects: Defects): number | undefined => {
  if (value === null || value === undefined) return undefined;
  // Date.parse reads "0" and "June" as well; Graph only ever sends this form (Edm.DateTimeOffset).
  const time =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)
      ? Date.parse(value)
      : Number.NaN;
  if (time >= 0 && time < Date.UTC(9999, 11, 31)) return time;
  defects.count(field);
  return undefined;
};
