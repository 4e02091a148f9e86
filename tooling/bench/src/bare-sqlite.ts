import { openEnd } from '@itsm-m365/plugin-api';
import Sqlite from 'better-sqlite3';
import { type Bare, columnsOf, type Sink, type TableName } from './bare.ts';

/** The pragmas that the product sets (`sqlite/client.ts` of @itsm-m365/database), for a fair comparison. */
export const pragmas = [
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'foreign_keys = ON',
  'cache_size = -32000',
  'temp_store = MEMORY',
] as const;

/** Prepared statements, each row at once. */
const sinkInto = (db: Sqlite.Database): Sink => {
  const into = (table: TableName) => {
    const columns = columnsOf[table];
    return db.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`);
  };
  const statements = {
    lic_contact: into('lic_contact'),
    lic_person_fact: into('lic_person_fact'),
    lic_assignment: into('lic_assignment'),
    lic_position: into('lic_position'),
  };
  db.exec('begin immediate');
  return {
    put: (table, row) => void statements[table].run(row),
    pageEnded: async () => undefined,
    async commit() {
      db.exec('commit');
    },
  };
};

export const openSqlite = (file: string): Bare => {
  const db = new Sqlite(file);
  for (const pragma of pragmas) db.pragma(pragma);
  const count = (table: TableName): number =>
    db.prepare<[], { rows: number }>(`select count(*) as rows from ${table}`).get()?.rows ?? 0;
  return {
    counts: async () => ({
      contacts: count('lic_contact'),
      facts: count('lic_person_fact'),
      assignments: count('lic_assignment'),
      positions: count('lic_position'),
    }),
    holdersByLicence: async () =>
      db
        .prepare(
          'select licence, count(*) as holders from lic_assignment where valid_to = ? and holds = 1 group by licence',
        )
        .all(openEnd).length,
    begin: async () => sinkInto(db),
    close: async () => void db.close(),
  };
};
