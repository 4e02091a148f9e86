import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { down, guid, openDatabase } from '@itsm-m365/database';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import type { TaskItem } from '@itsm-m365/plugin-api';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskErrors } from './errors.ts';
import serverTasks from './http/plugin.ts';
import { taskNotices } from './notices.ts';
import { createServerTasks, type ServerTasks } from './server-tasks.ts';
import { migrations } from './store/migrations.ts';
import {
  auditTable,
  eventTable,
  fenceTable,
  itemTable,
  leaseTable,
  logTable,
  nodeTable,
  noticeTable,
  runTable,
  scheduleTable,
} from './store/tables.ts';
import { until } from './testing/clock.ts';
import { gate, untilAborted } from './testing/gates.ts';
import { testHost } from './testing/host.ts';
import { samplePlugin, sampleTask } from './testing/tasks.ts';

describe('a process that has the database to itself', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'server-tasks-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = () => ({ dialect: 'sqlite', file: join(folder, 'test.db') }) as const;

  /** Leaves the database as a process does that was killed during a run. */
  const crash = async (): Promise<string> => {
    const clock = testHost().clock;
    const db = await openDatabase(file(), { clock });
    const begun = gate();
    const task = sampleTask('work', ({ signal }) => {
      begun.open();
      return untilAborted(signal);
    });
    const tasks = await createServerTasks(testHost(), [samplePlugin([task])], { database: db, nodeName: 'dead' });
    const { run } = await tasks.start('sample.work');
    await begun.passed;
    // Closed under its hands: nothing that it does from now on is written.
    await db.close();
    return run.id;
  };

  it('runs again at its start what the one before left under way', async () => {
    const id = await crash();
    const host = testHost({ db: file() });
    const tasks = await createServerTasks(host, [
      samplePlugin([sampleTask('work', async () => ({ counts: { again: 1 } }))]),
    ]);
    const done = await tasks.wait(id);
    expect(done).toMatchObject({ state: 'succeeded', counts: { again: 1 }, items: [{ attempt: 2 }] });
    expect(done.notices.map(({ notice }) => notice.code)).toEqual(['ITEM_TAKEN_OVER']);
    await tasks.stop();
  });

  it('prepares what the start brings before it goes on with what was left, and stops where that fails', async () => {
    const id = await crash();
    const order: string[] = [];
    const plugins = [
      samplePlugin([
        sampleTask('work', async () => {
          order.push('worked');
          return { counts: {} };
        }),
      ]),
    ];
    const failing = createServerTasks(testHost({ db: file() }), plugins, {
      prepare: () => Promise.reject(new Error('not prepared')),
    });
    await expect(failing).rejects.toThrow('not prepared');
    const tasks = await createServerTasks(testHost({ db: file() }), plugins, {
      async prepare({ runs }) {
        expect((await runs.get(id)).endedAt).toBeNull();
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push('prepared');
      },
    });
    await tasks.wait(id);
    expect(order).toEqual(['prepared', 'worked']);
    await tasks.stop();
  });

  it('fails a run whose task no longer exists, with a notice', async () => {
    const id = await crash();
    const tasks = await createServerTasks(testHost({ db: file() }), []);
    const done = await tasks.wait(id);
    expect(done).toMatchObject({ state: 'failed', items: [{ state: 'failed' }] });
    expect(done.notices.map(({ notice }) => notice.code)).toContain('RUN_INTERRUPTED');
    await tasks.stop();
  });

  it('refuses a second process on the same file', async () => {
    const tasks = await createServerTasks(testHost({ db: file() }), []);
    await expect(createServerTasks(testHost({ db: file() }), [])).rejects.toMatchObject({
      code: 'DATABASE_LOCKED_BY_OTHER_PROCESS',
    });
    await tasks.stop();
    await (await createServerTasks(testHost({ db: file() }), [])).stop();
  });

  it('looks for what is due by its own scheduler where the host has none', async () => {
    const { scheduler: _, ...host } = testHost({ db: file() });
    let runs = 0;
    const task = sampleTask(
      'often',
      async () => {
        runs += 1;
        return undefined;
      },
      { schedule: { kind: 'interval', minutes: 10 } },
    );
    const tasks = await createServerTasks(host, [samplePlugin([task])]);
    // The database has threads of its own, so a look may take longer than the clock waits for it: time goes on until it
    // was long enough.
    await until(async () => {
      await host.clock.advance(60_000);
      return runs >= 2;
    });
    await tasks.stop();
    expect(host.clock.sleeping()).toBe(0);
  });
});

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`the tables on ${engine.name}`, () => {
    let database: TestDatabase;
    beforeEach(async () => {
      database = await engine.open();
    });
    afterEach(() => database.close());

    const broken = samplePlugin([sampleTask('work', async () => undefined)], {
      migrations: [
        {
          id: '001-broken',
          up: () => Promise.reject(new Error('no')),
          down: async () => undefined,
        },
      ],
    });

    it('are as the code sees them, and go again', async () => {
      const { db } = database;
      await (await createServerTasks(testHost(), [], { database: db })).stop();
      const tables = [
        auditTable,
        eventTable,
        fenceTable,
        itemTable,
        leaseTable,
        logTable,
        nodeTable,
        noticeTable,
        runTable,
        scheduleTable,
      ];
      for (const table of tables) await db.read((trx) => trx.rows<object>(table, (query) => query.limit(1)));
      const source = { plugin: 'server-tasks', migrations };
      expect(await down(db, source, undefined, { clock: database.clock, allowDataLoss: true })).toHaveLength(
        migrations.length,
      );
      await (await createServerTasks(testHost(), [], { database: db })).stop();
    });

    it('are checked and not changed with migrate "check"', async () => {
      const options = { database: database.db, migrate: 'check' } as const;
      await expect(createServerTasks(testHost(), [], options)).rejects.toMatchObject({ code: 'SCHEMA_MISSING' });
      await (await createServerTasks(testHost(), [], { database: database.db })).stop();
      await (await createServerTasks(testHost(), [], options)).stop();
    });

    it('are written down for a DBA with migrate "script", and nothing is started', async () => {
      const table = samplePlugin([], {
        migrations: [
          {
            id: '001-things',
            up: (schema) => schema.createTable('sample_thing', { id: guid() }, ['id']),
            down: (schema) => schema.dropTable('sample_thing'),
          },
        ],
      });
      const tasks = await createServerTasks(testHost(), [table], { database: database.db, migrate: 'script' });
      expect(tasks.script).toContain('task_run');
      expect(tasks.script).toContain('sample_thing');
      expect(await tasks.ready()).toBe(false);
      await tasks.stop();
    });

    it('list a plugin whose tables cannot be set up, and start the others', async () => {
      const tasks = await createServerTasks(testHost(), [broken], { database: database.db });
      expect(tasks.plugins.started).toEqual([]);
      expect(tasks.plugins.failed).toMatchObject([{ id: 'sample', error: { code: 'PLUGIN_SCHEMA_FAILED' } }]);
      await tasks.stop();
    });
  });

describe('a task that rests without items', () => {
  const hour = 3_600_000;
  const resting = (items: () => Promise<readonly TaskItem[]>, rests: boolean) =>
    sampleTask('look', async () => undefined, {
      schedule: { kind: 'interval', minutes: 60 },
      restsWithoutItems: rests,
      items,
    });
  const triggers = async ({ runs }: ServerTasks) => (await runs.list()).items.map(({ trigger }) => trigger);

  it('makes a run by the schedule only where there is something to do, and always by hand', async () => {
    const host = testHost();
    let items: readonly TaskItem[] = [];
    const tasks = await createServerTasks(host, [samplePlugin([resting(async () => items, true)])]);
    const pass = async () => {
      await host.clock.advance(hour);
      await tasks.tick();
    };
    await pass();
    await pass();
    expect(await triggers(tasks)).toEqual([]);
    items = [{ key: 'one' }];
    await pass();
    await until(async () => (await triggers(tasks)).length === 1);
    items = [];
    await tasks.wait((await tasks.runs.list()).items[0]?.id ?? '');
    await pass();
    const { run } = await tasks.start('sample.look');
    await tasks.wait(run.id);
    expect(await triggers(tasks)).toEqual(['manual', 'schedule']);
    await tasks.stop();
  });

  it('makes a run where its items cannot be listed, which says so', async () => {
    const host = testHost();
    const listed = () => Promise.reject(new Error('no list'));
    const tasks = await createServerTasks(host, [samplePlugin([resting(listed, true)])]);
    await host.clock.advance(hour);
    await tasks.tick();
    await until(async () => (await tasks.runs.list()).items[0]?.state === 'failed');
    await tasks.stop();
  });

  it('makes a run without items where it does not say that it rests', async () => {
    const host = testHost();
    const tasks = await createServerTasks(host, [samplePlugin([resting(async () => [], false)])]);
    await host.clock.advance(hour);
    await tasks.tick();
    await until(async () => (await triggers(tasks)).length === 1);
    await tasks.stop();
  });
});

describe('what is kept', () => {
  it('forgets runs of long ago with all that belongs to them, and keeps the audit', async () => {
    const host = testHost();
    const tasks = await createServerTasks(host, [samplePlugin([sampleTask('work', async () => undefined)])]);
    const { run } = await tasks.start('sample.work');
    await tasks.wait(run.id);
    await host.clock.advance(401 * 86_400_000);
    await tasks.tick();
    await until(async () => (await tasks.runs.list()).items.length === 0);
    await expect(tasks.runs.get(run.id)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await tasks.stop();
  });
});

describe('the README', () => {
  it('embeds everything with its snippet', async () => {
    const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
    const snippet = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const code = snippet.replace(/^import .*$/gm, '').replace('port: 3000', 'port: 0');
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(10);
    const names = ['Fastify', 'serverTasks', 'allPlugins', 'createServerTasks', 'host'];
    const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
    const run = new AsyncFunction(...names, `${code}; return app;`);
    const app = await run(Fastify, serverTasks, [samplePlugin([])], createServerTasks, testHost());
    expect((await app.inject('/itsm/health/ready')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/itsm/tasks')).statusCode).toBe(200);
    await app.close();
  });
});

describe('the texts', () => {
  const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

  it('name the same values in English and German', () => {
    for (const [code, { message, remedy }] of Object.entries({ ...taskErrors.definitions, ...taskNotices.definitions }))
      for (const text of [message, remedy])
        expect([code, [...new Set(placeholders(text?.de ?? ''))]]).toEqual([
          code,
          [...new Set(placeholders(text?.en ?? ''))],
        ]);
  });
});
