import { openDatabase } from '@itsm-m365/database';
import { machineClock } from '@itsm-m365/server-tasks';
import { startTestHost, type TestHost } from '@itsm-m365/test-host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from './surroundings/client.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { addPortal, portalOf } from './surroundings/portals.ts';
import { runToEnd, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';
import { openServerDatabase, type ServerDatabase } from './surroundings/sql-server.ts';
import { expectedFigures, holdersOf, listedSkus, skuNamed } from './surroundings/truth.ts';
import { compliance, consumersOf, contacts, figuresOf, ofSku } from './surroundings/views.ts';

const url = process.env.TEST_MSSQL_URL;

describe.skipIf(url === undefined)('Import and recalculation on SQL Server', () => {
  let folder: Folder;
  let simulated: Simulated;
  let database: ServerDatabase;
  let host: TestHost | undefined;
  let client: Client;

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 120 });
    database = await openServerDatabase(url ?? '');
  }, 60_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    await database?.drop();
    folder.remove();
  }, 60_000);

  const startAs = async (connection: ServerDatabase['owner'], migrate: 'apply' | 'check'): Promise<TestHost> =>
    startTestHost({ folder: folder.path, http: simulated.http, connection, core: { migrate } });

  it('refuses to start without its tables where it may not create them', async () => {
    await expect(startAs(database.runner, 'check')).rejects.toMatchObject({ name: 'KnownError' });
  });

  it('creates its tables as their owner, in the schema given and in no other', async () => {
    await (await startAs(database.owner, 'apply')).close();
    const rows = await database.query<{ place: string; tables: number }>(
      `select schema_name(schema_id) as place, count(*) as tables from sys.tables group by schema_id`,
    );
    expect(rows.filter(({ place }) => place !== 'sys')).toEqual([{ place: 'licensing', tables: expect.any(Number) }]);
  }, 120_000);

  it('imports and recalculates as a login that may change rows only', async () => {
    const db = await openDatabase(database.runner, { clock: machineClock });
    await expect(db.write((trx) => trx.execute('create table licensing.more (id int)'))).rejects.toThrow();
    await db.close();
    host = await startAs(database.runner, 'check');
    expect(host.tasks.plugins.failed).toEqual([]);
    client = createClient(`${host.url}${host.prefix}`, { 'x-person': 'root' });
    await addPortal(client, portalOf(simulated.tenant(), 'Server'));
    const run = await runToEnd(client, tasks.completely);
    expect(run.notices).toEqual([]);
    expect(run.state).toBe('succeeded');
  }, 120_000);

  it('finds the figures, statuses and persons of the tenant', async () => {
    const tenant = simulated.tenant();
    const rows = await compliance(client);
    expect(figuresOf(rows)).toEqual(expectedFigures(tenant));
    const { skuId } = skuNamed(tenant, 'SPE_E3');
    expect(await consumersOf(client, ofSku(rows, skuId).id, 9)).toEqual(holdersOf(tenant, skuId));
    const listed = new Set(listedSkus(tenant).map((sku) => sku.skuId));
    const wanted = [...tenant.truth.users()].filter(({ paths }) => paths.some((path) => listed.has(path.skuId)));
    expect((await contacts(client)).map(({ objectId }) => objectId).sort()).toEqual(wanted.map(({ id }) => id).sort());
  }, 60_000);

  it('follows a change, and an unchanged run writes nothing', async () => {
    const tenant = simulated.tenant();
    const { skuId } = skuNamed(tenant, 'SPE_E5');
    const [left] = [...tenant.truth.holders(skuId)];
    tenant.unassign(left ?? '', skuId);
    expect((await runToEnd(client, tasks.completely)).state).toBe('succeeded');
    const rows = await compliance(client);
    expect(await consumersOf(client, ofSku(rows, skuId).id)).toEqual(holdersOf(tenant, skuId));
    const again = await runToEnd(client, tasks.completely);
    expect(again).toMatchObject({ state: 'succeeded' });
    expect(await compliance(client)).toMatchObject(
      rows.map(({ id, status, consumers }) => ({ id, status, consumers })),
    );
  }, 120_000);
});
