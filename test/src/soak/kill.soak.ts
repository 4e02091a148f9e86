import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { endAll } from '../end-to-end/surroundings/processes.ts';
import { type SimulatorProcess, startSimulatorProcess } from '../end-to-end/surroundings/simulator-process.ts';
import { openServerDatabase, type ServerDatabase } from '../end-to-end/surroundings/sql-server.ts';
import { drawFrom } from './draw.ts';
import { type Deed, KilledRuns } from './kill-import.ts';
import { KilledMigrations } from './kill-migration.ts';
import { KilledSettings } from './kill-settings.ts';

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.SOAK_ROUNDS ?? 20);
/** A run that is let end comes after so many killed ones of its kind. */
const completeEvery = 3;

type Kind = Deed | 'migration' | 'settings';

/** Of ten rounds so many are of a kind. */
const kinds: readonly Kind[] = [
  'import',
  'import',
  'import',
  'full import',
  'recalculation',
  'recalculation',
  'refresh',
  'migration',
  'migration',
  'settings',
];

describe('kill -9', () => {
  let folder: Folder;
  let simulator: SimulatorProcess;
  beforeAll(async () => {
    process.stdout.write(`SOAK_SEED=${seed} SOAK_ROUNDS=${rounds}\n`);
    folder = temporaryFolder();
    simulator = await startSimulatorProcess(2000, seed % 1000);
  });
  afterAll(async () => {
    await simulator?.end();
    endAll();
    folder.remove();
  });

  it(`at any moment of ${rounds} rounds leaves one complete state, and the next run succeeds`, async () => {
    const draw = drawFrom(seed);
    const runs = new KilledRuns({ simulator, folder: join(folder.path, 'killed') });
    const complete = join(folder.path, 'complete');
    const finished = new KilledRuns({ simulator, folder: complete });
    await finished.prepare('import', draw);
    await finished.complete('import', `SOAK_SEED=${seed}, before all rounds`);
    const migrations = new KilledMigrations({ simulator, complete, folder: folder.path });
    const settings = new KilledSettings(folder.path);
    const counts = new Map<Kind, number>();
    const tell = (round: number): void => {
      const seen = { runs: runs.seen, migrations: migrations.seen, settings: settings.seen };
      process.stdout.write(`${round} rounds: ${JSON.stringify({ kills: Object.fromEntries(counts), ...seen })}\n`);
    };
    // The first import is killed too, until one is let end.
    await runs.prepare('import', draw);
    for (let round = 1; round <= rounds; round += 1) {
      const kind = round <= completeEvery ? 'import' : draw.one(kinds);
      const where = `SOAK_SEED=${seed}, round ${round}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (kind === 'migration') await migrations.round(draw, where);
      else if (kind === 'settings') await settings.round(draw, where);
      else {
        if (round > 1) await runs.prepare(kind, draw);
        const killed = `${where}, ${await runs.kill(kind, draw)}`;
        if ((counts.get(kind) ?? 0) % completeEvery === 0) await runs.complete(kind, killed);
      }
      if (round % 20 === 0) tell(round);
    }
    await runs.complete('import', `SOAK_SEED=${seed}, after all rounds`);
    tell(rounds);
  }, 3_600_000);
});

const url = process.env.TEST_MSSQL_URL;

describe.skipIf(url === undefined)('kill -9 on SQL Server', () => {
  const few = Math.max(3, Math.floor(rounds / 6));
  let folder: Folder;
  let simulator: SimulatorProcess;
  let database: ServerDatabase;
  beforeAll(async () => {
    process.stdout.write(`SOAK_SEED=${seed}, ${few} rounds on SQL Server\n`);
    folder = temporaryFolder();
    simulator = await startSimulatorProcess(1000, seed % 1000);
    database = await openServerDatabase(url ?? '');
  }, 120_000);
  afterAll(async () => {
    await simulator?.end();
    endAll();
    await database?.drop();
    folder.remove();
  }, 120_000);

  it(`at any moment of ${few} imports leaves one complete state, and the next run succeeds`, async () => {
    const draw = drawFrom(seed);
    const runs = new KilledRuns({ simulator, folder: join(folder.path, 'server'), connection: database.owner });
    await runs.prepare('import', draw);
    for (let round = 1; round <= few; round += 1) {
      const where = `SOAK_SEED=${seed}, round ${round} on SQL Server`;
      if (round > 1) await runs.prepare('import', draw);
      const killed = `${where}, ${await runs.kill('import', draw)}`;
      if (round % 2 === 0 || round === few) await runs.complete('import', killed);
    }
    expect(runs.seen.fulls + runs.seen.deltas).toBeGreaterThan(0);
    process.stdout.write(`${JSON.stringify(runs.seen)}\n`);
  }, 1_200_000);
});
