import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { defineErrors, type ServerPlugin, type TaskContext } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerTasks, type ServerTasks, type ServerTasksOptions } from '../server-tasks.ts';
import { itemTable } from '../store/tables.ts';
import { settle, testClock, until, watched } from '../testing/clock.ts';
import { gate, untilAborted } from '../testing/gates.ts';
import { type TestHost, testHost } from '../testing/host.ts';
import { samplePlugin, sampleTask } from '../testing/tasks.ts';

const errors = defineErrors({
  SAMPLE_BROKEN: {
    kind: 'remote',
    message: { en: 'Broken: {what}', de: 'Kaputt: {what}' },
    remedy: { en: 'Mend it', de: 'Reparieren' },
  },
});

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`runs on ${engine.name}`, () => {
    let database: TestDatabase;
    let host: TestHost;
    let shared: ReturnType<typeof watched>;
    const open: ServerTasks[] = [];

    beforeEach(async () => {
      database = await engine.open();
      shared = watched(database.db);
      host = testHost({ clock: testClock(undefined, shared.busy) });
    });

    afterEach(async () => {
      for (const tasks of open.splice(0)) await tasks.stop();
      await database.close();
    });

    const start = async (plugins: readonly ServerPlugin[], options: ServerTasksOptions = {}): Promise<ServerTasks> => {
      const tasks = await createServerTasks(host, plugins, { database: shared.db, ...options });
      open.push(tasks);
      return tasks;
    };

    const ended = async (tasks: ServerTasks, id: string) => tasks.wait((await tasks.start(id)).run.id);

    it('M365-33: keeps the state, trigger, actor, counts, notices and log of a run', async () => {
      const task = sampleTask('count', async (context) => {
        context.logger.info({ seen: 3 }, 'Looked\u0007 around');
        context.notice({ code: 'EARLY', severity: 'info', message: { en: 'early', de: 'früh' } });
        return {
          counts: { seen: 3 },
          notices: [{ code: 'LATE', severity: 'warning', message: { en: 'late', de: 'spät' } }],
        };
      });
      const tasks = await start([samplePlugin([task])]);
      const { run, started } = await tasks.start('sample.count', { actor: { id: 'ann', name: 'Ann' } });
      expect(started).toBe(true);
      const done = await tasks.wait(run.id);
      expect(done).toMatchObject({
        task: 'sample.count',
        state: 'succeeded',
        trigger: 'manual',
        actor: { id: 'ann', name: 'Ann' },
        counts: { seen: 3 },
        items: [{ key: 'all', state: 'succeeded' }],
      });
      expect(done.notices.map(({ notice }) => notice.code)).toEqual(['EARLY', 'LATE']);
      const log = await tasks.runs.log(run.id);
      expect(log.map(({ message }) => message)).toEqual(['Item started', 'Looked\\u0007 around', 'Item ended']);
      expect(host.states.map(({ state }) => state)).toEqual(['queued', 'running', 'succeeded']);
    });

    it('answers 200 starts at once with one run, which tells who started it and when', async () => {
      const held = gate();
      let runs = 0;
      const task = sampleTask('once', async () => {
        runs += 1;
        await held.passed;
        return undefined;
      });
      const tasks = await start([samplePlugin([task])]);
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          tasks.start('sample.once', { actor: { id: `u${index}`, name: `U${index}` } }),
        ),
      );
      expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
      expect(answers.filter(({ started }) => started)).toHaveLength(1);
      const winner = answers.find(({ started }) => started)?.run.actor;
      expect(answers.every(({ run }) => run.actor.id === winner?.id && run.createdAt === host.clock.now())).toBe(true);
      held.open();
      await tasks.wait(answers[0]?.run.id ?? '');
      expect(runs).toBe(1);
    });

    it('starts again once the run has ended', async () => {
      const tasks = await start([samplePlugin([sampleTask('again', async () => undefined)])]);
      const first = await ended(tasks, 'sample.again');
      const second = await ended(tasks, 'sample.again');
      expect(second.id).not.toBe(first.id);
    });

    it('turns what a task throws into notices, and never throws at the host', async () => {
      const task = sampleTask(
        'fails',
        async ({ item }) => {
          if (item.key === 'a') throw errors.SAMPLE_BROKEN({ what: 'pipe' });
          if (item.key === 'b') throw new TypeError('undefined is not a function');
          return { counts: { done: 1 } };
        },
        { items: async () => ['a', 'b', 'c'].map((key) => ({ key, subject: { type: 'portal', id: key } })) },
      );
      const tasks = await start([samplePlugin([task])]);
      const done = await ended(tasks, 'sample.fails');
      expect(done.state).toBe('partial');
      expect(done.items.map(({ state }) => state)).toEqual(['failed', 'failed', 'succeeded']);
      expect(done.notices[0]?.notice).toMatchObject({
        code: 'SAMPLE_BROKEN',
        remedy: { de: 'Reparieren' },
        subject: { id: 'a' },
      });
      expect(done.notices[1]?.notice).toMatchObject({ code: 'INTERNAL', subject: { id: 'b' } });
      expect(JSON.stringify(done)).not.toContain('not a function');
      const id = done.notices[1]?.notice.details?.id;
      expect(host.log.some(({ fields }) => fields.id === id && fields.err instanceof TypeError)).toBe(true);
    });

    it('sums the counts over the items, and ends as failed where all items failed', async () => {
      const items = async () => [{ key: 'a' }, { key: 'b' }];
      const counts = sampleTask('sum', async () => ({ counts: { rows: 2 } }), { items, concurrency: 2 });
      const broken = sampleTask('broken', () => Promise.reject(errors.SAMPLE_BROKEN({ what: 'all' })), { items });
      const tasks = await start([samplePlugin([counts, broken])]);
      expect((await ended(tasks, 'sample.sum')).counts).toEqual({ rows: 4 });
      expect((await ended(tasks, 'sample.broken')).state).toBe('failed');
    });

    it('fails a run whose items cannot be listed', async () => {
      const task = sampleTask('unlisted', async () => undefined, {
        items: () => Promise.reject(errors.SAMPLE_BROKEN({ what: 'list' })),
      });
      const tasks = await start([samplePlugin([task])]);
      const done = await ended(tasks, 'sample.unlisted');
      expect(done.state).toBe('failed');
      expect(done.notices[0]?.notice.code).toBe('SAMPLE_BROKEN');
    });

    it('ends as partial where an item is held for a person', async () => {
      const tasks = await start([samplePlugin([sampleTask('held', async () => ({ outcome: 'held' }))])]);
      const done = await ended(tasks, 'sample.held');
      expect(done.state).toBe('partial');
      expect(done.items[0]?.state).toBe('held');
    });

    it('works on as many items at once as the task allows', async () => {
      const held = gate();
      let most = 0;
      let now = 0;
      const task = sampleTask(
        'wide',
        async () => {
          now += 1;
          most = Math.max(most, now);
          await held.passed;
          now -= 1;
          return undefined;
        },
        { concurrency: 3, items: async () => Array.from({ length: 8 }, (_, index) => ({ key: `i${index}` })) },
      );
      const tasks = await start([samplePlugin([task])]);
      const { run } = await tasks.start('sample.wide');
      await until(() => most === 3);
      await settle(shared.busy);
      expect(most).toBe(3);
      held.open();
      expect((await tasks.wait(run.id)).state).toBe('succeeded');
    });

    it('shows progress while it runs, at once from this node and thinned out in the database', async () => {
      const held = gate();
      const again = gate();
      const task = sampleTask('slow', async ({ progress }) => {
        for (let done = 0; done < 1000; done += 1)
          progress.report({ phase: { en: 'Users', de: 'Benutzer' }, done, total: 1000 });
        await again.passed;
        progress.report({ phase: { en: 'Users', de: 'Benutzer' }, done: 1000, total: 1000 });
        await held.passed;
        return undefined;
      });
      const tasks = await start([samplePlugin([task])]);
      const { run } = await tasks.start('sample.slow');
      await until(async () => (await tasks.runs.get(run.id)).items[0]?.progress?.done === 999);
      const stored = () => database.db.read((trx) => trx.rows(itemTable, (query) => query.where({ run_id: run.id })));
      await host.clock.advance(1_000);
      await until(async () => (await stored())[0]?.progress?.done === 999);
      again.open();
      await until(async () => (await tasks.runs.get(run.id)).items[0]?.progress?.done === 1000);
      expect((await stored())[0]?.progress?.done).toBe(999);
      await host.clock.advance(1_000);
      await until(async () => (await stored())[0]?.progress?.done === 1000);
      held.open();
      await tasks.wait(run.id);
    });

    it('cancels a run: what runs is told, what waits is not begun', async () => {
      const begun: string[] = [];
      const task = sampleTask(
        'long',
        async ({ signal, item }) => {
          begun.push(item.key);
          return untilAborted(signal);
        },
        { items: async () => [{ key: 'a' }, { key: 'b' }] },
      );
      const tasks = await start([samplePlugin([task])]);
      const { run } = await tasks.start('sample.long');
      await until(() => begun.length === 1);
      await tasks.cancel(run.id, { id: 'bob', name: 'Bob' });
      const done = await tasks.wait(run.id);
      expect(done).toMatchObject({ state: 'cancelled', stopReason: 'cancelled', stoppedBy: 'bob' });
      expect(done.items.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
      expect(begun).toEqual(['a']);
      await tasks.cancel(run.id);
    });

    it('stops a run that takes longer than its time limit, with a notice', async () => {
      const begun = gate();
      const task = sampleTask(
        'endless',
        ({ signal }) => {
          begun.open();
          return untilAborted(signal);
        },
        { timeoutMinutes: 10 },
      );
      const tasks = await start([samplePlugin([task])]);
      const { run } = await tasks.start('sample.endless');
      await begun.passed;
      await host.clock.advance(9 * 60_000);
      expect((await tasks.runs.get(run.id)).state).toBe('running');
      await host.clock.advance(61_000);
      const done = await tasks.wait(run.id);
      expect(done).toMatchObject({ state: 'failed', stopReason: 'timeout' });
      expect(done.notices.some(({ notice }) => notice.code === 'RUN_TIMED_OUT')).toBe(true);
    });

    it('abandons a task that does not stop, which then can publish nothing', async () => {
      const begun = gate();
      let context: TaskContext | undefined;
      const task = sampleTask('deaf', async (given) => {
        context = given;
        begun.open();
        await new Promise(() => undefined);
        return undefined;
      });
      const tasks = await start([samplePlugin([task])]);
      const { run } = await tasks.start('sample.deaf');
      await begun.passed;
      await tasks.cancel(run.id);
      await settle(shared.busy);
      await host.clock.advance(61_000);
      const done = await tasks.wait(run.id);
      expect(done.state).toBe('cancelled');
      expect(done.notices.map(({ notice }) => notice.code)).toContain('TASK_DID_NOT_STOP');
      await expect(database.db.write((trx) => context?.fence(trx) ?? Promise.resolve())).rejects.toMatchObject({
        code: 'RUN_CANCELLED',
      });
    });

    it('fails a run whose items cannot be told apart, or never come', async () => {
      const twice = sampleTask('twice', async () => undefined, { items: async () => [{ key: 'a' }, { key: 'A' }] });
      const never = sampleTask('never', async () => undefined, {
        items: () => new Promise(() => undefined),
        timeoutMinutes: 5,
      });
      const tasks = await start([samplePlugin([twice, never])]);
      const done = await ended(tasks, 'sample.twice');
      expect([done.state, done.notices[0]?.notice.code]).toEqual(['failed', 'INTERNAL']);
      const { run } = await tasks.start('sample.never');
      await settle(shared.busy);
      await host.clock.advance(5 * 60_000);
      const late = await tasks.wait(run.id);
      expect([late.state, late.stopReason]).toEqual(['failed', 'timeout']);
      const stopped = tasks.stop();
      await host.clock.advance(60_000);
      await stopped;
    });

    it('keeps at most so many notices of an item, and says so', async () => {
      const many = sampleTask('many', async ({ notice }) => {
        for (let count = 0; count < 3000; count += 1)
          notice({ code: `N${count}`, severity: 'info', message: { en: 'n', de: 'n' } });
        return undefined;
      });
      const tasks = await start([samplePlugin([many])]);
      const done = await ended(tasks, 'sample.many');
      expect(done.notices).toHaveLength(1001);
      expect(done.notices.at(-1)?.notice.code).toBe('NOTICES_LEFT_OUT');
    });

    it('keeps a bounded log, without control characters and without what a foreign error says', async () => {
      const chatty = sampleTask('chatty', async ({ logger }) => {
        for (let count = 0; count < 900; count += 1) logger.info({ count }, `line\r\n${count}`);
        logger.warn({ err: new Error('password=hunter2'), name: '\u001b[2J' }, 'Odd');
        logger.child({ part: 'child' }).error({}, 'From a child');
        logger.debug({}, 'not kept');
        return undefined;
      });
      const tasks = await start([samplePlugin([chatty])]);
      const done = await ended(tasks, 'sample.chatty');
      const lines = await tasks.runs.log(done.id, 0, 1000);
      expect(lines.at(-3)).toMatchObject({
        level: 'warn',
        message: 'Odd',
        fields: { err: { name: 'Error' }, name: '\\u001b[2J' },
      });
      expect(lines.at(-2)).toMatchObject({ message: 'From a child', fields: { part: 'child' } });
      expect(JSON.stringify(lines)).not.toContain('hunter2');
      expect(lines.every(({ message }) => !/[\r\n]/.test(message))).toBe(true);
      expect((await tasks.runs.log(done.id, 2, 1))[0]?.seq).toBe(3);
    });

    it('cancels what runs at shutdown where no other node is there, and releases the leases', async () => {
      const begun = gate();
      const task = sampleTask('long', ({ signal }) => {
        begun.open();
        return untilAborted(signal);
      });
      const tasks = await start([samplePlugin([task])]);
      const { run } = await tasks.start('sample.long');
      await begun.passed;
      await tasks.stop();
      const leases = await database.db.read((trx) => trx.query('SELECT * FROM ??', [trx.name({ name: 'task_lease' })]));
      expect(leases).toEqual([]);
      const after = await start([samplePlugin([task])]);
      const done = await after.runs.get(run.id);
      expect(done).toMatchObject({ state: 'cancelled', stopReason: 'shutdown' });
      expect(done.notices.map(({ notice }) => notice.code)).toContain('RUN_STOPPED_BY_SHUTDOWN');
    });
  });
