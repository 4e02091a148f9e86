import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TruthUser } from '@itsm-m365/microsoft-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { built, endAll, startNode } from '../end-to-end/surroundings/processes.ts';
import {
  onceArguments,
  type SimulatorProcess,
  skusOf,
  startSimulatorProcess,
} from '../end-to-end/surroundings/simulator-process.ts';
import { type Draw, drawFrom } from './draw.ts';
import { nothing, publishedIn, type State, stateOfTenant } from './state.ts';

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.SOAK_ROUNDS ?? 15);
/** A run that is let end comes after so many killed ones. */
const completeEvery = 3;

/** People come, go, get licences and lose them; seats are bought. Few enough that no import is held. */
const changeTenant = async (simulator: SimulatorProcess, draw: Draw): Promise<void> => {
  const users = await simulator.truth<readonly TruthUser[]>('/truth/users?count=100000');
  const skus = (await skusOf(simulator)).filter(({ listed, appliesTo }) => listed && appliesTo === 'User');
  const deeds: object[] = [{ do: 'set-seats', skuId: draw.one(skus).skuId, seats: 1 + draw.whole(3000) }];
  const chosen = new Set(Array.from({ length: 16 }, () => draw.one(users)));
  for (const { id, held, paths } of chosen) {
    const direct = paths.find(({ groupId, holds }) => groupId === null && holds);
    if (direct !== undefined && draw.fraction() < 0.5) {
      deeds.push({ do: 'unassign', userId: id, skuId: direct.skuId });
    } else {
      const other = skus.find(({ skuId }) => !held.includes(skuId) && !paths.some((path) => path.skuId === skuId));
      if (other !== undefined) deeds.push({ do: 'assign', userId: id, skuId: other.skuId });
    }
  }
  const spared = users.filter((user) => !chosen.has(user));
  deeds.push({ do: 'remove-user', userId: draw.one(spared).id });
  await simulator.mutate(deeds);
};

describe('kill -9', () => {
  let folder: Folder;
  let simulator: SimulatorProcess;
  beforeAll(async () => {
    process.stdout.write(`SOAK_SEED=${seed} SOAK_ROUNDS=${rounds}\n`);
    folder = temporaryFolder();
    simulator = await startSimulatorProcess(4000, seed % 1000);
  });
  afterAll(async () => {
    await simulator?.end();
    endAll();
    folder.remove();
  });

  const start = (at: string) =>
    startNode(built('tooling', 'test-host', 'dist', 'once.js'), onceArguments(simulator, at));

  const complete = async (at: string): Promise<number> => {
    const run = start(at);
    await run.says(/started/);
    const since = performance.now();
    const { code, stderr, stdout } = await run.ended;
    expect(code, stderr).toBe(0);
    const report: { readonly state: string; readonly takenUp: readonly string[] } = JSON.parse(stdout);
    expect(report.state, stderr + stdout).toBe('succeeded');
    // A run that was killed three times is given up, and says so; nothing else makes one fail.
    if (report.takenUp.includes('failed')) expect(report.takenUp).toContain('ITEM_INTERRUPTED');
    return performance.now() - since;
  };

  it(`at any moment of ${rounds} runs leaves one complete state, and the next run succeeds`, async () => {
    const draw = drawFrom(seed);
    const data = join(folder.path, 'killed');
    mkdirSync(data);
    // How long the last run took decides when the next ones may be killed.
    let length = await complete(join(folder.path, 'measured'));
    const states: State[] = [nothing, await stateOfTenant(simulator)];
    let catalogue = 0;
    let compliance = 0;
    const seen = { before: 0, after: 0 };
    const check = async (where: string, atLeast: number): Promise<void> => {
      const published = await publishedIn(data);
      const latest = states.length - 1;
      const allowed = [catalogue, latest].filter((number) => number >= atLeast);
      const found = allowed.find((number) => states[number]?.catalogue === published.catalogue);
      expect(found, `${where}: the catalogue is neither state ${allowed.join(' nor ')}`).toBeDefined();
      catalogue = found ?? catalogue;
      const judged = states.findIndex(
        (state, number) => number >= Math.max(compliance, atLeast) && state.compliance === published.compliance,
      );
      expect(judged, `${where}: the compliance is no complete state since ${compliance}`).toBeGreaterThanOrEqual(0);
      compliance = judged;
    };
    for (let round = 1; round <= rounds; round += 1) {
      if (round > 1) {
        await changeTenant(simulator, draw);
        states.push(await stateOfTenant(simulator));
      }
      const after = draw.fraction() * length * 1.05;
      const where = `SOAK_SEED=${seed}, round ${round}, killed after ${after.toFixed(0)} ms`;
      const run = start(data);
      await run.says(/started/);
      await new Promise((resolve) => setTimeout(resolve, after));
      run.child.kill('SIGKILL');
      await run.ended;
      const before = catalogue;
      await check(where, 0);
      if (catalogue === before) seen.before += 1;
      else seen.after += 1;
      if (round % completeEvery === 0 || round === rounds) {
        length = await complete(data);
        await check(`${where}, then let end`, states.length - 1);
      }
    }
    process.stdout.write(`killed before publication: ${seen.before}, after it: ${seen.after}\n`);
  });
});
