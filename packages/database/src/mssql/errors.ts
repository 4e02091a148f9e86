import { isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import { databaseErrors } from '../errors.ts';
import { faultOf, isCertificateFault } from './faults.ts';

type Make = (place: string, reason: string, options: ErrorOptions) => KnownError;

const busy: Make = (_, reason, options) => databaseErrors.DATABASE_BUSY({ reason }, options);
const full: Make = (_, reason, options) => databaseErrors.DATABASE_FULL({ reason }, options);
const right: Make = (_, reason, options) => databaseErrors.DATABASE_RIGHT_MISSING({ reason }, options);
const readOnly: Make = (_, reason, options) => databaseErrors.DATABASE_READ_ONLY({ reason }, options);
const login: Make = (place, _, options) => databaseErrors.DATABASE_LOGIN_FAILED({ place }, options);
const timeout: Make = (_, reason, options) => databaseErrors.DATABASE_TIMEOUT({ reason }, options);
const unreachable: Make = (place, reason, options) => databaseErrors.DATABASE_UNREACHABLE({ place, reason }, options);
const conflict: Make = (_, reason, options) => databaseErrors.DATABASE_CONFLICT({ reason }, options);
const missing: Make = (place, _, options) =>
  databaseErrors.DATABASE_MISSING({ database: place.split('/').at(-1) ?? place }, options);
const constraint =
  (reason: string): Make =>
  (_, number, options) =>
    databaseErrors.DATABASE_CONSTRAINT({ reason, number }, options);

/** https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors */
const byNumber: Readonly<Record<number, Make>> = {
  229: right, // permission denied on object
  230: right,
  262: right, // CREATE TABLE permission denied in database
  297: right,
  515: constraint('a required value is missing'),
  547: constraint('a row it refers to is missing, or rows refer to it'),
  911: missing,
  916: right, // login may not open the database
  1088: right, // object cannot be found or no permission
  1105: full, // filegroup
  1205: busy, // deadlock victim
  1222: busy, // lock request timeout
  2601: constraint('a unique key is taken'), // unique index
  2627: constraint('a unique key is taken'), // primary key or unique constraint; all of them on Babelfish
  2628: constraint('a text is longer than its column'),
  8152: constraint('a text is longer than its column'), // before SQL Server 2019
  3906: readOnly, // read-only database
  3960: conflict, // snapshot update conflict
  3961: conflict, // snapshot, and the table was altered meanwhile
  4060: missing, // cannot open database requested by the login
  9002: full, // transaction log
  18452: login,
  18456: login,
  18470: login,
  18486: login,
  18487: login,
  18488: login,
  // Azure SQL, transient: https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues
  10928: busy,
  10929: busy,
  40197: busy,
  40501: busy,
  40613: unreachable,
  49918: busy,
  49919: busy,
  49920: busy,
};

const certificate: Make = (place, reason, options) =>
  databaseErrors.DATABASE_CERTIFICATE_REFUSED({ place, reason }, options);

const byCode: Readonly<Record<string, Make>> = {
  ELOGIN: login,
  ETIMEOUT: timeout,
  ESOCKET: unreachable,
  EINSTLOOKUP: unreachable,
  ECONNCLOSED: unreachable,
  EINVALIDSTATE: unreachable,
  ENOTOPEN: unreachable,
  EPOOL: (_, __, options) => databaseErrors.DATABASE_BUSY({ reason: 'no free connection in the pool' }, options),
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ECONNABORTED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EPIPE: unreachable,
  ETIMEDOUT: unreachable,
  EENCRYPT: (place, _, options) => databaseErrors.DATABASE_ENCRYPTION_REQUIRED({ place }, options),
  ENOENCRYPTION: (place, _, options) => databaseErrors.DATABASE_ENCRYPTION_MISSING({ place }, options),
};

const ofCode = (code: string): Make | undefined => byCode[code] ?? (isCertificateFault(code) ? certificate : undefined);

const failed: Make = (_, reason, options) => databaseErrors.DATABASE_FAILED({ reason }, options);

/** Turns an error of tedious, mssql or knex into ours. Numbers decide, never texts, which are translated on the server. */
export const translateMssql = (error: unknown, place: string): KnownError => {
  if (isKnownError(error)) return error;
  const fault = faultOf(error);
  const { number, code } = fault;
  const make = (number === undefined ? undefined : byNumber[number]) ?? (code === undefined ? undefined : ofCode(code));
  const reason = number === undefined ? (code ?? 'driver') : `SQL Server error ${number}`;
  return (make ?? failed)(place, reason, { cause: fault });
};
