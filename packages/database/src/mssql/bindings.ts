import type { Column } from '@itsm-m365/plugin-api';
import { TYPES } from 'tedious';

export type TediousType = (typeof TYPES)[keyof typeof TYPES];

/** Longer than any length that is not `max`. */
const max = 8001;

export interface ParameterOptions {
  readonly length?: number;
  readonly scale?: number;
}

/** A value with the type of its parameter. Not a plain object, which knex would turn into JSON. */
export class Bound {
  readonly type: TediousType;
  readonly value: unknown;
  readonly options: ParameterOptions;

  constructor(type: TediousType, value: unknown, options: ParameterOptions = {}) {
    this.type = type;
    this.value = value;
    this.options = options;
  }
}

/*
 * Two lengths only: knex declares each text with its own, and SQL Server keeps a plan for each declaration.
 */
const textOptions = (value: unknown): ParameterOptions => ({
  length: typeof value === 'string' && value.length > 4000 ? max : 4000,
});

const isInt = (value: number): boolean => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;

/** The parameter for a value of which nothing else is known. */
export const bound = (value: unknown): Bound => {
  if (value instanceof Bound) return value;
  if (typeof value === 'boolean') return new Bound(TYPES.Bit, value);
  if (typeof value === 'number') {
    if (isInt(value)) return new Bound(TYPES.Int, value);
    return new Bound(Number.isSafeInteger(value) ? TYPES.BigInt : TYPES.Float, value);
  }
  if (typeof value === 'bigint') return new Bound(TYPES.BigInt, value);
  // knex binds `datetime`, which rounds to 3.33 ms: https://github.com/tediousjs/node-mssql/issues/1578
  if (value instanceof Date) return new Bound(TYPES.DateTime2, value, { scale: 3 });
  if (Buffer.isBuffer(value)) return new Bound(TYPES.VarBinary, value, { length: max });
  if (value === null || value === undefined) return new Bound(TYPES.NVarChar, null, { length: 4000 });
  return new Bound(TYPES.NVarChar, typeof value === 'string' ? value : JSON.stringify(value), textOptions(value));
};

/** The parameter for a column: its own type, for null as well, since a null text does not fit a binary column. */
export const boundTo = ({ type }: Column, value: unknown): Bound => {
  switch (type.kind) {
    case 'integer':
      return new Bound(TYPES.Int, value);
    case 'bigint':
      return new Bound(TYPES.BigInt, value);
    case 'number':
      return new Bound(TYPES.Float, value);
    case 'flag':
      return new Bound(TYPES.Bit, value);
    case 'time':
      return new Bound(TYPES.DateTime2, value, { scale: 3 });
    case 'bytes':
      return new Bound(TYPES.VarBinary, value, { length: max });
    default:
      return new Bound(TYPES.NVarChar, value, textOptions(value));
  }
};

/** The column of a bulk load, whose type must be that of the table. */
export const bulkColumn = ({ type }: Column): { readonly type: TediousType; readonly options: ParameterOptions } => {
  if (type.kind === 'guid') return { type: TYPES.NVarChar, options: { length: 36 } };
  if (type.kind === 'text')
    return { type: TYPES.NVarChar, options: { length: type.length === 'max' ? max : type.length } };
  if (type.kind === 'json') return { type: TYPES.NVarChar, options: { length: max } };
  const { type: parameter, options } = boundTo({ type, nullable: true }, null);
  return { type: parameter, options };
};
