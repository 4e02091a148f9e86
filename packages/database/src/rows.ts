import type { Column, ColumnType, DialectName, Table } from '@itsm-m365/plugin-api';
import { databaseErrors } from './errors.ts';

/** A value as a driver takes it. */
export type Bindable = string | number | boolean | null | Date | Buffer;

type Kind = ColumnType['kind'];
type Encode = (value: unknown, type: ColumnType) => Bindable | undefined;

const earliest = Date.UTC(2000, 0, 1) - 63_082_281_600_000; // 0001-01-01T00:00:00Z, where datetime2 begins
const latest = Date.UTC(10_000, 0, 1) - 1;

/*
 * A lone surrogate becomes U+FFFD on SQLite (UTF-8) and stays on SQL Server (UTF-16), so that the same import would
 * differ from itself for ever on one of them. Both get U+FFFD.
 */
const wellFormed = (value: string): string =>
  /\p{Surrogate}/u.test(value) ? value.replace(/\p{Surrogate}/gu, '\uFFFD') : value;

const encodeText: Encode = (value, type) => {
  if (typeof value !== 'string') return undefined;
  if (type.kind === 'text' && type.length !== 'max' && value.length > type.length) return undefined;
  return wellFormed(value);
};

const encodeWhole =
  (smallest: number, largest: number): Encode =>
  (value) =>
    Number.isInteger(value) && Number(value) >= smallest && Number(value) <= largest ? Number(value) + 0 : undefined;

const isTime = encodeWhole(earliest, latest);

/** Undefined stands for "does not fit". */
const shared: Record<Exclude<Kind, 'time' | 'flag'>, Encode> = {
  guid: (value) => (typeof value === 'string' && value.length <= 36 ? wellFormed(value.toLowerCase()) : undefined),
  text: encodeText,
  integer: encodeWhole(-(2 ** 31), 2 ** 31 - 1),
  bigint: encodeWhole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  number: (value) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined),
  json: (value) => JSON.stringify(value),
  bytes: (value) =>
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : undefined,
};

/*
 * `+ 0` turns -0 into 0: engines do not agree on keeping the sign.
 */
const encoders: Record<DialectName, Record<Kind, Encode>> = {
  sqlite: {
    ...shared,
    time: isTime,
    flag: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  },
  mssql: {
    ...shared,
    time: (value, type) => {
      const instant = isTime(value, type);
      return typeof instant === 'number' ? new Date(instant) : undefined;
    },
    flag: (value) => (typeof value === 'boolean' ? value : undefined),
  },
};

const decodeWhole = (value: unknown): number | undefined => {
  const whole = typeof value === 'bigint' || typeof value === 'string' ? Number(value) : value;
  return typeof whole === 'number' && Number.isSafeInteger(whole) ? whole : undefined;
};

/** Undefined stands for "not of this kind". Both engines' forms are taken, so that one decoder serves both. */
const decoders: Record<Kind, (value: unknown) => unknown> = {
  guid: (value) => (typeof value === 'string' ? value.toLowerCase() : undefined),
  text: (value) => (typeof value === 'string' ? value : undefined),
  integer: decodeWhole,
  bigint: decodeWhole,
  number: (value) => (typeof value === 'number' ? value : undefined),
  flag: (value) => (typeof value === 'boolean' ? value : value === 1 ? true : value === 0 ? false : undefined),
  time: (value) => (value instanceof Date ? value.getTime() : decodeWhole(value)),
  json: (value) => (typeof value === 'string' ? JSON.parse(value) : undefined),
  // Between threads a Buffer becomes what it is made of.
  bytes: (value) =>
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined,
};

const misfit = (column: string, kind: Kind) => databaseErrors.DATABASE_VALUE_INVALID({ column, type: kind });

/** One value for a statement written by hand. Null stays null. @throws DATABASE_VALUE_INVALID */
export const encodeValue = (dialect: DialectName, kind: Kind, value: unknown): Bindable => {
  if (value === null) return null;
  const type: ColumnType = kind === 'text' ? { kind, length: 'max' } : { kind };
  const encoded = encoders[dialect][kind](value, type);
  if (encoded === undefined) throw misfit('?', kind);
  return encoded;
};

/** One value from a statement written by hand. Null stays null. @throws DATABASE_VALUE_INVALID */
export const decodeValue = (kind: Kind, value: unknown): unknown => {
  if (value === null || value === undefined) return null;
  const decoded = decoders[kind](value);
  if (decoded === undefined) throw misfit('?', kind);
  return decoded;
};

export interface ColumnCodec {
  readonly name: string;
  readonly column: Column;
  encode(value: unknown): Bindable;
  decode(value: unknown): unknown;
}

const columnCodec = (dialect: DialectName, table: string, name: string, column: Column): ColumnCodec => {
  const { type, nullable } = column;
  const encode = encoders[dialect][type.kind];
  const decode = decoders[type.kind];
  const place = `${table}.${name}`;
  return {
    name,
    column,
    encode: (value) => {
      if ((value === null || value === undefined) && nullable) return null;
      const encoded = encode(value, type);
      if (encoded === undefined) throw misfit(place, type.kind);
      return encoded;
    },
    decode: (value) => {
      if (value === null && nullable) return null;
      const decoded = decode(value);
      if (decoded === undefined) throw misfit(place, type.kind);
      return decoded;
    },
  };
};

export interface TableCodec<Row extends object> {
  readonly columns: readonly ColumnCodec[];
  column(name: string): ColumnCodec;
  /** The values of a row in the order of the columns. */
  encode(row: Row): Bindable[];
  decode(raw: Readonly<Record<string, unknown>>): Row;
}

const cache: Record<DialectName, WeakMap<object, unknown>> = { sqlite: new WeakMap(), mssql: new WeakMap() };

const compile = <Row extends object>(dialect: DialectName, table: Table<Row>): TableCodec<Row> => {
  const columns = Object.entries<Column>(table.columns).map(([name, column]) =>
    columnCodec(dialect, table.name, name, column),
  );
  const byName = new Map(columns.map((codec) => [codec.name, codec]));
  return {
    columns,
    column: (name) => {
      const codec = byName.get(name);
      if (codec === undefined)
        throw databaseErrors.DATABASE_MISUSED({ reason: `table ${table.name} has no column ${name}` });
      return codec;
    },
    encode: (row) => {
      const values = row as Readonly<Record<string, unknown>>;
      return columns.map((codec) => codec.encode(values[codec.name]));
    },
    decode: (raw) => {
      const row: Record<string, unknown> = {};
      for (const codec of columns) row[codec.name] = codec.decode(raw[codec.name]);
      return row as Row;
    },
  };
};

/** The one door between rows and an engine, compiled once for a table. */
export const tableCodec = <Row extends object>(dialect: DialectName, table: Table<Row>): TableCodec<Row> => {
  const known = cache[dialect].get(table);
  if (known !== undefined) return known as TableCodec<Row>;
  const codec = compile(dialect, table);
  cache[dialect].set(table, codec);
  return codec;
};
