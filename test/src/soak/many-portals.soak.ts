import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { crowdSuite } from '../end-to-end/surroundings/crowd.ts';
import { temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { built, endAll, runNode } from '../end-to-end/surroundings/processes.ts';

crowdSuite(500, 340);

interface Report {
  readonly databases: readonly {
    readonly runs: {
      readonly portals: readonly {
        readonly facts: Readonly<Record<string, number>>;
        readonly memory: { readonly megabytes: readonly number[] };
      }[];
    };
  }[];
}

describe('500 portals of 50 to 200 users', () => {
  const folder = temporaryFolder();
  afterAll(() => {
    endAll();
    folder.remove();
  });

  it('are imported by one process whose heap may hold 96 MB', async () => {
    const json = join(folder.path, 'bench.json');
    const ended = await runNode(
      built('tooling', 'bench', 'dist', 'main.js'),
      ['--database', 'sqlite', '--only', 'portals', '--json', json],
      { env: { NODE_OPTIONS: '--max-old-space-size=96' } },
    );
    expect(ended.code, ended.stderr).toBe(0);
    const report: Report = JSON.parse(readFileSync(json, 'utf8'));
    const [run] = report.databases[0]?.runs.portals ?? [];
    expect(run?.facts).toMatchObject({ portals: 500, atOnceMost: 4 });
    expect(Math.max(...(run?.memory.megabytes ?? []))).toBeLessThan(300);
  }, 340_000);
});
