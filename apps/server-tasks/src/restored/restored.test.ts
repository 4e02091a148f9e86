import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import type { AfterRestore, Cursor, MarkStore, ServerPlugin, Table } from '@itsm-m365/plugin-api';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerTasksOptions } from '../contract.ts';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import {
  auditTable,
  eventTable,
  fenceTable,
  itemTable,
  leaseTable,
  logTable,
  markTable,
  nodeTable,
  noticeTable,
  releaseTable,
  restoredTable,
  runTable,
  scheduleTable,
} from '../store/tables.ts';
import { testClock, until } from '../testing/clock.ts';
import { gate, untilAborted } from '../testing/gates.ts';
import { type TestHost, testHost } from '../testing/host.ts';
import { samplePlugin, sampleTask } from '../testing/tasks.ts';

const copied: readonly Table<object>[] = [
  auditTable,
  eventTable,
  fenceTable,
  itemTable,
  leaseTable,
  logTable,
  markTable,
  nodeTable,
  noticeTable,
  releaseTable,
  restoredTable,
  runTable,
  scheduleTable,
] as const;

/** A place outside of the database, as a host lends it. */
const markStore = (text?: string): MarkStore & { text: string | undefined } => ({
  text,
  async read() {
    return this.text;
  },
  async write(next) {
    this.text = next;
  },
});

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`restored mode on ${engine.name}`, () => {
    let database: TestDatabase;
    const nodes: ServerTasks[] = [];
    let sent: string[];
    let accounts: string[];
    let positions: Record<string, number>;
    let afterRestore: AfterRestore;

    beforeEach(async () => {
      database = await engine.open();
      sent = [];
      accounts = ['one', 'two'];
      positions = { one: 17, two: 4 };
      afterRestore = {
        forget: async () => ({ links: 3 }),
        cursors: async () =>
          accounts.map(
            (item): Cursor => ({
              item,
              subject: { type: 'account', id: item },
              position: { en: `after message ${positions[item]}`, de: `nach Nachricht ${positions[item]}` },
              observedAt: 1,
            }),
          ),
      };
    });
    afterEach(async () => {
      for (const node of nodes.splice(0)) await node.stop();
      await database.close();
    });

    const plugin = (): ServerPlugin =>
      samplePlugin(
        [
          sampleTask(
            'send',
            async ({ item }) => {
              sent.push(item.key);
              return undefined;
            },
            {
              heldAfterRestore: true,
              schedule: { kind: 'interval', minutes: 10 },
              items: async () => accounts.map((key) => ({ key })),
            },
          ),
          sampleTask('read', async () => undefined),
          sampleTask('answer', async () => void sent.push('answer'), {
            heldAfterRestore: true,
            follows: 'sample.read',
          }),
          {
            kind: 'sequence',
            id: 'sample.all',
            title: { en: 'All', de: 'Alle' },
            description: { en: 'All', de: 'Alle' },
            schedule: { kind: 'manual' },
            permission: { id: 'sample.run', title: { en: '', de: '' }, description: { en: '', de: '' } },
            steps: ['sample.read', 'sample.send'],
          },
        ],
        { afterRestore },
      );

    const node = async (
      more: ServerTasksOptions & { readonly mark?: MarkStore } = {},
    ): Promise<{ readonly tasks: ServerTasks; readonly host: TestHost }> => {
      const { mark, ...options } = more;
      const host: TestHost = { ...testHost({ clock: testClock() }), ...(mark === undefined ? {} : { mark }) };
      const tasks = await createServerTasks(host, [plugin()], { database: database.db, ...options });
      nodes.push(tasks);
      return { tasks, host };
    };

    /** The rows of the core as they are, and how to bring them back: what a restore does, on both engines. */
    const backup = async (): Promise<() => Promise<void>> => {
      const rows: object[][] = [];
      for (const table of copied) rows.push(await database.db.read((trx) => trx.rows(table)));
      return () =>
        database.db.write(async (trx) => {
          for (const [index, table] of copied.entries()) {
            await trx.execute('DELETE FROM ??', [trx.name(table)]);
            await trx.insert(table, rows[index] ?? []);
          }
        });
    };

    const releaseAll = async (tasks: ServerTasks) => {
      const { mode, seen } = await tasks.restored.view();
      return tasks.restored.release({ restored: mode?.id ?? '', seen }, { id: 'ann', name: 'Ann' });
    };

    it('is off in a new database, and after each ordinary restart', async () => {
      const mark = markStore();
      for (let start = 0; start < 3; start += 1) {
        const { tasks } = await node({ mark });
        expect(await tasks.restored.view()).toMatchObject({ on: false, mode: null, tasks: [], cursors: [] });
        await tasks.tick();
        await tasks.stop();
      }
    });

    it('is off after a kill between the database and the mark', async () => {
      const mark = markStore();
      await (await node({ mark })).tasks.stop();
      const before = mark.text;
      await (await node({ mark })).tasks.stop();
      const { tasks } = await node({ mark: markStore(before) });
      expect(await tasks.restored.isOn()).toBe(false);
    });

    it('is entered at the start on a database that is older than its node left it, as one audited change', async () => {
      const mark = markStore();
      const first = await node({ mark });
      const restore = await backup();
      await first.tasks.stop();
      await restore();
      const { tasks, host } = await node({ mark });
      expect(await tasks.restored.view()).toMatchObject({
        on: true,
        mode: { reason: 'older', forgotten: { 'sample.links': 3, runsEnded: 0 }, releasedAt: null },
        tasks: ['sample.send', 'sample.answer'],
        cursors: [
          { plugin: 'sample', item: 'one', held: true },
          { plugin: 'sample', item: 'two', held: true },
        ],
      });
      expect(host.told.map(({ notice }) => notice.code)).toEqual(['RESTORED_MODE']);
      const audit = await database.db.read((trx) => trx.rows(auditTable));
      expect(audit.map(({ action }) => action)).toEqual(['restored.entered']);
    });

    it('is shared by all nodes, also by one that comes back later with a mark of its own', async () => {
      const [markA, markB] = [markStore(), markStore()];
      const a = await node({ mark: markA });
      const b = await node({ mark: markB });
      const restore = await backup();
      await b.tasks.tick();
      await b.tasks.stop();
      await a.tasks.stop();
      await restore();
      const again = await node({ mark: markA });
      await releaseAll(again.tasks);
      const late = await node({ mark: markB });
      // The restore was seen and released; the late node's own shortfall is the same one.
      expect(await late.tasks.restored.isOn()).toBe(false);
    });

    it('is not hidden by how far another node came on the restored database', async () => {
      const [markA, markB] = [markStore(), markStore()];
      const b = await node({ mark: markB });
      await b.tasks.stop();
      const a = await node({ mark: markA });
      const restore = await backup();
      await a.tasks.tick();
      await a.tasks.stop();
      await restore();
      // Nothing that B knows was lost.
      const first = await node({ mark: markB });
      for (let tick = 0; tick < 5; tick += 1) await first.tasks.tick();
      expect(await first.tasks.restored.isOn()).toBe(false);
      const second = await node({ mark: markA });
      expect(await second.tasks.restored.isOn()).toBe(true);
      expect(await first.tasks.restored.isOn()).toBe(true);
    });

    it('is entered again by a second restore, also to before the first', async () => {
      const mark = markStore();
      const first = await node({ mark });
      const restore = await backup();
      await first.tasks.stop();
      await restore();
      const second = await node({ mark });
      const one = (await releaseAll(second.tasks)).mode?.id;
      await second.tasks.stop();
      await restore();
      const third = await node({ mark });
      const { on, mode } = await third.tasks.restored.view();
      expect(on).toBe(true);
      expect(mode?.id).not.toBe(one);
    });

    it('is entered once for each name that the operator gives, also where the host lends no place', async () => {
      for (const [restored, on] of [
        ['2026-01-15', true],
        ['2026-01-15', false],
        ['again', true],
      ] as const) {
        const { tasks } = await node({ restored });
        expect(await tasks.restored.isOn()).toBe(on);
        if (on) await releaseAll(tasks);
        await tasks.stop();
      }
    });

    it('is noticed by a node under which the database was restored: its work is lost, and it publishes nothing', async () => {
      const begun = gate();
      const go = gate();
      const published: string[] = [];
      const { tasks } = await node();
      const restore = await backup();
      await tasks.tick();
      const held = sampleTask('publish', async ({ fence, db, signal }) => {
        begun.open();
        await go.passed;
        await db.write(async (trx) => {
          await fence(trx);
          published.push('late');
        });
        return untilAborted(signal);
      });
      const other = await createServerTasks(testHost(), [samplePlugin([held])], { database: database.db });
      nodes.push(other);
      const { run } = await other.start('sample.publish');
      await begun.passed;
      await restore();
      // Even where the run and the fence of the backup are its own: what it read was read for another database.
      await database.db.write((trx) => trx.insert(fenceTable, [{ scope: 'sample.publish|all', epoch: 1 }]));
      go.open();
      await tasks.tick();
      await other.tick();
      expect(await tasks.restored.view()).toMatchObject({ on: true });
      await until(async () => (await database.db.read((trx) => trx.rows(leaseTable))).length === 0);
      expect(published).toEqual([]);
      await expect(other.runs.get(run.id)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    });

    it('is entered once where all nodes notice the restore in the same moment', async () => {
      const both = [await node(), await node()];
      const restore = await backup();
      for (const { tasks } of both) await tasks.tick();
      await restore();
      await Promise.all(both.map(({ tasks }) => tasks.tick()));
      const rows = await database.db.read((trx) => trx.rows(restoredTable));
      expect(rows.map(({ reason }) => reason)).toEqual(['older']);
      for (const { tasks } of both) expect((await tasks.restored.view()).mode?.id).toBe(rows[0]?.id);
    });

    it('ends the runs of the backup, takes their leases away, and lets their fences jump', async () => {
      const begun = gate();
      const clock = testClock();
      const task = sampleTask('work', ({ signal }) => {
        begun.open();
        return untilAborted(signal);
      });
      const other = await createServerTasks(testHost({ clock }), [samplePlugin([task])], { database: database.db });
      nodes.push(other);
      const { run } = await other.start('sample.work');
      await begun.passed;
      await other.restored.enter();
      const ended = await other.wait(run.id);
      expect(ended).toMatchObject({ state: 'cancelled', stopReason: 'restored', items: [{ state: 'cancelled' }] });
      expect(ended.notices.map(({ notice }) => notice.code)).toEqual(['RUN_ENDED_BY_RESTORE']);
      const { leases, fences } = await database.db.read(async (trx) => ({
        leases: await trx.rows(leaseTable),
        fences: await trx.rows(fenceTable),
      }));
      expect(leases).toEqual([]);
      expect(fences[0]?.epoch).toBeGreaterThan(1_000_000);
      // The next start is a new run, at once.
      expect((await other.start('sample.work')).started).toBe(true);
    });

    it('holds what sends: started by hand, by schedule, by another task, by a sequence; the rest runs', async () => {
      const { tasks, host } = await node({ restored: 'now' });
      await expect(tasks.start('sample.send')).rejects.toMatchObject({ code: 'TASK_HELD_AFTER_RESTORE', status: 409 });
      await host.clock.advance(35 * 60_000);
      await tasks.tick();
      const { run } = await tasks.start('sample.all');
      const all = await tasks.wait(run.id);
      expect(all).toMatchObject({ state: 'partial', items: [{ state: 'succeeded' }, { state: 'held' }] });
      expect(all.notices.map(({ notice }) => notice.code)).toEqual(['STEP_HELD_AFTER_RESTORE']);
      await tasks.tick();
      expect(sent).toEqual([]);
      await releaseAll(tasks);
      await tasks.tick();
      await until(() => sent.length >= 3);
      await tasks.tick();
      // Three missed starts give one, and so does what followed.
      expect(sent.sort()).toEqual(['answer', 'one', 'two']);
    });

    it('releases one item of a plugin, then the plugin, and stays on until all is released', async () => {
      const { tasks } = await node({ restored: 'now' });
      const { mode, seen } = await tasks.restored.view();
      const restored = mode?.id ?? '';
      const after = await tasks.restored.release({ restored, seen, plugin: 'sample', item: 'two' });
      expect(after.cursors).toMatchObject([
        { item: 'one', held: true },
        { item: 'two', held: false },
      ]);
      const { run } = await tasks.start('sample.send');
      await tasks.wait(run.id);
      expect(sent).toEqual(['two']);
      await tasks.restored.release({ restored, seen: after.seen, plugin: 'sample' });
      await tasks.wait((await tasks.start('sample.send')).run.id);
      expect(sent).toEqual(['two', 'one', 'two']);
      expect(await tasks.restored.isOn()).toBe(true);
    });

    it('releases nothing but what was seen', async () => {
      const { tasks } = await node({ restored: 'now' });
      const { mode, seen } = await tasks.restored.view();
      const restored = mode?.id ?? '';
      positions.one = 18;
      await expect(tasks.restored.release({ restored, seen })).rejects.toMatchObject({ code: 'RESTORED_CHANGED' });
      positions.one = 17;
      await expect(tasks.restored.release({ restored: 'x', seen })).rejects.toMatchObject({ code: 'RESTORED_CHANGED' });
      for (const part of [{ plugin: 'other' }, { item: 'one' }, { plugin: 'sample', item: 'three' }])
        await expect(tasks.restored.release({ restored, seen, ...part })).rejects.toMatchObject({
          code: 'RESTORED_NOT_HELD',
        });
      expect(await tasks.restored.isOn()).toBe(true);
      await tasks.restored.release({ restored, seen }, { id: 'ann', name: 'Ann' });
      expect((await tasks.restored.view()).mode).toMatchObject({ releasedBy: { id: 'ann' } });
      await expect(tasks.restored.release({ restored, seen })).rejects.toMatchObject({ code: 'NOT_RESTORED' });
    });

    it('does not release what it cannot show', async () => {
      afterRestore = { cursors: () => Promise.reject(new Error('no')) };
      const { tasks } = await node({ restored: 'now' });
      const { mode, seen, unreadable } = await tasks.restored.view();
      expect(unreadable).toEqual(['sample']);
      await expect(tasks.restored.release({ restored: mode?.id ?? '', seen })).rejects.toMatchObject({
        code: 'RESTORED_UNREADABLE',
      });
    });

    it('enters as a whole or not at all: a plugin that fails to forget keeps the node from starting', async () => {
      afterRestore = { forget: () => Promise.reject(new Error('no')) };
      await expect(node({ restored: 'now' })).rejects.toThrow('no');
      afterRestore = {};
      const { tasks } = await node();
      expect(await tasks.restored.view()).toMatchObject({ on: false, mode: null });
    });

    it('keeps notifications back, counts them, and sends each once after the release', async () => {
      const { tasks, host } = await node({ restored: 'now' });
      const notice = { code: 'SAMPLE', severity: 'info', message: { en: 'Hello', de: 'Hallo' } } as const;
      host.told.length = 0;
      await tasks.services.notify.send({ key: 'a', notice });
      await tasks.services.notify.send({ key: 'a', notice });
      await tasks.services.notify.send({ key: 'b', notice });
      expect(host.told).toEqual([]);
      expect((await tasks.restored.view()).notifications).toBe(2);
      await releaseAll(tasks);
      await until(() => host.told.length === 2);
      await tasks.services.notify.send({ key: 'a', notice });
      expect(host.told.map(({ key }) => key)).toEqual(['a', 'b']);
      expect((await tasks.restored.view()).notifications).toBe(0);
    });
  });

describe('restored mode of a process that has its database to itself', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'restored-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is entered where the database came without the mark of its folder', async () => {
    const db = { dialect: 'sqlite', file: join(folder, 'test.db') } as const;
    await (await createServerTasks({ ...testHost({ db }), mark: markStore() }, [])).stop();
    const tasks = await createServerTasks({ ...testHost({ db }), mark: markStore() }, []);
    expect((await tasks.restored.view()).mode).toMatchObject({ reason: 'moved' });
    await tasks.stop();
  });

  it('writes the mark later than the database, and exactly at the end', async () => {
    const db = { dialect: 'sqlite', file: join(folder, 'test.db') } as const;
    const mark = markStore();
    const host = testHost({ db });
    const tasks = await createServerTasks({ ...host, mark }, []);
    const generation = () => Number(JSON.parse(mark.text ?? '{}').generation);
    const inDatabase = async () => (await tasks.db.read((trx) => trx.rows(markTable)))[0]?.generation;
    for (let tick = 0; tick < 5; tick += 1) await tasks.tick();
    expect([generation(), await inDatabase()]).toEqual([1, 6]);
    await host.clock.advance(60_000);
    await tasks.tick();
    expect([generation(), await inDatabase()]).toEqual([2, 7]);
    await tasks.stop();
    expect(generation()).toBe(8);
  });
});

describe('restored mode over HTTP', () => {
  it('is shown and released by whom may do so, and by nobody else', async () => {
    const host = testHost();
    const tasks = await createServerTasks(host, [samplePlugin([])]);
    const app = Fastify();
    await app.register(tasks.fastifyPlugin, { prefix: '/itsm' });
    const ready = async () => (await app.inject('/itsm/health/ready')).json();
    const post = (url: string, payload: object) => app.inject({ method: 'POST', url: `/itsm${url}`, payload });
    expect(await ready()).toEqual({ status: 'ok' });
    expect((await post('/restored', {})).statusCode).toBe(422);
    host.allow = (permission) => permission !== 'server-tasks.restored';
    for (const answer of [await app.inject('/itsm/restored'), await post('/restored', { restored: true })])
      expect(answer.json()).toMatchObject({ status: 403 });
    host.allow = () => true;
    const entered = (await post('/restored', { restored: true })).json();
    expect(entered).toMatchObject({ on: true, mode: { reason: 'manual', enteredBy: { id: 'ann' } } });
    expect(await ready()).toEqual({ status: 'ok', restored: true });
    // A second word changes nothing.
    expect((await post('/restored', { restored: true })).json().mode.id).toBe(entered.mode.id);
    const { seen } = entered;
    const wrong = await post('/restored/release', { restored: entered.mode.id, seen: 'else' });
    expect([wrong.statusCode, wrong.json().code]).toEqual([409, 'RESTORED_CHANGED']);
    const released = (await post('/restored/release', { restored: entered.mode.id, seen })).json();
    expect(released).toMatchObject({ on: false, mode: { releasedBy: { id: 'ann' } } });
    expect(await ready()).toEqual({ status: 'ok' });
    const audit = (await app.inject('/itsm/audit')).json();
    expect(audit.items.map(({ action }: { action: string }) => action).sort()).toEqual([
      'restored.entered',
      'restored.released',
    ]);
    await app.close();
    await tasks.stop();
  });
});
