import type { DialectName } from '@itsm-m365/plugin-api';
import type { Knex } from 'knex';
import { databaseErrors } from '../errors.ts';

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A value as it stands in SQL text: defaults of columns, and scripts for an administrator. */
export const literal = (dialect: DialectName, value: Knex.RawBinding): string => {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return dialect === 'mssql' ? `N${quoted(value)}` : quoted(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Date) return quoted(value.toISOString().replace('Z', ''));
  if (Buffer.isBuffer(value)) return dialect === 'mssql' ? `0x${value.toString('hex')}` : `X'${value.toString('hex')}'`;
  throw databaseErrors.MIGRATION_INVALID({ reason: 'a value that cannot be written into a script' });
};

const plainName = /^[a-z][a-z0-9_]{0,62}$/i;

/**
 * A name in SQL text. Letters, digits and underscores only, at most 63: SQL Server would take 128, but PostgreSQL's
 * limit costs nothing and the short form needs no thought about quoting.
 */
export const identifier = (dialect: DialectName, name: string): string => {
  if (!plainName.test(name)) throw databaseErrors.MIGRATION_INVALID({ reason: `the name ${name} is not allowed` });
  return dialect === 'mssql' ? `[${name}]` : `"${name}"`;
};

/** A table's name with its schema, as `Database.name` gives it, in SQL text. */
export const qualified = (dialect: DialectName, name: string): string =>
  name
    .split('.')
    .map((part) => (dialect === 'mssql' ? `[${part.replaceAll(']', ']]')}]` : `"${part}"`))
    .join('.');

/** Puts the bindings of a raw statement into its text. */
export const inline = (dialect: DialectName, sql: string, bindings: readonly Knex.RawBinding[]): string => {
  let next = 0;
  return sql.replace(/\\\?|\?\??/g, (mark) => {
    if (mark === '\\?') return '?';
    const value = bindings[next++];
    if (value === undefined) throw databaseErrors.MIGRATION_INVALID({ reason: 'a statement with too few bindings' });
    return mark === '??' ? qualified(dialect, String(value)) : literal(dialect, value);
  });
};
