import { describe, expect, it } from 'vitest';
import { parseConnectionUrl } from './index.ts';

describe('a connection URL', () => {
  it('names a server with everything it may say', () => {
    expect(
      parseConnectionUrl(
        'mssql://sa:p%40ss%2Fw%3Ard@[::1]:1444/it%20sm?schema=app&encrypt=false&trustServerCertificate=true&poolSize=5&requestTimeoutMs=30000',
      ),
    ).toEqual({
      dialect: 'mssql',
      server: '::1',
      port: 1444,
      database: 'it sm',
      user: 'sa',
      password: 'p@ss/w:rd',
      schema: 'app',
      encrypt: false,
      trustServerCertificate: true,
      poolSize: 5,
      requestTimeoutMs: 30_000,
    });
  });

  it('leaves out what it does not say', () => {
    expect(parseConnectionUrl('mssql://sa:p@db.example/itsm')).toEqual({
      dialect: 'mssql',
      server: 'db.example',
      database: 'itsm',
      user: 'sa',
      password: 'p',
    });
  });

  it('names a SQLite file or one in memory', () => {
    expect(parseConnectionUrl('sqlite:/var/lib/a%20b.db')).toEqual({ dialect: 'sqlite', file: '/var/lib/a b.db' });
    expect(parseConnectionUrl('sqlite:///var/lib/a.db')).toEqual({ dialect: 'sqlite', file: '/var/lib/a.db' });
    expect(parseConnectionUrl('sqlite::memory:')).toEqual({ dialect: 'sqlite', file: ':memory:' });
  });

  it.each([
    ['mssql://sa:secret@h/d?encyrpt=true', 'unknown parameter encyrpt'],
    ['mssql://sa:secret@h/d?encrypt=yes', 'encrypt is neither true nor false'],
    ['mssql://sa:secret@h/d?schema=a;drop', 'schema is not a plain name'],
    ['mssql://sa:secret@h/d?poolSize=0', 'poolSize is not a number'],
    ['mssql://sa:secret@h/d?__proto__=1', 'unknown parameter'],
    ['mssql://sa:secret@h/', 'host or database is missing'],
    ['mssql://h/d', 'user or password is missing'],
    ['mssql://sa:sec%ret@h/d', '% that encodes nothing'],
    ['mssql://sa:secret@h/d#x', '# must be written'],
    ['postgres://sa:secret@h/d', 'neither mssql: nor sqlite:'],
    ['sqlite:', 'the file is missing'],
    ['sqlite:/a.db?mode=ro', 'parameters that SQLite does not take'],
    ['secret', 'not a URL'],
  ])('%s is refused, without its password', (url, reason) => {
    expect(() => parseConnectionUrl(url)).toThrow(
      expect.objectContaining({ code: 'DATABASE_URL_INVALID', message: expect.stringContaining(reason) }),
    );
    expect(() => parseConnectionUrl(url)).not.toThrow(
      expect.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });
});
