import { describe, expect, it } from 'vitest';
import { databaseErrors, databaseNotices } from './index.ts';
import { adviceOn } from './mssql/advice.ts';
import { translateMssql } from './mssql/errors.ts';
import { translateSqlite } from './sqlite/errors.ts';

const placeholders = (text: string): readonly string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe('the catalogue of database errors', () => {
  it('says the same in both languages, with the same placeholders', () => {
    for (const definitions of [databaseErrors.definitions, databaseNotices.definitions])
      for (const [code, { message, remedy }] of Object.entries(definitions))
        for (const text of [message, remedy]) {
          expect(text?.en, code).not.toBe(text?.de);
          expect(placeholders(text?.en ?? ''), code).toEqual(placeholders(text?.de ?? ''));
        }
  });
});

const request = (number: number, message = 'The duplicate key value is (ann@contoso.com).') =>
  Object.assign(new Error(message), { name: 'RequestError', code: 'EREQUEST', number, class: 14, lineNumber: 1 });
const failure = (code: string, cause?: Error) =>
  Object.assign(new Error('Failed to connect', { cause }), { name: 'ConnectionError', code });

describe('an error of SQL Server', () => {
  it.each([
    [515, 'DATABASE_CONSTRAINT'],
    [547, 'DATABASE_CONSTRAINT'],
    [2601, 'DATABASE_CONSTRAINT'],
    [2627, 'DATABASE_CONSTRAINT'],
    [2628, 'DATABASE_CONSTRAINT'],
    [8152, 'DATABASE_CONSTRAINT'],
    [1205, 'DATABASE_BUSY'],
    [1222, 'DATABASE_BUSY'],
    [40501, 'DATABASE_BUSY'],
    [3960, 'DATABASE_CONFLICT'],
    [18456, 'DATABASE_LOGIN_FAILED'],
    [4060, 'DATABASE_MISSING'],
    [229, 'DATABASE_RIGHT_MISSING'],
    [262, 'DATABASE_RIGHT_MISSING'],
    [1105, 'DATABASE_FULL'],
    [9002, 'DATABASE_FULL'],
    [3906, 'DATABASE_READ_ONLY'],
    [208, 'DATABASE_FAILED'],
    [245, 'DATABASE_FAILED'],
  ])('%i is %s', (number, code) => {
    expect(translateMssql(request(number), 'db:1433/itsm')).toMatchObject({ code });
  });

  it.each([
    ['ETIMEOUT', 'DATABASE_TIMEOUT'],
    ['ELOGIN', 'DATABASE_LOGIN_FAILED'],
    ['ESOCKET', 'DATABASE_UNREACHABLE'],
    ['EINVALIDSTATE', 'DATABASE_UNREACHABLE'],
    ['ESOMETHING', 'DATABASE_FAILED'],
  ])('without a number, %s is %s', (driver, code) => {
    expect(translateMssql(failure(driver), 'db:1433/itsm')).toMatchObject({ code });
  });

  it('keeps no value, neither in the text nor in its cause', () => {
    for (const number of [245, 515, 547, 2601, 2627, 2628, 8152]) {
      const known = translateMssql(request(number), 'db:1433/itsm');
      const cause = known.cause as Error;
      for (const text of [known.message, known.text('de'), cause.message, String(cause.stack), JSON.stringify(cause)])
        expect(text).not.toContain('ann@contoso.com');
      expect(cause).toMatchObject({ name: 'DriverFault', number });
    }
  });

  it('is the deadlock where several arrive at once', () => {
    const error = new AggregateError([request(3621), request(1205)]);
    expect(translateMssql(error, 'db:1433/itsm')).toMatchObject({ code: 'DATABASE_BUSY' });
  });

  it('names the system behind a connection that failed', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(translateMssql(failure('ESOCKET', refused), 'db:1433/itsm')).toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      details: { place: 'db:1433/itsm', reason: 'ECONNREFUSED' },
    });
  });

  it('stays what it is where it is ours already', () => {
    const ours = databaseErrors.SCHEMA_NEWER({ unknown: 'x' });
    expect(translateMssql(ours, '')).toBe(ours);
    expect(translateSqlite(ours)).toBe(ours);
  });
});

describe('an error of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'DATABASE_FULL'],
    ['SQLITE_READONLY', 'DATABASE_READ_ONLY'],
    ['SQLITE_READONLY_DIRECTORY', 'DATABASE_READ_ONLY'],
    ['SQLITE_BUSY', 'DATABASE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 'DATABASE_BUSY'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'DATABASE_CONSTRAINT'],
    ['SQLITE_CONSTRAINT_NOTNULL', 'DATABASE_CONSTRAINT'],
    ['SQLITE_IOERR_FSYNC', 'DATABASE_DAMAGED'],
    ['SQLITE_NOTADB', 'DATABASE_DAMAGED'],
    ['SQLITE_CORRUPT_INDEX', 'DATABASE_DAMAGED'],
    ['SQLITE_CANTOPEN', 'DATABASE_RIGHT_MISSING'],
    ['SQLITE_ERROR', 'DATABASE_FAILED'],
  ])('%s is %s', (code, ours) => {
    expect(translateSqlite(Object.assign(new Error('x'), { code }))).toMatchObject({ code: ours });
  });
});

describe('the advice on a database', () => {
  it('names each option that is off with the T-SQL that turns it on, and nothing where all is well', () => {
    const both = adviceOn('it]sm', { snapshot: false, readCommitted: false });
    expect(both.map(({ code }) => code)).toEqual(['SNAPSHOT_ISOLATION_OFF', 'READ_COMMITTED_SNAPSHOT_OFF']);
    expect(both[0]?.remedy?.de).toContain('ALTER DATABASE [it]]sm] SET ALLOW_SNAPSHOT_ISOLATION ON;');
    expect(both[1]?.remedy?.en).toContain('ALTER DATABASE [it]]sm] SET READ_COMMITTED_SNAPSHOT ON');
    expect(adviceOn('itsm', { snapshot: true, readCommitted: true })).toEqual([]);
  });
});
