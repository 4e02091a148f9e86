import { complianceErrors } from '../errors.ts';

/** Where a page of a sorted list ended. */
export interface Cursor {
  readonly sort: string;
  readonly descending: boolean;
  readonly value: string | number;
  readonly id: string;
}

export const writeCursor = ({ sort, descending, value, id }: Cursor): string =>
  Buffer.from(JSON.stringify([sort, descending, value, id]), 'utf8').toString('base64url');

const parse = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};

/** @throws COMPLIANCE_CURSOR_INVALID where it is no cursor, or one of another sort order. */
export const readCursor = (text: string, list: Pick<Cursor, 'sort' | 'descending'>): Cursor => {
  const parts = parse(text);
  if (!Array.isArray(parts)) throw complianceErrors.COMPLIANCE_CURSOR_INVALID();
  const [sort, descending, value, id] = parts as unknown[];
  const typed = (typeof value === 'string' && value.length <= 4000) || Number.isSafeInteger(value);
  if (sort !== list.sort || descending !== list.descending || !typed || typeof id !== 'string' || id.length > 36) {
    throw complianceErrors.COMPLIANCE_CURSOR_INVALID();
  }
  return { ...list, value: value as string | number, id };
};
