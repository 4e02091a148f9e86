import { join } from 'node:path';
import { type OpenDatabase, openDatabase } from '@itsm-m365/database';
import { machineClock } from '@itsm-m365/server-tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from '../../end-to-end/surroundings/folder.ts';
import { table } from '../markdown.ts';
import { indexes, type Purpose, primaryKeys } from './purposes.ts';
import { statementsOfADay } from './statements.ts';

interface Index {
  readonly name: string;
  readonly table: string;
  readonly columns: string;
  readonly unique: number;
  /** `c` by CREATE INDEX, `pk` for a primary key. */
  readonly origin: string;
}

/** Tables that grow with persons, with runs or with the years. */
const growing = [
  ...Object.keys(primaryKeys),
  'lic_evidence_content',
  'task_run',
  'task_item',
  'task_notice',
  'task_audit',
];

/** Whether a table has any row at all. */
const looksAtFirstRow = (sql: string): boolean => / from `\w+` limit \?$/.test(sql);

const marks = (sql: string): null[] => Array.from(sql.matchAll(/\?/g), () => null);

describe('Indexes', () => {
  let folder: Folder;
  let db: OpenDatabase;
  let statements: readonly string[];
  let present: readonly Index[];

  const query = <Row extends object>(sql: string, bindings: readonly null[] = []): Promise<readonly Row[]> =>
    db.read((trx) => trx.query<Row>(sql, bindings));
  const planOf = async (sql: string): Promise<readonly string[]> =>
    (await query<{ detail: string }>(`explain query plan ${sql}`, marks(sql))).map(({ detail }) => detail);

  beforeAll(async () => {
    folder = temporaryFolder();
    const heard = await statementsOfADay(folder.path);
    const file = join(folder.path, 'plugins.db');
    db = await openDatabase({ dialect: 'sqlite', file }, { clock: machineClock });
    // `x_…` are the tables of the host itself, in a file of its own.
    statements = [...heard].filter((sql) => /^\s*(select|insert|update|delete)\b/i.test(sql) && !/`x_/.test(sql));
    present = await query<Index>(
      `select i.name, m.name as "table", i."unique", i.origin,
         (select group_concat(name, ', ') from (select name from pragma_index_info(i.name) order by seqno)) as columns
       from sqlite_master m, pragma_index_list(m.name) i where m.type = 'table' and m.name not like 'sqlite%'
       order by m.name, i.name`,
    );
  });
  afterAll(async () => {
    await db?.close();
    folder.remove();
  });

  const created = (): readonly Index[] => present.filter(({ origin }) => origin === 'c');

  it('have a purpose that is written down, and no purpose is without its index', () => {
    expect(
      created()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(indexes).sort());
  });

  it('serve the query that is written down for them', async () => {
    for (const [name, purpose] of Object.entries(indexes))
      expect((await planOf(purpose.query)).join(), `${name}: ${purpose.query}`).toMatch(new RegExp(`INDEX ${name}\\b`));
    for (const [name, purpose] of Object.entries(primaryKeys))
      expect((await planOf(purpose.query)).join(), `${name}: ${purpose.query}`).toMatch(
        new RegExp(`${name} USING (INTEGER PRIMARY KEY|PRIMARY KEY|INDEX sqlite_autoindex_${name}_1)`),
      );
  });

  it('spare every statement of a day from walking a table that grows', async () => {
    const walking: string[] = [];
    for (const sql of statements) {
      if (looksAtFirstRow(sql)) continue;
      const plan = await planOf(sql);
      if (plan.some((step) => growing.includes(/^SCAN (\w+)$/.exec(step)?.[1] ?? ''))) walking.push(sql);
    }
    expect(walking).toEqual([]);
  });

  it('are used by a statement of a day, or keep something single', async () => {
    const plans = new Set<string>();
    for (const sql of statements) for (const step of await planOf(sql)) plans.add(step);
    const used = [...plans].join('\n');
    const idle = created().filter(({ name, unique }) => unique === 0 && !new RegExp(`INDEX ${name}\\b`).test(used));
    expect(idle.map(({ name }) => name)).toEqual([]);
  });

  it('docs/indexes.md says so', async () => {
    const row = (name: string, columns: string, unique: string, { serves, query: sql }: Purpose) => [
      name,
      columns,
      unique,
      serves,
      `\`${sql}\``,
    ];
    const keyOf = async (name: string): Promise<string> => {
      const rows = await query<{ name: string }>(
        `select name from pragma_table_info('${name}') where pk > 0 order by pk`,
      );
      return rows.map((one) => one.name).join(', ');
    };
    const keys = await Promise.all(
      Object.entries(primaryKeys).map(async ([name, purpose]) => row(name, await keyOf(name), '', purpose)),
    );
    const text = [
      '# Indexes',
      '',
      'Each index is there for a query. A test holds this page equal to the tables and to the data behind it, looks at the plan of each query written here, and at the plan of every statement that the product sends in a day of its life: none walks a table that grows. The plans are those of SQLite; SQL Server has the same indexes.',
      '',
      table(
        ['Index', 'Columns', 'Unique', 'Serves', 'For example'],
        created().map(({ name, columns, unique }) =>
          row(name, columns, unique === 1 ? 'yes' : '', indexes[name] ?? { serves: '', query: '' }),
        ),
      ),
      '',
      '## Primary keys',
      '',
      'Tables are stored in the order of their primary key (clustered on SQL Server, `WITHOUT ROWID` on SQLite). For tables that grow with persons, runs or years:',
      '',
      table(['Table', 'Columns', '', 'Serves', 'For example'], keys),
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'indexes.md'));
  });
});
