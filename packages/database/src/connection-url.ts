import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { databaseErrors } from './errors.ts';

const invalid = (reason: string) => databaseErrors.DATABASE_URL_INVALID({ reason });

const flag = (name: string, value: string): boolean => {
  if (value !== 'true' && value !== 'false') throw invalid(`${name} is neither true nor false`);
  return value === 'true';
};

const whole = (name: string, value: string, largest: number): number => {
  const result = Number(value);
  if (!/^\d+$/.test(value) || result < 1 || result > largest)
    throw invalid(`${name} is not a number from 1 to ${largest}`);
  return result;
};

type Mssql = Extract<DatabaseConnection, { dialect: 'mssql' }>;

const parameters: Readonly<Record<string, (value: string) => Partial<Mssql>>> = {
  schema: (schema) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema)) throw invalid('schema is not a plain name');
    return { schema };
  },
  encrypt: (value) => ({ encrypt: flag('encrypt', value) }),
  trustServerCertificate: (value) => ({ trustServerCertificate: flag('trustServerCertificate', value) }),
  poolSize: (value) => ({ poolSize: whole('poolSize', value, 1000) }),
  requestTimeoutMs: (value) => ({ requestTimeoutMs: whole('requestTimeoutMs', value, 86_400_000) }),
};

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('a % that encodes nothing');
  }
};

const parseMssql = (url: URL): DatabaseConnection => {
  const database = decode(url.pathname.slice(1));
  if (url.hostname === '' || database === '') throw invalid('host or database is missing');
  if (url.username === '' || url.password === '') throw invalid('user or password is missing');
  if (url.hash !== '') throw invalid('a # must be written as %23');
  let options: Partial<Mssql> = {};
  for (const [name, value] of url.searchParams) {
    const parse = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parse === undefined) throw invalid(`unknown parameter ${name}`);
    options = { ...options, ...parse(value) };
  }
  return {
    ...options,
    dialect: 'mssql',
    server: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    database,
    user: decode(url.username),
    password: decode(url.password),
  };
};

/**
 * Reads `mssql://user:password@host:1433/database?schema=dbo&encrypt=true&trustServerCertificate=false&poolSize=10&
 * requestTimeoutMs=60000` or `sqlite:/path/to/file.db` (`sqlite::memory:`). What it does not know it refuses, since a
 * misspelt `encrypt` would otherwise go unnoticed. The text of the error holds nothing of the address but names.
 *
 * @throws DATABASE_URL_INVALID
 */
export const parseConnectionUrl = (url: string): DatabaseConnection => {
  if (url.startsWith('sqlite:')) {
    const file = decode(url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, ''));
    if (file === '' || file.includes('?'))
      throw invalid('the file is missing, or parameters that SQLite does not take');
    return { dialect: 'sqlite', file };
  }
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw invalid('not a URL');
  }
  if (parsed.protocol !== 'mssql:') throw invalid('it begins with neither mssql: nor sqlite:');
  return parseMssql(parsed);
};
