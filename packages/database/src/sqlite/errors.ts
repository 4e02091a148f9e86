import { isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import { databaseErrors } from '../errors.ts';

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const constraints: Readonly<Record<string, string>> = {
  SQLITE_CONSTRAINT_UNIQUE: 'a unique key is taken',
  SQLITE_CONSTRAINT_PRIMARYKEY: 'a unique key is taken',
  SQLITE_CONSTRAINT_ROWID: 'a unique key is taken',
  SQLITE_CONSTRAINT_NOTNULL: 'a required value is missing',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'a row it refers to is missing, or rows refer to it',
  SQLITE_CONSTRAINT_DATATYPE: 'a value has the wrong type',
};

/**
 * Turns an error of better-sqlite3 into ours. SQLite's messages name tables and columns and no values, so the original
 * may stay as the cause.
 */
export const translateSqlite = (error: unknown): KnownError => {
  if (isKnownError(error)) return error;
  const code = codeOf(error);
  const reason = code ?? 'SQLite';
  const options = { cause: error };
  if (code?.startsWith('SQLITE_CONSTRAINT'))
    return databaseErrors.DATABASE_CONSTRAINT({ reason: constraints[code] ?? 'a rule of the table', code }, options);
  switch (code?.split('_').slice(0, 2).join('_')) {
    case 'SQLITE_FULL':
      return databaseErrors.DATABASE_FULL({ reason }, options);
    case 'SQLITE_READONLY':
      return databaseErrors.DATABASE_READ_ONLY({ reason }, options);
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
    case 'SQLITE_AUTH':
    case 'EACCES':
    case 'EPERM':
    case 'ENOENT':
    case 'ENOTDIR':
      return databaseErrors.DATABASE_RIGHT_MISSING({ reason }, options);
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return databaseErrors.DATABASE_BUSY({ reason }, options);
    case 'SQLITE_IOERR':
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return databaseErrors.DATABASE_DAMAGED({ reason }, options);
    default:
      return databaseErrors.DATABASE_FAILED({ reason }, options);
  }
};
