import { closeSync, copyFileSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { addPortal, portalOf } from '../end-to-end/surroundings/portals.ts';
import { tasks } from '../end-to-end/surroundings/runs.ts';
import { type Simulated, simulate } from '../end-to-end/surroundings/simulated.ts';
import { expectedFigures, listedSkus } from '../end-to-end/surroundings/truth.ts';
import { compliance, figuresOf } from '../end-to-end/surroundings/views.ts';
import { historyProblems } from '../stored/history.ts';
import { publishedRows, stagedRows } from '../stored/published.ts';
import { type Outcome, openSite, type Site, withoutFollower } from './surroundings/site.ts';

/** A number of the writer's connection: `PRAGMA page_count`. */
const pragma = async (site: Site, text: string): Promise<number> => {
  const rows = await site.db.write((trx) => trx.query<Record<string, unknown>>(`PRAGMA ${text}`));
  return Number(Object.values(rows[0] ?? {})[0]);
};

/** Free pages inside the file would hide a full disk. */
const useUpFreePages = async (site: Site): Promise<void> => {
  await site.db.write((trx) => trx.execute('CREATE TABLE IF NOT EXISTS filler (bytes BLOB)'));
  while ((await pragma(site, 'freelist_count')) > 0)
    await site.db.write((trx) => trx.execute('INSERT INTO filler VALUES (zeroblob(4000))'));
};

const unlimited = 2 ** 30;

describe('A SQLite file', () => {
  let folder: Folder;
  let simulated: Simulated;
  let site: Site;
  let file: string;

  beforeEach(async () => {
    folder = temporaryFolder();
    file = join(folder.path, 'plugins.db');
    simulated = await simulate({ users: 300 });
    site = await openSite(file, simulated);
    await addPortal(site, portalOf(simulated.tenant(), 'Faulty'));
  }, 30_000);
  afterEach(async () => {
    await site?.close();
    await simulated?.close();
    folder.remove();
  }, 30_000);

  const expectTold = ({ notices }: Outcome, code: string): void => {
    const told = notices.find((notice) => notice.code === code);
    expect(told, JSON.stringify(notices)).toBeDefined();
    expect(told?.texts).toHaveLength(4);
    expect(told?.texts.every((text) => text !== '')).toBe(true);
  };

  const expectTruth = async (): Promise<void> => {
    expect(figuresOf(await compliance(site))).toEqual(expectedFigures(simulated.tenant()));
    expect(await historyProblems(site.db)).toEqual([]);
    expect(await stagedRows(site.db)).toBe(0);
    expect(new Sqlite(file, { readonly: true }).pragma('integrity_check', { simple: true })).toBe('ok');
  };

  it('that cannot grow fails an import at whatever page it ends, changes nothing, and goes on once there is room', async () => {
    await withoutFollower(site);
    const before = await publishedRows(site.db);
    const phases = new Set<string>();
    // The phase seen last is that of a moment ago: whether rows of a stage were being written is looked at where it happens.
    const staging = vi.spyOn(site.db, 'load');
    const base = await pragma(site, 'page_count');
    let unwritten = false;
    for (let room = 1; ; room += Math.min(20, Math.ceil(room * 0.7))) {
      await pragma(site, `max_page_count = ${base + room}`);
      const outcome = await site.attempt(tasks.import);
      if (outcome.state === 'succeeded') break;
      phases.add(outcome.phase);
      unwritten = outcome.state === 'unwritten';
      if (unwritten) expect(site.codes()).toContain('DATABASE_FULL');
      else expectTold(outcome, 'DATABASE_FULL');
      expect(await publishedRows(site.db)).toEqual(before);
      expect(room).toBeLessThan(2000);
      // Where not even the failure could be written, the run goes on once there is room: no later page is left to try.
      if (unwritten) {
        await pragma(site, `max_page_count = ${unlimited}`);
        await site.settle();
        break;
      }
    }
    const failures = await Promise.allSettled(staging.mock.results.map(({ value }) => value));
    staging.mockRestore();
    const codes = failures.map((load) => (load.status === 'rejected' ? Reflect.get(Object(load.reason), 'code') : ''));
    expect(codes).toContain('DATABASE_FULL');
    if (!unwritten) expect([...phases]).toContain('Publishing');
    await pragma(site, `max_page_count = ${unlimited}`);
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    await expectTruth();
  }, 60_000);

  it('that cannot grow fails a recalculation, which changes nothing then', async () => {
    await withoutFollower(site);
    expect((await site.attempt(tasks.import)).state).toBe('succeeded');
    await useUpFreePages(site);
    const before = await publishedRows(site.db);
    await pragma(site, `max_page_count = ${(await pragma(site, 'page_count')) + 2}`);
    const outcome = await site.attempt(tasks.recalculate);
    expectTold(outcome, 'DATABASE_FULL');
    expect(await publishedRows(site.db)).toEqual(before);
    await pragma(site, `max_page_count = ${unlimited}`);
    await site.settle();
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    await expectTruth();
  }, 30_000);

  it('that another connection writes to for longer than we wait fails the run as busy, and the next one succeeds', async () => {
    await withoutFollower(site);
    await pragma(site, 'busy_timeout = 20');
    simulated.simulator.faults.enable('slow-body', { milliseconds: 300, endpoint: 'users' });
    const before = await publishedRows(site.db);
    // It does not wait itself: what it would wait for goes on in this thread.
    const rival = new Sqlite(file, { timeout: 0 });
    const { run } = await site.host.tasks.start(tasks.import);
    const phase = async () => (await site.host.tasks.runs.get(run.id)).items[0]?.progress?.phase.en;
    await expect.poll(phase).toBe('Reading licences');
    await vi.waitFor(() => rival.exec('BEGIN IMMEDIATE'), { interval: 5 });
    await expect.poll(() => site.failures(), { timeout: 15_000 }).toContain('DATABASE_BUSY');
    rival.exec('ROLLBACK');
    rival.close();
    await site.settle();
    const detail = await site.host.tasks.runs.get(run.id);
    expect(detail.state).toBe('failed');
    expect(detail.notices.map(({ notice }) => notice.code)).toContain('DATABASE_BUSY');
    expect(await publishedRows(site.db)).toEqual(before);
    simulated.simulator.faults.clear();
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    await expectTruth();
  }, 60_000);

  it('that may be read and not written refuses to start anything, says so, and shows what it has', async () => {
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    const before = await publishedRows(site.db);
    await pragma(site, 'query_only = ON');
    const outcome = await site.attempt(tasks.import);
    expect(outcome.state).toBe('refused');
    expectTold(outcome, 'DATABASE_READ_ONLY');
    const answer = await site.call<{ code: string; remedy: string }>('POST', `/tasks/${tasks.import}/start`, {
      language: 'de',
    });
    expect([answer.status, answer.body.code]).toEqual([422, 'DATABASE_READ_ONLY']);
    expect(answer.body.remedy).toMatch(/Schreibrechte/);
    expect(await compliance(site)).toHaveLength(listedSkus(simulated.tenant()).length);
    expect(await publishedRows(site.db)).toEqual(before);
    await site.close();
    site = await openSite(file, simulated);
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    await expectTruth();
  }, 60_000);

  it('that was damaged is refused with what to do, and a copy put back in its place serves the next run', async () => {
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    await site.close();
    const copy = `${file}.copy`;
    copyFileSync(file, copy);
    writeFileSync(file, Buffer.alloc(statSync(copy).size, 'not a database '));
    await expect(openSite(file, simulated)).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' });

    // The head is whole, and the pages behind it are not: found when they are read.
    writeFileSync(file, readFileSync(copy));
    const torn = openSync(file, 'r+');
    const pages = statSync(copy).size / 4096;
    for (let page = 12; page < pages; page += 1) writeSync(torn, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    closeSync(torn);
    const opened = await openSite(file, simulated).catch((error: unknown) => error);
    if (opened instanceof Error) expect(opened).toMatchObject({ code: 'DATABASE_DAMAGED' });
    else {
      site = opened as Site;
      await site.attempt(tasks.import);
      expect(site.codes()).toContain('DATABASE_DAMAGED');
      await site.close();
    }
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    copyFileSync(copy, file);
    site = await openSite(file, simulated);
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    await expectTruth();
  }, 60_000);
});
