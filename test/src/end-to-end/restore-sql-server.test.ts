import type { RestoredView, RunDetail } from '@itsm-m365/server-tasks';
import { startTestHost, type TestHost } from '@itsm-m365/test-host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from './surroundings/client.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { addPortal, portalOf } from './surroundings/portals.ts';
import { runToEnd, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';
import { openServerDatabase, type ServerDatabase } from './surroundings/sql-server.ts';
import { expectedFigures } from './surroundings/truth.ts';
import { compliance, figuresOf } from './surroundings/views.ts';

const url = process.env.TEST_MSSQL_URL;

// Not every test server can BACKUP and RESTORE: the rows of all tables are set aside and put back, as one change.
describe.skipIf(url === undefined)('A restore on SQL Server under two nodes that work', () => {
  let folder: Folder;
  let simulated: Simulated;
  let database: ServerDatabase;
  let tables: readonly string[] = [];
  const nodes: TestHost[] = [];
  const clients: Client[] = [];

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 60 });
    database = await openServerDatabase(url ?? '');
    for (let node = 0; node < 2; node += 1) {
      const host = await startTestHost({ folder: folder.path, http: simulated.http, connection: database.owner });
      nodes.push(host);
      clients.push(createClient(`${host.url}${host.prefix}`, { 'x-person': 'root' }));
    }
  }, 120_000);
  afterAll(async () => {
    for (const node of nodes) await node.close();
    await simulated?.close();
    await database?.drop();
    folder.remove();
  }, 60_000);

  const client = (node = 0): Client => {
    const found = clients[node];
    if (found === undefined) throw new Error(`there is no node ${node}`);
    return found;
  };
  const restored = (node = 0) => client(node).get<RestoredView>('/restored');
  const expectTruth = async () => {
    expect(figuresOf(await compliance(client()))).toEqual(expectedFigures(simulated.tenant()));
  };

  it('imports, is set aside, and imports again', async () => {
    await addPortal(client(), portalOf(simulated.tenant(), 'Server'));
    expect((await runToEnd(client(), tasks.completely)).state).toBe('succeeded');
    await Promise.all(nodes.map(({ tasks: core }) => core.tick()));
    tables = (
      await database.query<{ name: string }>(`select name from sys.tables where schema_name(schema_id) = 'licensing'`)
    ).map(({ name }) => name);
    expect(tables.length).toBeGreaterThan(30);
    for (const name of tables) await database.query(`select * into [dbo].[aside_${name}] from [licensing].[${name}]`);
    for (const user of [...simulated.tenant().truth.users()].filter(({ held }) => held.length > 0).slice(0, 4))
      simulated.tenant().removeUser(user.id);
    expect((await runToEnd(client(), tasks.completely)).state).toBe('succeeded');
    await Promise.all(nodes.map(({ tasks: core }) => core.tick()));
  }, 120_000);

  it('is noticed by both nodes at their next look, and entered once', async () => {
    const statements = tables.map(
      (name) =>
        `delete from [licensing].[${name}]; insert into [licensing].[${name}] select * from [dbo].[aside_${name}];`,
    );
    await database.query(`begin transaction; ${statements.join('\n')} commit;`);
    await Promise.all(nodes.map(({ tasks: core }) => core.tick()));
    const [one, two] = [await restored(0), await restored(1)];
    expect(one).toMatchObject({ on: true, mode: { reason: 'older', forgotten: { 'm365-import.deltaLinks': 1 } } });
    expect(two.mode?.id).toBe(one.mode?.id);
  }, 60_000);

  it('brings the truth back by an import, and ends with the release on both', async () => {
    const run: RunDetail = await runToEnd(client(1), tasks.completely);
    expect(run.state).toBe('succeeded');
    await expectTruth();
    const { mode, seen } = await restored(1);
    await client(1).post('/restored/release', { restored: mode?.id, seen });
    await Promise.all(nodes.map(({ tasks: core }) => core.tick()));
    expect(await restored(0)).toMatchObject({ on: false });
  }, 120_000);
});
