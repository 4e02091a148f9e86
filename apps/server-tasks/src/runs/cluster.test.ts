import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import type { Database, RunReport, TaskContext, Transaction } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import { fenceTable, nodeTable } from '../store/tables.ts';
import { type HandClock, testClock, until, watched } from '../testing/clock.ts';
import { gate, untilAborted } from '../testing/gates.ts';
import { type TestHost, testHost } from '../testing/host.ts';
import { samplePlugin, sampleTask } from '../testing/tasks.ts';

interface TestNode {
  readonly tasks: ServerTasks;
  readonly host: TestHost;
  readonly clock: HandClock;
  /** From now on its database calls fail, as if the network to it were cut. */
  cut(): void;
}

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`two nodes on ${engine.name}`, () => {
    let database: TestDatabase;
    const nodes: TestNode[] = [];
    const work: { node: string; context: TaskContext }[] = [];
    let behave: (context: TaskContext, node: string) => Promise<Partial<RunReport> | undefined>;
    let keys: string[];

    /** Nodes have clocks of their own, which agree on nothing. */
    const node = async (name: string, start: number): Promise<TestNode> => {
      const shared = watched(database.db);
      const clock = testClock(start, shared.busy);
      const host = testHost({ clock });
      const task = sampleTask(
        'work',
        async (context) => {
          work.push({ node: name, context });
          return behave(context, name);
        },
        { items: async () => keys.map((key) => ({ key })) },
      );
      let broken = false;
      const guard = <T>(run: () => Promise<T>) => (broken ? Promise.reject(new Error('cut off')) : run());
      const db: Database = {
        ...shared.db,
        read: (run, options) => guard(() => shared.db.read(run, options)),
        write: (run, options) => guard(() => shared.db.write(run, options)),
        load: (table, rows, options) => guard(() => shared.db.load(table, rows, options)),
      };
      const tasks = await createServerTasks(host, [samplePlugin([task])], { database: db, nodeName: name });
      const made = {
        tasks,
        host,
        clock,
        cut: () => {
          broken = true;
        },
      };
      nodes.push(made);
      return made;
    };

    beforeEach(async () => {
      database = await engine.open();
      work.length = 0;
      keys = ['all'];
      behave = async () => undefined;
    });

    afterEach(async () => {
      for (const { tasks, clock } of nodes.splice(0)) {
        const stopped = tasks.stop().catch(() => undefined);
        await clock.advance(120_000);
        await stopped;
      }
      await database.close();
    });

    const publish = (trx: Transaction) => trx.insert(fenceTable, [{ scope: 'published', epoch: 1 }]);
    const published = async () =>
      (await database.db.read((trx) => trx.rows(fenceTable, (query) => query.where({ scope: 'published' })))).length;

    it('share the items of a run: a node joins it by claiming', async () => {
      keys = ['a', 'b', 'c', 'd'];
      const held = gate();
      behave = async () => {
        await held.passed;
        return { counts: { done: 1 } };
      };
      const a = await node('a', 0);
      const b = await node('b', 5e11);
      const { run } = await a.tasks.start('sample.work');
      await until(() => work.length === 1);
      await b.tasks.tick();
      await until(() => work.length === 2);
      expect(work.map((one) => one.node)).toEqual(['a', 'b']);
      expect(new Set(work.map(({ context }) => context.item.key)).size).toBe(2);
      held.open();
      await until(async () => {
        await a.tasks.tick();
        await b.tasks.tick();
        return (await a.tasks.runs.get(run.id)).endedAt !== null;
      });
      const done = await b.tasks.runs.get(run.id);
      expect(done).toMatchObject({ state: 'succeeded', counts: { done: 4 } });
      expect(new Set(done.items.map((item) => item.node))).toEqual(new Set(['a', 'b']));
    });

    it('answer starts at once with one run', async () => {
      const held = gate();
      behave = async () => {
        await held.passed;
        return undefined;
      };
      const a = await node('a', 0);
      const b = await node('b', 0);
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? a : b).tasks.start('sample.work')),
      );
      expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
      held.open();
      await Promise.race([a, b].map(({ tasks }) => tasks.wait(answers[0]?.run.id ?? '')));
      expect(work).toHaveLength(1);
    });

    it('take over only after the same heartbeat was seen for a whole lease, on their own clock', async () => {
      behave = ({ signal }, name) => (name === 'a' ? untilAborted(signal) : Promise.resolve({ counts: { by: 2 } }));
      const a = await node('a', 0);
      const b = await node('b', 9e11);
      const { run } = await a.tasks.start('sample.work');
      await until(() => work.length === 1);
      // The holder beats: however long it takes, nobody takes over.
      for (let round = 0; round < 20; round += 1) {
        await a.clock.advance(10_000);
        await b.clock.advance(10_000);
        await b.tasks.tick();
      }
      expect(work).toHaveLength(1);
      // The holder's clock stands still: it is dead. One look is not enough, nor is less than a lease.
      await b.clock.advance(59_000);
      await b.tasks.tick();
      expect(work).toHaveLength(1);
      await b.clock.advance(2_000);
      await b.tasks.tick();
      await until(() => work.length === 2);
      const done = await b.tasks.wait(run.id);
      expect(done).toMatchObject({ state: 'succeeded', counts: { by: 2 }, items: [{ node: 'b', attempt: 2 }] });
      expect(done.notices.map(({ notice }) => notice.code)).toEqual(['ITEM_TAKEN_OVER']);
      // The dead one comes back: its heartbeat finds nothing to beat, and it is told.
      await a.clock.advance(5_000);
      await until(() => work[0]?.context.signal.aborted === true);
      expect(work[0]?.context.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
      expect((await b.tasks.runs.get(run.id)).state).toBe('succeeded');
    });

    it('refuse the late write of a node that only paused', async () => {
      const paused = gate();
      let late: Promise<void> | undefined;
      behave = async (context, name) => {
        if (name === 'b') {
          await context.db.write((trx) => context.fence(trx));
          return { counts: { right: 1 } };
        }
        await paused.passed;
        late = context.db.write(async (trx) => {
          await context.fence(trx);
          await publish(trx);
        });
        await late;
        return { counts: { wrong: 1 } };
      };
      const a = await node('a', 0);
      const b = await node('b', 0);
      const { run } = await a.tasks.start('sample.work');
      await until(() => work.length === 1);
      await b.tasks.tick();
      await b.clock.advance(61_000);
      await b.tasks.tick();
      await b.tasks.wait(run.id);
      paused.open();
      await until(() => late !== undefined);
      await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await published()).toBe(0);
      expect((await b.tasks.runs.get(run.id)).counts).toEqual({ right: 1 });
      await until(() => a.host.log.some(({ level, fields }) => level === 'warn' && fields.code === 'LEASE_LOST'));
    });

    it('give up their items when they cannot reach the database for too long', async () => {
      behave = ({ signal }) => untilAborted(signal);
      const a = await node('a', 0);
      await a.tasks.start('sample.work');
      await until(() => work.length === 1);
      a.cut();
      await a.clock.advance(35_000);
      expect(work[0]?.context.signal.aborted).toBe(false);
      await a.clock.advance(10_000);
      expect(work[0]?.context.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    });

    it('are among the others again after they stood still for so long that they were forgotten', async () => {
      const a = await node('a', 0);
      const names = async () => (await database.db.read((trx) => trx.rows(nodeTable))).map(({ name }) => name);
      await database.db.write((trx) => trx.remove(nodeTable, (query) => query.where({ name: 'a' })));
      expect(await names()).toEqual([]);
      await a.tasks.tick();
      expect(await names()).toEqual(['a']);
    });

    it('hear of a cancel through the database', async () => {
      behave = ({ signal }) => untilAborted(signal);
      const a = await node('a', 0);
      const b = await node('b', 0);
      const { run } = await a.tasks.start('sample.work');
      await until(() => work.length === 1);
      await b.tasks.cancel(run.id, { id: 'bob', name: 'Bob' });
      expect(work[0]?.context.signal.aborted).toBe(false);
      await a.clock.advance(5_000);
      const done = await a.tasks.wait(run.id);
      expect(done).toMatchObject({ state: 'cancelled', stoppedBy: 'bob' });
    });

    it('cancel the item of a dead node instead of taking it over, where the run was cancelled', async () => {
      behave = ({ signal }) => untilAborted(signal);
      const a = await node('a', 0);
      const b = await node('b', 0);
      const { run } = await a.tasks.start('sample.work');
      await until(() => work.length === 1);
      await b.tasks.cancel(run.id);
      await b.tasks.tick();
      await b.clock.advance(61_000);
      await b.tasks.tick();
      expect((await b.tasks.wait(run.id)).state).toBe('cancelled');
      expect(work).toHaveLength(1);
    });

    it('hand their items on at shutdown, while another node is there', async () => {
      behave = ({ signal }, name) => (name === 'a' ? untilAborted(signal) : Promise.resolve(undefined));
      const a = await node('a', 0);
      const b = await node('b', 0);
      const { run } = await a.tasks.start('sample.work');
      await until(() => work.length === 1);
      await a.tasks.stop();
      expect((await b.tasks.runs.get(run.id)).items[0]?.state).toBe('waiting');
      await b.tasks.tick();
      const done = await b.tasks.wait(run.id);
      expect(done).toMatchObject({ state: 'succeeded', items: [{ node: 'b', attempt: 1 }] });
    });

    it('give an item up that has ended three nodes', async () => {
      behave = ({ signal }) => untilAborted(signal);
      const a = await node('a', 0);
      const b = await node('b', 0);
      const { run } = await a.tasks.start('sample.work');
      // Whichever node holds it is the one whose clock stands still.
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        await until(() => work.length === attempt);
        const other = work.at(-1)?.node === 'a' ? b : a;
        await other.tasks.tick();
        await other.clock.advance(61_000);
        await other.tasks.tick();
      }
      const done = await b.tasks.wait(run.id);
      expect(done.state).toBe('failed');
      expect(done.notices.map(({ notice }) => notice.code)).toEqual(['ITEM_INTERRUPTED']);
    });

    it('start what is due once between them', async () => {
      const clock = testClock();
      const host = testHost({ clock });
      let runs = 0;
      const task = sampleTask(
        'hourly',
        async () => {
          runs += 1;
          return undefined;
        },
        { schedule: { kind: 'interval', minutes: 60 } },
      );
      const both = await Promise.all(
        ['a', 'b'].map((nodeName) =>
          createServerTasks(host, [samplePlugin([task])], { database: database.db, nodeName }),
        ),
      );
      // Seven hours away: one start for all that were missed.
      await clock.advance(7 * 3_600_000);
      await Promise.all(both.map((one) => one.tick()));
      await until(() => runs === 1);
      await Promise.all(both.map((one) => one.tick()));
      const page = await both[0]?.runs.list({ task: 'sample.hourly' });
      expect(page?.items).toMatchObject([{ trigger: 'schedule', actor: { id: 'system' } }]);
      for (const one of both) await one.stop();
    });
  });
