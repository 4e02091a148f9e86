import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { built, type Ended, endAll, runNode, startNode } from './surroundings/processes.ts';

const command = (): string => built('apps', 'reference-host', 'dist', 'main.js');

describe('npm start -- --backup and --restore', () => {
  let folder: Folder;
  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => {
    endAll();
    folder.remove();
  });

  const start = (args: readonly string[]): Promise<Ended> =>
    runNode(command(), ['--data', join(folder.path, 'data'), '--users', '60', '--language', 'en', ...args]);

  it('copy a host that runs, refuse to put it back while it does, and bring it back into restored mode', async () => {
    const backup = join(folder.path, 'backup');
    const first = await start(['--once']);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).not.toMatch(/restored/i);

    const running = startNode(command(), ['--data', join(folder.path, 'data'), '--users', '60', '--port', '0']);
    await running.says(/http:\/\/127\.0\.0\.1:\d+/);
    const copied = await start(['--backup', backup]);
    expect(copied.code, copied.stderr).toBe(0);
    expect(copied.stdout).toContain(backup);
    const refused = await start(['--restore', backup]);
    expect([refused.code, refused.stderr.length > 0]).toEqual([1, true]);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);

    const back = await start(['--restore', backup]);
    expect(back.code, back.stderr).toBe(0);
    expect(back.stdout).toContain('before-restore-');
    const again = await start(['--once']);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toMatch(/restored/i);
  }, 60_000);

  it('end with 1 and say what is wrong with a folder that is no backup, or is changed', async () => {
    const nothing = await start(['--restore', join(folder.path, 'nothing')]);
    expect([nothing.code, nothing.stdout]).toEqual([1, '']);
    const backup = join(folder.path, 'second');
    expect((await start(['--backup', backup])).code).toBe(0);
    const twice = await start(['--backup', backup]);
    expect([twice.code, twice.stdout]).toEqual([1, '']);
    writeFileSync(join(backup, 'itsm.sqlite'), 'changed');
    const changed = await start(['--restore', backup]);
    expect([changed.code, changed.stdout]).toEqual([1, '']);
    rmSync(backup, { recursive: true });
  }, 60_000);
});
