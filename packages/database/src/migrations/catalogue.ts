import type { Column, ColumnType, Transaction } from '@itsm-m365/plugin-api';
import { qualified } from './literals.ts';

/** What the database itself says about its tables. */
export const tableExists = async (trx: Transaction, name: string): Promise<boolean> => {
  const rows =
    trx.dialect === 'mssql'
      ? await trx.query('select 1 as found where object_id(?) is not null', [qualified('mssql', trx.name({ name }))])
      : await trx.query('select 1 as found from sqlite_master where type = ? and name = ?', ['table', name]);
  return rows.length > 0;
};

interface Described {
  readonly name: string;
  readonly required: number;
  readonly type: string;
  /** Bytes on SQL Server, -1 for max; 0 where it is not known. */
  readonly length: number;
}

const kindOf = ({ type, length }: Described): ColumnType => {
  if (type === 'nvarchar') return { kind: 'text', length: length < 0 ? 'max' : length / 2 };
  return type === 'varbinary' ? { kind: 'bytes' } : { kind: 'integer' };
};

/** The columns of a table as far as an index needs to know them: whether they may be null, and how long they are. */
export const columnsOf = async (trx: Transaction, name: string): Promise<Record<string, Column>> => {
  const rows =
    trx.dialect === 'mssql'
      ? await trx.query<Described>(
          `select c.name as name, case when c.is_nullable = 1 then 0 else 1 end as required,
             type_name(c.user_type_id) as type, c.max_length as length
           from sys.columns c where c.object_id = object_id(?)`,
          [qualified('mssql', trx.name({ name }))],
        )
      : await trx.query<Described>(
          'select name, case when "notnull" = 1 or pk > 0 then 1 else 0 end as required, type, 0 as length from pragma_table_info(?)',
          [name],
        );
  return Object.fromEntries(rows.map((row) => [row.name, { type: kindOf(row), nullable: Number(row.required) === 0 }]));
};
