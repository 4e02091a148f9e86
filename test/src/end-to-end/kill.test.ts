import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawFrom } from '../soak/draw.ts';
import { KilledRuns } from '../soak/kill-import.ts';
import { KilledSettings } from '../soak/kill-settings.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { endAll } from './surroundings/processes.ts';
import { type SimulatorProcess, startSimulatorProcess } from './surroundings/simulator-process.ts';

// A small, fixed sample of the soak suite, which kills at moments that are drawn.

describe('kill -9', () => {
  let folder: Folder;
  let simulator: SimulatorProcess;
  beforeAll(async () => {
    folder = temporaryFolder();
    simulator = await startSimulatorProcess(1500);
  }, 30_000);
  afterAll(async () => {
    await simulator?.end();
    endAll();
    folder.remove();
  });

  it('in a publication, of an import or of statuses, leaves the state before it or after it, and the next run succeeds', async () => {
    const draw = drawFrom(1);
    const runs = new KilledRuns({ simulator, folder: join(folder.path, 'runs') });
    await runs.prepare('import', draw);
    await runs.killAt('import', /phase \S+ Publishing$/m, 60);
    await runs.prepare('import', draw);
    const first = await runs.killAt('import', /phase \S+ Publishing statuses/);
    await runs.complete('import', first);
    await runs.prepare('import', draw);
    const changes = await runs.killAt('import', /phase \S+ Publishing$/m, 60);
    await runs.complete('import', changes);
    expect(runs.seen.deltas).toBeGreaterThan(0);
  }, 150_000);

  it('in the middle of changing settings leaves each item whole, with its secret and its line of the audit', async () => {
    const settings = new KilledSettings(folder.path);
    for (const changes of [3, 4]) await settings.killAfter(changes);
  }, 150_000);
});
