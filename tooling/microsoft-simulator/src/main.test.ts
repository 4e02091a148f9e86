import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const home = resolve(import.meta.dirname, '..');
let built: string;

beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'microsoft-simulator-'));
  const compiler = join(home, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['-p', join(home, 'tsconfig.build.json'), '--outDir', join(built, 'dist'), '--sourceMap', 'false'];
  // Types are the typecheck's business.
  const quick = ['--noCheck', '--declaration', 'false'];
  await promisify(execFile)(process.execPath, [compiler, ...options, ...quick]);
  writeFileSync(join(built, 'package.json'), '{"type":"module"}');
  symlinkSync(join(home, 'node_modules'), join(built, 'node_modules'), 'junction');
}, 60_000);

afterAll(() => rmSync(built, { recursive: true, force: true }));

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [join(built, 'dist', 'main.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

const outcome = (child: ChildProcess): Promise<{ code: number | null; text: string }> =>
  new Promise((done) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      text += String(chunk);
    });
    child.once('close', (code) => done({ code, text }));
  });

const whenListening = (child: ChildProcess): Promise<string> =>
  new Promise((done, fail) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('hosts')) done(text);
    });
    child.once('close', () => fail(new Error(`It ended: ${text}`)));
  });

// Windows ends a process at once, whatever the signal.
test.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGINT'] as const)(
  'the command serves, says where and as whom, and ends cleanly on %s',
  async (signal) => {
    const child = start('--port', '0', '--users', '40', '--tenants', '2', '--secret', 'known only to me');
    const ended = outcome(child);
    const text = await whenListening(child);
    expect(text).toContain('0f6e2d5a-9c3b-4b7e-8a41-5d2c7b1e9f60');
    expect(text).not.toContain('known only to me');
    const url = /listening on (http:\S+)/.exec(text)?.[1] ?? '';
    const overview = (await (await fetch(`${url}/_control/`)).json()) as { tenants: { users: number }[] };
    expect(overview.tenants.map((tenant) => tenant.users)).toEqual([40, 40]);
    child.kill(signal);
    expect((await ended).code).toBe(0);
  },
);

test('a secret made at the start is shown, and is another one each time', async () => {
  const secrets = await Promise.all(
    [1, 2].map(async () => {
      const child = start('--port', '0', '--users', '10');
      const text = await whenListening(child);
      child.kill();
      return /secret\s+(\S+)/.exec(text)?.[1];
    }),
  );
  expect(secrets[0]).toMatch(/^[\w-]{32}$/);
  expect(secrets[0]).not.toBe(secrets[1]);
});

test('--help explains, and a wrong value ends with 2', async () => {
  const calls = [['--help'], ['--users', 'many'], ['--cloud', 'nine'], ['--nonsense']];
  const [help, users, cloud, nonsense] = await Promise.all(calls.map((args) => outcome(start(...args))));
  expect(help).toMatchObject({ code: 0, text: expect.stringContaining('--assignments-per-user') });
  expect([users?.code, cloud?.code]).toEqual([2, 2]);
  expect(nonsense?.code).toEqual(expect.any(Number));
  expect(nonsense?.code).not.toBe(0);
});
