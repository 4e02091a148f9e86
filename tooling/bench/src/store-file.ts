import Sqlite from 'better-sqlite3';

/** Opens a file with the pragmas that the product sets (`openSqliteFile` of @itsm-m365/database), for a fair comparison. */
export const openRaw = (file: string): Sqlite.Database => {
  const db = new Sqlite(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('foreign_keys = ON');
  db.pragma('cache_size = -32000');
  db.pragma('temp_store = MEMORY');
  return db;
};

const tables = {
  contacts: 'lic_contact',
  facts: 'lic_person_fact',
  assignments: 'lic_assignment',
  positions: 'lic_position',
} as const;

/** Rows of the tables that floor and product both fill. */
export const countRows = (db: Sqlite.Database): Record<keyof typeof tables, number> => {
  const count = (table: string): number =>
    db.prepare<[], { rows: number }>(`select count(*) as rows from ${table}`).get()?.rows ?? 0;
  return {
    contacts: count(tables.contacts),
    facts: count(tables.facts),
    assignments: count(tables.assignments),
    positions: count(tables.positions),
  };
};
