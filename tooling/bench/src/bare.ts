import type { DatabaseConnection } from '@itsm-m365/plugin-api';

/** Columns of the tables that floor, rival and product all fill, in the order of a row. */
export const columnsOf = {
  lic_contact:
    'person tenant object_id source display_name upn upn_key mail mail_key given_name surname fingerprint created_at changed_at'.split(
      ' ',
    ),
  lic_person_fact:
    'person valid_from valid_to enabled person_type department company cost_centre country usage_location fingerprint'.split(
      ' ',
    ),
  lic_assignment: 'licence person path valid_from valid_to holds state error observed_at'.split(' '),
  lic_position:
    'licence valid_from valid_to enabled warning suspended locked_out consumed paid grace trial seats_end_at capability_status applies_to'.split(
      ' ',
    ),
} as const;

export type TableName = keyof typeof columnsOf;
export const tableNames = Object.keys(columnsOf) as readonly TableName[];

/** Times in milliseconds, flags as 0 and 1. */
export type Value = string | number;
export type Row = readonly Value[];
export type Put = (table: TableName, row: Row) => void;

/** Columns that hold an instant: whole milliseconds on SQLite, `datetime2` on SQL Server. */
export const times: ReadonlySet<string> = new Set(
  'created_at changed_at valid_from valid_to observed_at seats_end_at'.split(' '),
);

/** The fastest way into the tables, in one transaction. */
export interface Sink {
  readonly put: Put;
  /** After each page: rows may leave memory here. */
  pageEnded(): Promise<void>;
  commit(): Promise<void>;
}

/** A store without the product, by its bare driver. */
export interface Bare {
  /** Rows of the tables that all of them fill. */
  counts(): Promise<Readonly<Record<'contacts' | 'facts' | 'assignments' | 'positions', number>>>;
  /** Rows per licence; the query that a recalculation rests on. Tells of how many licences. */
  holdersByLicence(): Promise<number>;
  begin(): Promise<Sink>;
  close(): Promise<void>;
}

export const openBare = async (store: DatabaseConnection): Promise<Bare> =>
  store.dialect === 'sqlite'
    ? (await import('./bare-sqlite.ts')).openSqlite(store.file)
    : (await import('./bare-sql-server.ts')).openSqlServer(store);
