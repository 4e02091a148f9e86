import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import type { SequenceTask, ServerPlugin, ServerTask } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import { until } from '../testing/clock.ts';
import { gate, untilAborted } from '../testing/gates.ts';
import { type TestHost, testHost } from '../testing/host.ts';
import { runPermission, samplePlugin, sampleTask } from '../testing/tasks.ts';

const both = (en: string) => ({ en, de: en });

const completely: SequenceTask = {
  kind: 'sequence',
  id: 'sample.completely',
  title: both('Recalculate completely'),
  description: both('Imports, then recalculates'),
  schedule: { kind: 'manual' },
  permission: runPermission,
  steps: ['sample.import', 'missing.task', 'sample.recalculate'],
};

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`sequences and followers on ${engine.name}`, () => {
    let database: TestDatabase;
    let host: TestHost;
    let tasks: ServerTasks;
    const order: string[] = [];

    beforeEach(async () => {
      database = await engine.open();
      host = testHost();
      order.length = 0;
    });
    afterEach(async () => {
      await tasks.stop();
      await database.close();
    });

    const begin = async (list: readonly ServerTask[], more: Partial<ServerPlugin> = {}) => {
      tasks = await createServerTasks(host, [samplePlugin(list, more)], { database: database.db });
    };
    const noting = (name: string, end: () => Promise<undefined> = async () => undefined, follows?: string) =>
      sampleTask(
        name,
        async () => {
          order.push(name);
          await end();
          return { counts: { [name]: 1 } };
        },
        follows === undefined ? {} : { follows },
      );

    it('COMP-04: runs the import afresh, and then the recalculation, as children of one run', async () => {
      await begin([noting('import'), noting('recalculate', undefined, 'sample.import'), completely]);
      const { run } = await tasks.start('sample.completely', { actor: { id: 'ann', name: 'Ann' } });
      const done = await tasks.wait(run.id);
      expect(done).toMatchObject({ state: 'succeeded', counts: { import: 1, recalculate: 1 } });
      expect(order).toEqual(['import', 'recalculate']);
      const children = await tasks.runs.list({ parent: run.id });
      expect([...children.items].sort((a, b) => a.task.localeCompare(b.task))).toMatchObject([
        { task: 'sample.import', trigger: 'parent', parent: run.id },
        { task: 'sample.recalculate', trigger: 'parent', actor: { id: 'ann' } },
      ]);
      // The sequence was the one to start it: the follower did not start it again.
      expect((await tasks.runs.list({ task: 'sample.recalculate' })).items).toHaveLength(1);
    });

    it('COMP-07: recalculates on the old data where the import failed, and ends as partial', async () => {
      await begin([noting('import', () => Promise.reject(new Error('no'))), noting('recalculate'), completely]);
      const done = await tasks.wait((await tasks.start('sample.completely')).run.id);
      expect(done.state).toBe('partial');
      expect(done.items.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
      expect(done.notices.map(({ notice }) => notice.code)).toEqual(['STEP_FAILED']);
      expect(order).toEqual(['import', 'recalculate']);
    });

    it('waits for a run of a step that is active already', async () => {
      const held = gate();
      await begin([noting('import', async () => void (await held.passed)), noting('recalculate'), completely]);
      const { run: import_ } = await tasks.start('sample.import');
      await until(() => order.length === 1);
      const { run } = await tasks.start('sample.completely');
      await until(async () => (await tasks.runs.get(run.id)).items[0]?.child === import_.id);
      held.open();
      expect((await tasks.wait(run.id)).state).toBe('succeeded');
      expect(order).toEqual(['import', 'recalculate']);
    });

    it('hands a cancel down to what it started, and starts no further step', async () => {
      const stuck = sampleTask('import', async ({ signal }) => {
        order.push('import');
        return untilAborted(signal);
      });
      await begin([stuck, noting('recalculate'), completely]);
      const { run } = await tasks.start('sample.completely');
      await until(() => order.length === 1);
      await tasks.cancel(run.id);
      const done = await tasks.wait(run.id);
      expect(done.state).toBe('cancelled');
      expect(done.items.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
      expect((await tasks.runs.get(done.items[0]?.child ?? '')).state).toBe('cancelled');
    });

    it('leaves a run alone that it only joined, when it is cancelled', async () => {
      const held = gate();
      await begin([noting('import', async () => void (await held.passed)), noting('recalculate'), completely]);
      const { run: import_ } = await tasks.start('sample.import');
      const { run } = await tasks.start('sample.completely');
      await until(async () => (await tasks.runs.get(run.id)).items[0]?.child === import_.id);
      await tasks.cancel(run.id);
      expect((await tasks.wait(run.id)).state).toBe('cancelled');
      expect((await tasks.runs.get(import_.id)).state).toBe('running');
      held.open();
      expect((await tasks.wait(import_.id)).state).toBe('succeeded');
    });

    it('is cancelled with its steps at shutdown', async () => {
      const stuck = sampleTask('import', async ({ signal }) => {
        order.push('import');
        return untilAborted(signal);
      });
      await begin([stuck, noting('recalculate'), completely]);
      const { run } = await tasks.start('sample.completely');
      await until(() => order.length === 1);
      await tasks.stop();
      await begin([stuck, noting('recalculate'), completely]);
      const done = await tasks.runs.get(run.id);
      expect([done.state, done.stopReason]).toEqual(['cancelled', 'shutdown']);
      expect((await tasks.runs.list({ state: 'running' })).items).toEqual([]);
    });

    it('runs a step of its own after a run that was under way when the step before ended', async () => {
      const held = gate();
      await begin([
        noting('import'),
        noting('recalculate', async () => void (await held.passed), 'sample.import'),
        completely,
      ]);
      const early = await tasks.start('sample.recalculate');
      await until(() => order.length === 1);
      const { run } = await tasks.start('sample.completely');
      await until(async () => (await tasks.runs.get(run.id)).items[0]?.state === 'succeeded');
      await tasks.tick();
      expect((await tasks.runs.get(run.id)).items[1]).toMatchObject({ state: 'waiting', child: early.run.id });
      held.open();
      await tasks.wait(early.run.id);
      await tasks.tick();
      const done = await tasks.wait(run.id);
      expect(done.state).toBe('succeeded');
      expect(done.items[1]?.child).not.toBe(early.run.id);
      expect(order).toEqual(['recalculate', 'import', 'recalculate']);
    });

    it('M365-30: starts the recalculation when the import has ended, however it ended', async () => {
      for (const end of [async () => undefined, () => Promise.reject(new Error('no'))]) {
        order.length = 0;
        await begin([noting('import', end), noting('recalculate', undefined, 'sample.import')]);
        await tasks.wait((await tasks.start('sample.import')).run.id);
        await until(() => order.length === 2);
        await until(async () => (await tasks.runs.list({ state: 'running' })).items.length === 0);
        await tasks.stop();
      }
      const { items } = await tasks.runs.list({ task: 'sample.recalculate' });
      expect(items.map(({ trigger }) => trigger)).toEqual(['follows', 'follows']);
    });

    it('starts a follower anew that was under way when the task ended: it may have read what stood before', async () => {
      const held = gate();
      await begin([noting('import'), noting('recalculate', async () => void (await held.passed), 'sample.import')]);
      const early = await tasks.start('sample.recalculate');
      await until(() => order.length === 1);
      await tasks.wait((await tasks.start('sample.import')).run.id);
      await tasks.tick();
      expect((await tasks.runs.list({ task: 'sample.recalculate' })).items).toHaveLength(1);
      held.open();
      await tasks.wait(early.run.id);
      for (let look = 0; look < 2; look += 1) {
        await tasks.tick();
        for (const { id } of (await tasks.runs.list({ task: 'sample.recalculate' })).items) await tasks.wait(id);
      }
      expect(order).toEqual(['recalculate', 'import', 'recalculate']);
    });

    it('does not start a follower after a cancel', async () => {
      const stuck = sampleTask('import', async ({ signal }) => {
        order.push('import');
        return untilAborted(signal);
      });
      await begin([stuck, noting('recalculate', undefined, 'sample.import')]);
      const { run } = await tasks.start('sample.import');
      await until(() => order.length === 1);
      await tasks.cancel(run.id);
      await tasks.wait(run.id);
      expect((await tasks.runs.list({ task: 'sample.recalculate' })).items).toEqual([]);
    });
  });
