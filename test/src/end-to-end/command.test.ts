import { join } from 'node:path';
import { openDatabase } from '@itsm-m365/database';
import { contacts, licences, products } from '@itsm-m365/licence-catalog';
import { machineClock } from '@itsm-m365/server-tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { built, type Ended, endAll, runNode, type StartOptions, startNode } from './surroundings/processes.ts';

const command = (): string => built('apps', 'reference-host', 'dist', 'main.js');

/** Rows of what an import publishes; the process that had the file has ended. */
const publishedIn = async (folder: string): Promise<readonly number[]> => {
  const db = await openDatabase({ dialect: 'sqlite', file: join(folder, 'itsm.sqlite') }, { clock: machineClock });
  try {
    return await db.read(async (trx) => [
      (await trx.rows(products)).length,
      (await trx.rows(licences)).length,
      (await trx.rows(contacts)).length,
    ]);
  } finally {
    await db.close();
  }
};

describe('npm start -- --once', () => {
  let folder: Folder;
  beforeAll(() => {
    folder = temporaryFolder();
  });
  afterAll(() => {
    endAll();
    folder.remove();
  });

  const data = (name: string): string => join(folder.path, name);
  const once = (args: readonly string[], options?: StartOptions): Promise<Ended> =>
    runNode(command(), ['--once', ...args], options);

  it('imports the simulated tenant, prints what it found and ends with 0; a second run does so too', async () => {
    const first = await once(['--data', data('one'), '--users', '120', '--language', 'en']);
    expect(first.stderr).not.toMatch(/error|warn/i);
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^Product +SKU +Enabled +Grace +Available +Consumers +Balance +Status/m);
    expect(first.stdout).toMatch(/^Contoso - Microsoft 365 E3 +SPE_E3 +\d+ +0 +\d+ +\d+ +-?\d+ +\S/m);
    expect(first.stdout).toMatch(/^users +120$/m);
    expect(first.stdout).toMatch(/Run succeeded after/);

    const second = await once(['--data', data('one'), '--users', '120'], { env: { LANG: 'de_DE.UTF-8' } });
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(second.stdout).toMatch(/^Produkt +SKU +Aktiv +Schonfrist +Verfügbar +Verbraucher +Saldo +Status/m);
    expect(second.stdout).toMatch(/Vollständig lizenziert/);
    expect(second.stdout).toMatch(/Lauf erfolgreich nach/);
    const table = (text: string): string[] =>
      [...text.matchAll(/^Contoso - .*?(\w+(?: +-?\d+){5})/gm)].map((match) => (match[1] ?? '').replaceAll(/ +/g, ' '));
    expect(table(second.stdout)).toEqual(table(first.stdout));
    expect(table(first.stdout)).toHaveLength(15);
  }, 40_000);

  it('writes SQL and nothing else with --migrate script, and creates no table', async () => {
    const ended = await once(['--data', data('script'), '--migrate', 'script']);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^CREATE TABLE IF NOT EXISTS "task_migrations_reference_host"/);
    for (const table of ['host_setting', 'lic_assignment', 'm365_portal_state', 'task_run'])
      expect(ended.stdout).toContain(table);
    expect(ended.stdout).not.toMatch(/simulator/i);
    const checked = await once(['--data', data('script'), '--migrate', 'check']);
    expect([checked.code, checked.stderr]).toEqual([1, expect.stringContaining('SCHEMA_MISSING')]);
  });

  it('ends with 1 and says what is wrong with an argument, an environment, a database', async () => {
    const [unknown, wrong, half, unreachable, help] = await Promise.all([
      once(['--bogus']),
      once(['--users', '3', '--data', data('two')]),
      once(['--data', data('two')], { env: { M365_TENANT_ID: '0f6e2d5a-9c3b-4b7e-8a41-5d2c7b1e9f60' } }),
      once(['--data', data('two')], { env: { DATABASE_URL: 'mssql://sa:hidden@127.0.0.1:1/itsm?encrypt=false' } }),
      once(['--help']),
    ]);
    const readable = { code: 1, stdout: '' };
    expect(unknown).toMatchObject({ ...readable, stderr: expect.stringMatching(/'--bogus'.*ARGUMENT_UNKNOWN/) });
    expect(wrong).toMatchObject({ ...readable, stderr: expect.stringMatching(/"3" of --users.*ARGUMENT_WRONG/) });
    expect(half).toMatchObject({ ...readable, stderr: expect.stringMatching(/M365_CLIENT_ID/) });
    expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringMatching(/127\.0\.0\.1.*DATABASE_UNREACHABLE/) });
    for (const { stderr } of [unknown, wrong, half, unreachable]) {
      expect(stderr).not.toMatch(/^ +at /m);
      expect(stderr).not.toContain('hidden');
    }
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/--once[\s\S]*DATABASE_URL/) });
  }, 40_000);

  it('is cancelled by SIGINT with 130 and publishes nothing; kill -9 leaves nothing half either', async () => {
    const large = ['--once', '--data', data('three'), '--users', '20000', '--language', 'en'];
    const cancelled = startNode(command(), large);
    await cancelled.says(/Contoso: Reading/);
    cancelled.child.kill('SIGINT');
    expect(await cancelled.ended).toMatchObject({ code: 130, stdout: expect.stringMatching(/Run cancelled after/) });
    expect(await publishedIn(data('three'))).toEqual([0, 0, 0]);

    const killed = startNode(command(), large);
    await killed.says(/Contoso: Reading users/);
    killed.child.kill('SIGKILL');
    expect((await killed.ended).code).toBeNull();
    expect(await publishedIn(data('three'))).toEqual([0, 0, 0]);

    const after = await once(['--data', data('three'), '--users', '120', '--language', 'en']);
    expect(after.code, after.stdout + after.stderr).toBe(0);
    expect(after.stdout).toMatch(/^users +120$/m);
    expect((await publishedIn(data('three')))[0]).toBe(15);
  }, 60_000);
});
