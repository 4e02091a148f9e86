import { databaseErrors } from '@itsm-m365/database';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import type { Database, Table } from '@itsm-m365/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import { logTable, noticeTable } from '../store/tables.ts';
import { testClock, watched } from '../testing/clock.ts';
import { type TestHost, testHost } from '../testing/host.ts';
import { samplePlugin, sampleTask } from '../testing/tasks.ts';

/** A database whose answer to a commit can get lost on its way, after it took effect or before. */
const losing = (db: Database) => {
  let next: 'after' | 'before' | undefined;
  const lost = databaseErrors.DATABASE_COMMIT_UNKNOWN;
  const lossy: Database = {
    dialect: db.dialect,
    capabilities: db.capabilities,
    name: (table) => db.name(table),
    read: (work, options) => db.read(work, options),
    load: (table, rows, options) => db.load(table, rows, options),
    close: () => db.close(),
    async write(work, options) {
      const cut = next;
      next = undefined;
      if (cut === 'before') throw lost();
      const result = await db.write(work, options);
      if (cut === 'after') throw lost();
      return result;
    },
  };
  return {
    lossy,
    loseNext(when: 'after' | 'before') {
      next = when;
    },
  };
};

for (const engine of eachDatabase())
  describe.skipIf(engine.skipped)(`what a run reports on ${engine.name}`, () => {
    let database: TestDatabase;
    let host: TestHost;
    let tasks: ServerTasks | undefined;
    beforeEach(async () => {
      database = await engine.open();
    });
    afterEach(async () => {
      await tasks?.stop();
      await database.close();
    });

    for (const when of ['after', 'before'] as const)
      it(`is kept once where the answer to its commit is lost ${when} it took effect`, async () => {
        const shared = watched(database.db);
        host = testHost({ clock: testClock(undefined, shared.busy) });
        const { lossy, loseNext } = losing(shared.db);
        const appears = async (table: Table<never>, trx: Database): Promise<void> => {
          for (let turn = 0; turn < 400; turn += 1) {
            if ((await trx.read((inside) => inside.rows(table))).length > 0) return;
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        };
        const task = sampleTask('tell', async (context) => {
          // The first line of every item is written by then, and nothing else is under way.
          await appears(logTable as unknown as Table<never>, context.db);
          loseNext(when);
          context.notice({ code: 'TOLD', severity: 'info', message: { en: 'told', de: 'gesagt' } });
          context.logger.info({}, 'Told');
          await appears(noticeTable as unknown as Table<never>, context.db);
          context.notice({ code: 'MORE', severity: 'info', message: { en: 'more', de: 'mehr' } });
          return { counts: {}, notices: [] };
        });
        tasks = await createServerTasks(host, [samplePlugin([task])], { database: lossy });
        const { id } = await tasks.wait((await tasks.start('sample.tell')).run.id);
        const run = await tasks.runs.get(id);
        expect(run.state).toBe('succeeded');
        expect(run.notices.map(({ notice }) => notice.code)).toEqual(['TOLD', 'MORE']);
        const lines = (await tasks.runs.log(id)).map(({ message }) => message);
        expect(lines.filter((message) => message === 'Told')).toHaveLength(1);
        expect(host.log.map(({ message }) => message)).toContain('Could not write what the run reports');
      });
  });
