import { type Clock, type Database, isKnownError, type Migration, type Transaction } from '@itsm-m365/plugin-api';
import type { LongTransactionOptions } from '../database.ts';
import { databaseErrors } from '../errors.ts';
import { runStatement } from '../statement.ts';
import { tableExists } from './catalogue.ts';
import { databaseSink, SchemaContext } from './context.ts';
import { appliedIds, checkIds, createHistory, type HistoryRow, historyOf, type PluginMigrations } from './history.ts';
import { writeScript } from './script.ts';

/*
 * Not knex's migrator: its lock is a row that stays behind after kill -9, its tables live outside our schema handling,
 * it reads row counts by a column name that not every server gives, and it cannot write a script.
 */

export interface MigrateOptions {
  /** `apply` changes the database, `check` only looks, `script` gives the SQL for a database administrator. */
  readonly mode: 'apply' | 'check' | 'script';
  readonly clock: Clock;
  /** The last migration to apply, by plugin; for tests that start from an older schema. Absent: all. */
  readonly target?: Readonly<Record<string, string>>;
  readonly allowDataLoss?: boolean;
}

export interface MigrationName {
  readonly plugin: string;
  readonly id: string;
}

export interface Migrated {
  /** What this call applied; empty for another mode. */
  readonly applied: readonly MigrationName[];
  /** What is still to be applied, in mode `script`. */
  readonly pending: readonly MigrationName[];
  /** SQL in mode `script`; empty where nothing is pending. */
  readonly script: string;
}

interface Plan {
  readonly source: PluginMigrations;
  readonly pending: readonly Migration[];
}

/** An index over millions of rows takes longer than any request of daily work. */
const long: LongTransactionOptions = { requestTimeoutMs: 3_600_000 };

const plan = async (db: Database, source: PluginMigrations, target: string | undefined): Promise<Plan> => {
  checkIds(source);
  const applied = (await db.read((trx) => appliedIds(trx, source.plugin))) ?? [];
  const known = new Set(source.migrations.map(({ id }) => id));
  const unknown = applied.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw databaseErrors.SCHEMA_NEWER({ unknown: unknown.map((id) => `${source.plugin}/${id}`).join(', ') });
  const done = new Set(applied);
  const pending = source.migrations.filter(({ id }) => !done.has(id) && (target === undefined || id <= target));
  return { source, pending };
};

/** An error of ours that says what to do stays; the rest is named after the migration. */
export const migrationFailure = (error: unknown, plugin: string, migration: string): unknown => {
  if (isKnownError(error) && !(error.kind === 'internal' && error.code.startsWith('DATABASE_'))) return error;
  const reason = error instanceof Error ? error.message : 'unknown';
  return databaseErrors.MIGRATION_FAILED({ plugin, migration, reason }, { cause: error });
};

const ensureHistory = async (db: Database, plugin: string): Promise<void> => {
  const exists = (): Promise<boolean> => db.read((trx) => tableExists(trx, historyOf(plugin).name));
  if (await exists()) return;
  try {
    await db.write((trx) => runStatement(trx, createHistory(db, plugin)), long);
  } catch (error) {
    // Another process was faster.
    if (!(await exists())) throw error;
  }
};

const wasApplied = async (trx: Transaction, plugin: string, id: string): Promise<boolean> => {
  const rows = await trx.rows<HistoryRow>(historyOf(plugin), (query) => query.where({ id }));
  return rows.length > 0;
};

/** True where this call applied it, false where another process did meanwhile. */
const applyOne = async (
  db: Database,
  plugin: string,
  migration: Migration,
  options: MigrateOptions,
): Promise<boolean> => {
  const { clock, allowDataLoss = false } = options;
  const { id } = migration;
  try {
    return await db.write(async (trx) => {
      if (await wasApplied(trx, plugin, id)) return false;
      const now = clock.now();
      // First the row, then the work: two processes meet at its key, and the second waits before it has done anything.
      await trx.insert(historyOf(plugin), [{ id, applied_at: now }]);
      const sink = databaseSink(trx);
      await migration.up(new SchemaContext(trx, sink, { now, allowDataLoss }));
      return true;
    }, long);
  } catch (error) {
    const collided = isKnownError(error, 'DATABASE_CONSTRAINT');
    if (collided && (await db.read((trx) => wasApplied(trx, plugin, id)))) return false;
    throw migrationFailure(error, plugin, id);
  }
};

/**
 * Brings the tables of the plugins up to date, in the order given, each migration in a transaction of its own. Safe to
 * call from several processes at once: each migration runs in one of them. After a failure the migrations before the
 * failed one stay, and the next call goes on from there.
 *
 * @throws SCHEMA_NEWER, SCHEMA_MISSING (mode `check`), MIGRATION_FAILED, MIGRATION_INVALID, DATABASE_RIGHT_MISSING
 */
export const migrate = async (
  db: Database,
  plugins: readonly PluginMigrations[],
  options: MigrateOptions,
): Promise<Migrated> => {
  const plans: Plan[] = [];
  for (const source of plugins) plans.push(await plan(db, source, options.target?.[source.plugin]));
  const pending = plans.flatMap(({ source, pending }) => pending.map(({ id }) => ({ plugin: source.plugin, id })));
  if (options.mode === 'check') {
    if (pending.length > 0)
      throw databaseErrors.SCHEMA_MISSING({ missing: pending.map(({ plugin, id }) => `${plugin}/${id}`).join(', ') });
    return { applied: [], pending, script: '' };
  }
  if (options.mode === 'script')
    return { applied: [], pending, script: await writeScript(db, plans, options.clock.now()) };
  const applied: MigrationName[] = [];
  for (const { source, pending: migrations } of plans) {
    await ensureHistory(db, source.plugin);
    for (const migration of migrations)
      if (await applyOne(db, source.plugin, migration, options))
        applied.push({ plugin: source.plugin, id: migration.id });
  }
  return { applied, pending: [], script: '' };
};

/**
 * Takes migrations of one plugin back, the newest first, down to and without `toId`; without `toId` all of them.
 *
 * @throws MIGRATION_LOSES_DATA where rows would go and `allowDataLoss` is not set, SCHEMA_NEWER
 */
export const down = async (
  db: Database,
  source: PluginMigrations,
  toId: string | undefined,
  { clock, allowDataLoss = false }: { readonly clock: Clock; readonly allowDataLoss?: boolean },
): Promise<readonly string[]> => {
  await plan(db, source, undefined);
  const applied = (await db.read((trx) => appliedIds(trx, source.plugin))) ?? [];
  const going = source.migrations
    .filter(({ id }) => applied.includes(id) && (toId === undefined || id > toId))
    .reverse();
  const gone: string[] = [];
  for (const migration of going) {
    const { id } = migration;
    try {
      const removed = await db.write(async (trx) => {
        const changed = await trx.remove(historyOf(source.plugin), (query) => query.where({ id }));
        if (changed === 0) return false;
        const sink = databaseSink(trx);
        await migration.down(new SchemaContext(trx, sink, { now: clock.now(), allowDataLoss }));
        return true;
      }, long);
      if (removed) gone.push(id);
    } catch (error) {
      throw migrationFailure(error, source.plugin, id);
    }
  }
  return gone;
};
