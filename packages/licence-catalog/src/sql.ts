import type { Table, Transaction } from '@itsm-m365/plugin-api';
import type { Knex } from 'knex';

/** A piece of SQL with its bound values; pieces nest. */
export interface Sql {
  readonly text: string;
  readonly bindings: readonly Knex.RawBinding[];
}

const isSql = (value: Sql | Knex.RawBinding): value is Sql =>
  typeof value === 'object' && value !== null && 'text' in value && 'bindings' in value;

/** Values become bound parameters, pieces are put in their place. */
export const sql = (strings: TemplateStringsArray, ...values: readonly (Sql | Knex.RawBinding)[]): Sql => {
  const bindings: Knex.RawBinding[] = [];
  let text = strings[0] ?? '';
  values.forEach((value, index) => {
    if (isSql(value)) {
      text += value.text;
      bindings.push(...value.bindings);
    } else {
      text += '?';
      bindings.push(value);
    }
    text += strings[index + 1] ?? '';
  });
  return { text, bindings };
};

export const nothing: Sql = { text: '', bindings: [] };

/** The table as it is written in a statement: quoted, with its schema. Its columns are `lic_x.column`. */
export const tableIn = (trx: Transaction, table: Pick<Table, 'name'>): Sql => ({
  text: trx.sql.raw('??', [trx.name(table)]).toQuery(),
  bindings: [],
});

/** Whole numbers for `in (…)`, written out: they are ours, and a list of any length stays one parameterless piece. */
export const wholeNumbers = (values: readonly number[]): Sql => {
  if (values.some((value) => !Number.isSafeInteger(value))) throw new TypeError('Not a whole number');
  // `in ()` is no SQL; nothing has the number -1.
  return { text: values.length === 0 ? '-1' : values.join(', '), bindings: [] };
};

export const execute = (trx: Transaction, { text, bindings }: Sql): Promise<number> => trx.execute(text, bindings);

export const query = <Row extends object>(trx: Transaction, { text, bindings }: Sql): Promise<Row[]> =>
  trx.query<Row>(text, bindings);

/** The one number that a query answers with, in a column called `answer`. */
export const numberOf = async (trx: Transaction, question: Sql): Promise<number> => {
  const [row] = await query<{ answer: unknown }>(trx, question);
  return Number(row?.answer ?? 0);
};

export const exists = async (trx: Transaction, table: Pick<Table, 'name'>, where: Sql): Promise<boolean> =>
  (await numberOf(
    trx,
    sql`select case when exists (select 1 from ${tableIn(trx, table)} where ${where}) then 1 else 0 end as answer`,
  )) === 1;
