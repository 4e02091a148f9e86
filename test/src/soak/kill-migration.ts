import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { down, migrate, type PluginMigrations } from '@itsm-m365/database';
import type { Database } from '@itsm-m365/plugin-api';
import { allPlugins, machineClock } from '@itsm-m365/server-tasks';
import { expect } from 'vitest';
import { migrations as coreMigrations } from '../../../apps/server-tasks/src/store/migrations.ts';
import { built, startNode } from '../end-to-end/surroundings/processes.ts';
import { onceArguments, type SimulatorProcess } from '../end-to-end/surroundings/simulator-process.ts';
import { publishedRows } from '../stored/published.ts';
import type { Draw } from './draw.ts';
import { integrityOf, look } from './state.ts';

const sources: readonly PluginMigrations[] = [
  { plugin: 'server-tasks', migrations: coreMigrations },
  ...allPlugins.map(({ id, migrations = [] }) => ({ plugin: id, migrations })),
].filter(({ migrations }) => migrations.length > 0);

const historyName = (plugin: string): string => `task_migrations_${plugin.replaceAll('-', '_')}`;

type Schema = ReadonlyMap<string, string>;

const schemaOf = (db: Database): Promise<Schema> =>
  db.read(async (trx) => {
    const rows = await trx.query<{ name: string; sql: string | null }>('SELECT name, sql FROM sqlite_master');
    return new Map(rows.flatMap(({ name, sql }) => (sql === null ? [] : [[name, sql] as const])));
  });

const withoutHistories = (schema: Schema): Schema =>
  new Map([...schema].filter(([name]) => !name.startsWith('task_migrations_')));

/** The last migration of each plugin that the histories tell of; undefined where there is none. */
const appliedIn = async (db: Database, schema: Schema): Promise<ReadonlyMap<string, string | undefined>> =>
  db.read(async (trx) => {
    const applied = new Map<string, string | undefined>();
    for (const { plugin } of sources) {
      const name = historyName(plugin);
      const rows: { id: string }[] = schema.has(name) ? await trx.from({ name }).select('id').orderBy('id') : [];
      applied.set(plugin, rows.at(-1)?.id);
    }
    return applied;
  });

/** The schema that these migrations make of an empty database. */
const schemaAfter = (applied: ReadonlyMap<string, string | undefined>): Promise<Schema> =>
  look({ dialect: 'sqlite', file: ':memory:' }, async (db) => {
    const target = Object.fromEntries([...applied].map(([plugin, id]) => [plugin, id ?? '000']));
    await migrate(db, sources, { mode: 'apply', clock: machineClock, target });
    return schemaOf(db);
  });

/** Runs that were ever begun: once the tables are there, a start goes on to its import. */
const runsIn = (db: Database): Promise<number> =>
  db.read(async (trx) => {
    const rows: { found: unknown }[] = await trx.from({ name: 'task_run' }).count({ found: '*' });
    return Number(rows[0]?.found ?? 0);
  });

const stateBefore = async (db: Database) => ({ runs: await runsIn(db), rows: await publishedRows(db) });

export interface OldFile {
  /** Folder of a host that has imported. */
  readonly complete: string;
  readonly folder: string;
  readonly simulator: SimulatorProcess;
}

/** Kills a host while it brings its tables up to date, from nothing or from an older version that has data. */
export class KilledMigrations {
  readonly seen = { killedBefore: 0, killedWithin: 0, killedAfter: 0 };
  readonly #at: OldFile;
  #rounds = 0;
  #length = 1000;

  constructor(at: OldFile) {
    this.#at = at;
  }

  /** A folder with the host's own store, and with an older file of the plugins, or none. */
  async #folder(old: boolean): Promise<string> {
    this.#rounds += 1;
    const folder = join(this.#at.folder, `migrated-${this.#rounds}`);
    mkdirSync(folder, { recursive: true });
    if (!old) return folder;
    for (const name of ['plugins.db', 'foreign.db', 'vault.txt', 'vault.key'])
      copyFileSync(join(this.#at.complete, name), join(folder, name));
    await look({ dialect: 'sqlite', file: join(folder, 'plugins.db') }, (db) => {
      const [core] = sources;
      if (core === undefined) throw new Error('there are no migrations');
      return down(db, core, '001-runs', { clock: machineClock, allowDataLoss: true });
    });
    return folder;
  }

  async round(draw: Draw, where: string): Promise<string> {
    const old = draw.fraction() < 0.5;
    const folder = await this.#folder(old);
    const file = join(folder, 'plugins.db');
    const connection = { dialect: 'sqlite', file } as const;
    const before = old ? await look(connection, stateBefore) : undefined;
    // The tables come first of what a start does.
    const after = draw.fraction() ** 2 * this.#length;
    const start = () =>
      startNode(built('tooling', 'test-host', 'dist', 'once.js'), onceArguments(this.#at.simulator, folder));
    const run = start();
    await run.says(/migrating/);
    await new Promise((resolve) => setTimeout(resolve, after));
    run.child.kill('SIGKILL');
    await run.ended;
    const told = `${where}, ${old ? 'an older file' : 'an empty file'}, killed ${after.toFixed(0)} ms into the start`;
    await look(connection, async (db) => {
      expect(await integrityOf(db), told).toEqual([]);
      const schema = await schemaOf(db);
      const applied = await appliedIn(db, schema);
      expect(withoutHistories(schema), told).toEqual(withoutHistories(await schemaAfter(applied)));
      const latest = sources.filter(({ plugin, migrations }) => applied.get(plugin) === migrations.at(-1)?.id).length;
      if (latest === sources.length) this.seen.killedAfter += 1;
      else if (schema.size === 0 || (old && applied.get('server-tasks') === '001-runs')) this.seen.killedBefore += 1;
      else this.seen.killedWithin += 1;
      // Killed late, it had begun to import: what that may change is the matter of the other rounds.
      if (before !== undefined && (await runsIn(db)) === before.runs)
        expect(await publishedRows(db), told).toEqual(before.rows);
    });
    const next = start();
    await next.says(/migrating/);
    const since = performance.now();
    await next.says(/started/);
    this.#length = performance.now() - since;
    const { code, stderr } = await next.ended;
    expect(code, `${told}: ${stderr}`).toBe(0);
    rmSync(folder, { recursive: true, force: true });
    return told;
  }
}
