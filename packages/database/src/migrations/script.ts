import type { Database, Instant, Migration, Table, Transaction } from '@itsm-m365/plugin-api';
import type { Knex } from 'knex';
import { databaseErrors } from '../errors.ts';
import { tableCodec } from '../rows.ts';
import { type CreatedColumns, knownColumns, SchemaContext, type Sink } from './context.ts';
import { createHistory, historyOf, type PluginMigrations } from './history.ts';
import { identifier, inline, literal, qualified } from './literals.ts';

const cannot = (what: string): never => {
  throw databaseErrors.MIGRATION_INVALID({ reason: `${what} cannot be written into a script; use execute or insert` });
};

/** Takes the statements of a migration down instead of running them. Rows cannot be read: the tables may not be there. */
class ScriptTransaction implements Transaction {
  readonly dialect: Transaction['dialect'];
  readonly capabilities: Transaction['capabilities'];
  readonly #db: Database;
  readonly #write: (statement: string) => void;
  readonly #codec: Pick<Transaction, 'encode' | 'decode'>;

  constructor(db: Database, codec: Pick<Transaction, 'encode' | 'decode'>, write: (statement: string) => void) {
    this.dialect = db.dialect;
    this.capabilities = db.capabilities;
    this.#db = db;
    this.#codec = codec;
    this.#write = write;
  }

  get sql(): Knex.Transaction {
    return cannot('a query builder');
  }

  name(table: Pick<Table, 'name'>): string {
    return this.#db.name(table);
  }

  async insert<Row extends object>(table: Table<Row>, rows: readonly Row[]): Promise<void> {
    const codec = tableCodec(this.dialect, table);
    const names = codec.columns.map(({ name }) => identifier(this.dialect, name)).join(', ');
    for (const row of rows) {
      const values = codec.encode(row).map((value) => literal(this.dialect, value));
      this.#write(`INSERT INTO ${qualified(this.dialect, this.name(table))} (${names}) VALUES (${values.join(', ')})`);
    }
  }

  async execute(sql: string, bindings: readonly Knex.RawBinding[] = []): Promise<number> {
    this.#write(inline(this.dialect, sql, bindings));
    return 0;
  }

  from = (): never => cannot('a query builder');
  rows = async (): Promise<never> => cannot('a migration that reads rows');
  query = async (): Promise<never> => cannot('a migration that reads rows');
  update = async (): Promise<never> => cannot('update');
  remove = async (): Promise<never> => cannot('remove');
  encode: Transaction['encode'] = (type, value) => this.#codec.encode(type, value);
  decode: Transaction['decode'] = (type, value) => this.#codec.decode(type, value);
  breathe = async (): Promise<void> => undefined;
}

const statementsOf = (db: Database, migration: Migration, now: Instant, created: CreatedColumns): Promise<string[]> =>
  db.read(async (reading) => {
    const statements: string[] = [];
    const write = (statement: string): void => void statements.push(statement);
    const sink: Sink = {
      run: async (statement) => write(statement),
      ...knownColumns(reading, created),
    };
    await migration.up(
      new SchemaContext(new ScriptTransaction(db, reading, write), sink, { now, allowDataLoss: true }),
    );
    return statements;
  });

interface Step {
  readonly plugin: string;
  readonly id: string;
  readonly statements: readonly string[];
}

const historyRow = (db: Database, { plugin, id }: Step): string => {
  const table = qualified(db.dialect, db.name(historyOf(plugin)));
  const now = db.dialect === 'mssql' ? 'SYSUTCDATETIME()' : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
  const names = [identifier(db.dialect, 'id'), identifier(db.dialect, 'applied_at')].join(', ');
  return `INSERT INTO ${table} (${names}) VALUES (${literal(db.dialect, id)}, ${now})`;
};

/*
 * One batch without GO, for any tool. EXEC, since SQL Server compiles a batch as a whole: a column added above would be
 * unknown below. Running it twice does nothing the second time.
 */
const mssqlStep = (db: Database, step: Step): string => {
  const exec = (statement: string): string => `  EXEC(N'${statement.replaceAll("'", "''")}');`;
  const history = qualified('mssql', db.name(historyOf(step.plugin)));
  return [
    `-- ${step.plugin} ${step.id}`,
    'BEGIN TRANSACTION;',
    `IF NOT EXISTS (SELECT 1 AS found FROM ${history} WHERE [id] = ${literal('mssql', step.id)})`,
    'BEGIN',
    ...[historyRow(db, step), ...step.statements].map(exec),
    'END;',
    'COMMIT TRANSACTION;',
  ].join('\n');
};

const mssqlHead = (db: Database, plugins: readonly string[]): string => {
  const [schema = 'dbo'] = db.name({ name: 'x' }).split('.');
  return [
    'SET XACT_ABORT ON;',
    `IF SCHEMA_ID(${literal('mssql', schema)}) IS NULL EXEC(N'CREATE SCHEMA [${schema}]');`,
    ...plugins.map((plugin) => {
      const history = literal('mssql', qualified('mssql', db.name(historyOf(plugin))));
      const create = createHistory(db, plugin).replaceAll("'", "''");
      return `IF OBJECT_ID(${history}) IS NULL EXEC(N'${create}');`;
    }),
  ].join('\n');
};

const sqliteStep = (db: Database, step: Step): string =>
  [
    `-- ${step.plugin} ${step.id}`,
    ...['BEGIN', historyRow(db, step), ...step.statements, 'COMMIT'].map((line) => `${line};`),
  ].join('\n');

const sqliteHead = (db: Database, plugins: readonly string[]): string =>
  plugins
    .map((plugin) => `${createHistory(db, plugin).replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS')};`)
    .join('\n');

/** The SQL of what is pending, with the rows of the history; empty where nothing is. */
export const writeScript = async (
  db: Database,
  plans: readonly { readonly source: PluginMigrations; readonly pending: readonly Migration[] }[],
  now: Instant,
): Promise<string> => {
  const created: CreatedColumns = new Map();
  const steps: Step[] = [];
  for (const { source, pending } of plans)
    for (const migration of pending)
      steps.push({
        plugin: source.plugin,
        id: migration.id,
        statements: await statementsOf(db, migration, now, created),
      });
  if (steps.length === 0) return '';
  const plugins = [...new Set(steps.map(({ plugin }) => plugin))];
  const parts =
    db.dialect === 'mssql'
      ? [mssqlHead(db, plugins), ...steps.map((step) => mssqlStep(db, step))]
      : [sqliteHead(db, plugins), ...steps.map((step) => sqliteStep(db, step))];
  return `${parts.join('\n\n')}\n`;
};
