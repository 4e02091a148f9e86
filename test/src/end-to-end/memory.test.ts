import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { built, endAll, runNode } from './surroundings/processes.ts';
import {
  onceArguments,
  type SimulatorProcess,
  skusOf,
  startSimulatorProcess,
} from './surroundings/simulator-process.ts';

const users = 50_000;

describe('Memory', () => {
  let folder: Folder;
  let simulator: SimulatorProcess;
  beforeAll(async () => {
    folder = temporaryFolder();
    simulator = await startSimulatorProcess(users);
  }, 30_000);
  afterAll(async () => {
    await simulator?.end();
    endAll();
    folder.remove();
  });

  it('imports 50,000 users with a heap of 96 MB, and finds exactly who is there', async () => {
    const ended = await runNode(
      built('tooling', 'test-host', 'dist', 'once.js'),
      onceArguments(simulator, folder.path),
      { nodeOptions: ['--max-old-space-size=96'] },
    );
    expect(ended.code, ended.stderr).toBe(0);
    const report = JSON.parse(ended.stdout);
    expect(report).toMatchObject({ state: 'succeeded', portalUsers: users });
    const skus = (await skusOf(simulator)).filter(({ listed }) => listed);
    const wanted = skus.map(({ skuId, appliesTo, consumed }) => [skuId, appliesTo === 'User' ? consumed : 0]);
    const found: { sku: string; consumers: number }[] = report.products;
    expect(found.map(({ sku, consumers }) => [sku, consumers]).sort()).toEqual(wanted.sort());
    const { skuId, consumed } = skus.find(({ skuPartNumber }) => skuPartNumber === 'SPE_E3') ??
      skus[0] ?? { skuId: '', consumed: 0 };
    const holders = await simulator.truth<readonly string[]>(`/truth/holders/${skuId}`);
    expect(holders).toHaveLength(consumed);
    expect(report.peakMegabytes).toBeLessThan(400);
  }, 90_000);
});
