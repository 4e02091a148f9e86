import { join } from 'node:path';
import { flag, migrate, nullable, openDatabase, text } from '@itsm-m365/database';
import type { DatabaseConnection, Migration } from '@itsm-m365/plugin-api';
import { allPlugins, machineClock } from '@itsm-m365/server-tasks';
import { startTestHost, type TestHost } from '@itsm-m365/test-host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from './surroundings/client.ts';
import { describedBy, fillPath, knownIds, operationsOf } from './surroundings/crawl.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { addPortal, changePortal, portalOf } from './surroundings/portals.ts';
import { runToEnd, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';
import { openServerDatabase } from './surroundings/sql-server.ts';
import { alterBeside } from './surroundings/sqlite-beside.ts';
import { holdersOf, skuNamed } from './surroundings/truth.ts';
import { compliance, consumersOf, ofSku } from './surroundings/views.ts';

/** What the next version may do to a table that this one uses: add columns, each with a default or nullable. */
const added = { next_word: text(20), next_flag: flag(), next_maybe: nullable(text(20)) };
const defaults = { next_word: 'new', next_flag: true };

const nextVersion = (tables: readonly string[]): Migration => ({
  id: '999-next-version',
  up: async (schema) => {
    for (const table of tables) await schema.addColumns(table, added, defaults);
  },
  down: async () => undefined,
});

interface Place {
  readonly connection: DatabaseConnection;
  /** Migrates as the next version does, while this one runs. Answers the number of tables. */
  upgrade(): Promise<number>;
  drop(): Promise<void>;
}

const catalogue = allPlugins.find(({ id }) => id === 'licence-catalog');
const source = (tables: readonly string[]) => ({
  plugin: 'licence-catalog',
  migrations: [...(catalogue?.migrations ?? []), nextVersion(tables)],
});
const isOurs = (name: string): boolean => /^(lic|m365|task)_/.test(name) && !name.startsWith('task_migrations_');

const onSqlite = async (folder: string): Promise<Place> => {
  const file = join(folder, 'plugins.db');
  return {
    connection: { dialect: 'sqlite', file },
    // The file belongs to the process that runs, and `migrate` would be refused: the statements alone.
    upgrade: async () => alterBeside(file, source, isOurs),
    drop: async () => undefined,
  };
};

const onServer = async (): Promise<Place> => {
  const server = await openServerDatabase(process.env.TEST_MSSQL_URL ?? '');
  return {
    connection: server.owner,
    async upgrade() {
      const rows = await server.query<{ name: string }>('select name from sys.tables');
      const tables = rows.map(({ name }) => name).filter(isOurs);
      const db = await openDatabase(server.owner, { clock: machineClock });
      await migrate(db, [source(tables)], { mode: 'apply', clock: machineClock });
      await db.close();
      return tables.length;
    },
    drop: () => server.drop(),
  };
};

const places = [
  { name: 'SQLite', skipped: false, open: onSqlite },
  { name: 'SQL Server', skipped: process.env.TEST_MSSQL_URL === undefined, open: onServer },
];

for (const { name, skipped, open } of places)
  describe.skipIf(skipped)(`Two adjacent versions on one schema, on ${name}`, () => {
    let folder: Folder;
    let simulated: Simulated;
    let place: Place;
    let host: TestHost;
    let client: Client;
    let portal: string;

    beforeAll(async () => {
      folder = temporaryFolder();
      simulated = await simulate({ users: 40 });
      place = await open(folder.path);
      host = await startTestHost({ folder: folder.path, http: simulated.http, connection: place.connection });
      client = createClient(`${host.url}${host.prefix}`, { 'x-person': 'root' });
      portal = (await addPortal(client, portalOf(simulated.tenant(), 'One'))).id;
      expect((await runToEnd(client, tasks.completely)).state).toBe('succeeded');
    });
    afterAll(async () => {
      await host?.close();
      await place?.drop();
      await simulated?.close();
      folder.remove();
    });

    it('the older one goes on while the newer one has added columns to every table', async () => {
      expect(await place.upgrade()).toBeGreaterThan(25);
      const tenant = simulated.tenant();
      const { skuId } = skuNamed(tenant, 'SPE_E3');
      const [left] = [...tenant.truth.holders(skuId)];
      tenant.unassign(left ?? '', skuId);
      // A changed description is a settings write; a changed exclusion makes the next listing a full one.
      await changePortal(client, portal, { description: 'after', exclusions: [skuNamed(tenant, 'SPE_E5').skuId] });
      const run = await runToEnd(client, tasks.completely);
      expect([run.state, run.notices]).toEqual(['succeeded', []]);
      const row = ofSku(await compliance(client), skuId);
      expect(await consumersOf(client, row.id)).toEqual(holdersOf(tenant, skuId));
      const known = await knownIds(client);
      for (const { method, path } of operationsOf(await describedBy(client)))
        if (method === 'GET' && !path.endsWith('}/events'))
          for (const filled of fillPath(path, known))
            expect((await client.call(method, filled)).status, filled).not.toBe(500);
    });

    it('the older one does not load any more what the newer one changed, and says why', async () => {
      await host.close();
      host = await startTestHost({ folder: folder.path, http: simulated.http, connection: place.connection });
      const { failed } = host.tasks.plugins;
      expect(failed.find(({ id }) => id === 'licence-catalog')).toMatchObject({
        error: { code: 'PLUGIN_SCHEMA_FAILED', cause: { code: 'SCHEMA_NEWER' } },
      });
      expect(failed.map(({ id }) => id)).toContain('m365-import');
    });
  });
