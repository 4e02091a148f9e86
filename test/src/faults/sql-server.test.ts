import { openDatabase } from '@itsm-m365/database';
import { publications } from '@itsm-m365/licence-catalog';
import { portalStates } from '@itsm-m365/m365-import';
import { machineClock } from '@itsm-m365/server-tasks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { addPortal, portalOf } from '../end-to-end/surroundings/portals.ts';
import { tasks } from '../end-to-end/surroundings/runs.ts';
import { type Simulated, simulate } from '../end-to-end/surroundings/simulated.ts';
import { openServerDatabase, type ServerDatabase } from '../end-to-end/surroundings/sql-server.ts';
import { expectedFigures, skuNamed } from '../end-to-end/surroundings/truth.ts';
import { compliance, figuresOf } from '../end-to-end/surroundings/views.ts';
import { historyProblems } from '../stored/history.ts';
import { publishedRows, stagedRows } from '../stored/published.ts';
import { type CuttingProxy, openCuttingProxy } from './surroundings/cutting-proxy.ts';
import { type Outcome, openSite, type Site, withoutFollower } from './surroundings/site.ts';

const url = process.env.TEST_MSSQL_URL;

/** Sent by a publication of an import, and by nothing else. */
const published = 'lic_evidence';
const recalculated = 'lic_recalculation';
const staging = 'insert bulk';

describe.skipIf(url === undefined)('A SQL Server', () => {
  let folder: Folder;
  let simulated: Simulated;
  let database: ServerDatabase;
  let proxy: CuttingProxy;
  let site: Site;

  const connectionOf = (user: 'owner' | 'runner', requestTimeoutMs = 60_000) => ({
    ...database[user],
    server: '127.0.0.1',
    port: proxy.port,
    requestTimeoutMs,
  });
  const open = (user: 'owner' | 'runner' = 'runner', requestTimeoutMs?: number): Promise<Site> =>
    openSite(`${folder.path}/host`, simulated, {
      connection: connectionOf(user, requestTimeoutMs),
      migrate: user === 'owner' ? 'apply' : 'check',
    });

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 120 });
    database = await openServerDatabase(url ?? '');
    proxy = await openCuttingProxy(database.owner.server, database.owner.port ?? 1433);
    site = await open('owner');
    await addPortal(site, portalOf(simulated.tenant(), 'Faulty'));
    await withoutFollower(site);
    await site.close();
  }, 120_000);
  afterAll(async () => {
    await proxy?.close();
    await simulated?.close();
    await database?.drop();
    folder.remove();
  });

  beforeEach(async () => {
    site = await open();
  });
  afterEach(() => site?.close());

  /** Somebody gets a licence and somebody loses one, so that the next import has something to publish. */
  const change = (): void => {
    const tenant = simulated.tenant();
    const { skuId } = skuNamed(tenant, 'SPE_E3');
    const holders = new Set(tenant.truth.holders(skuId));
    const other = [...tenant.truth.users()].find(({ id, paths }) => !holders.has(id) && paths.length > 0);
    tenant.unassign([...holders][0] ?? '', skuId);
    if (other !== undefined) tenant.assign(other.id, skuId);
    tenant.setSeats(skuId, 100 + holders.size);
  };

  const expectTruth = async (): Promise<void> => {
    expect(figuresOf(await compliance(site))).toEqual(expectedFigures(simulated.tenant()));
    expect(await historyProblems(site.db)).toEqual([]);
    expect(await stagedRows(site.db)).toBe(0);
  };

  const expectNext = async (): Promise<void> => {
    const next = await site.attempt(tasks.completely);
    expect(next.state, JSON.stringify(next)).toBe('succeeded');
    await expectTruth();
    // Everything is there once: a further run finds nothing to do.
    const before = (await publishedRows(site.db)).filter((row) => !/^(lic_evidence|lic_recalculation|\{)/.test(row));
    expect((await site.attempt(tasks.completely)).state).toBe('succeeded');
    const after = (await publishedRows(site.db)).filter((row) => !/^(lic_evidence|lic_recalculation|\{)/.test(row));
    expect(after).toEqual(before);
  };

  const expectTold = ({ notices }: Outcome, code: string): void => {
    const told = notices.find((notice) => notice.code === code);
    expect(told, JSON.stringify(notices)).toBeDefined();
    expect(told?.texts).toHaveLength(4);
    expect(new Set(told?.texts).size).toBe(4);
  };

  for (const [where, text] of [
    ['while a page is staged', staging],
    ['in the publication of an import', published],
    ['in the publication of a recalculation', recalculated],
  ] as const)
    it(`that loses a connection ${where} does not fail the run: the transaction is repeated`, async () => {
      change();
      const cut = proxy.cutAt(text, 'before');
      const outcome = await site.attempt(tasks.completely);
      await cut;
      expect(outcome.state, JSON.stringify(outcome)).toBe('succeeded');
      await expectTruth();
    });

  for (const [cut, what] of [
    ['before', 'did not take effect'],
    ['after', 'took effect'],
  ] as const)
    for (const [task, text] of [
      [tasks.import, published],
      [tasks.recalculate, recalculated],
    ] as const)
      it(`that is lost at the COMMIT of ${task}, which ${what}, fails the run as unknown, and the next doubles nothing`, async () => {
        change();
        if (task === tasks.recalculate) expect((await site.attempt(tasks.import)).state).toBe('succeeded');
        const before = await publishedRows(site.db);
        const lost = proxy.cutAtCommitAfter(text, cut);
        const outcome = await site.attempt(task);
        await lost;
        expectTold(outcome, 'DATABASE_COMMIT_UNKNOWN');
        const after = await publishedRows(site.db);
        if (cut === 'before') expect(after).toEqual(before);
        else expect(after).not.toEqual(before);
        expect(await historyProblems(site.db)).toEqual([]);
        await expectNext();
      });

  it('that is away for a while leaves the run to be ended when it is back, and nothing half', async () => {
    change();
    const before = await publishedRows(site.db);
    const held = proxy.holdAt(published);
    const { run } = await site.host.tasks.start(tasks.import);
    await held;
    const up = proxy.down();
    await expect.poll(() => site.codes(), { timeout: 30_000 }).toContain('DATABASE_UNREACHABLE');
    const answer = await site.call<{ readonly code: string }>('GET', '/runs');
    expect([answer.status, answer.body.code]).toEqual([503, 'DATABASE_UNREACHABLE']);
    expect(await site.host.tasks.ready()).toBe(false);
    up();
    await site.settle();
    const ended = await site.host.tasks.runs.get(run.id);
    if (ended.state === 'failed') expect(await publishedRows(site.db)).toEqual(before);
    expect(['failed', 'succeeded']).toContain(ended.state);
    await expectNext();
  });

  it('that cannot be reached, does not know the database or the login, refuses the start with what to do', async () => {
    const { owner } = database;
    const to = (more: Partial<typeof owner>) => openDatabase({ ...owner, ...more }, { clock: machineClock });
    const up = proxy.down();
    await expect(to({ server: '127.0.0.1', port: proxy.port })).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    up();
    await expect(to({ password: 'wrong' })).rejects.toMatchObject({ code: 'DATABASE_LOGIN_FAILED' });
    await expect(to({ database: 'test_none_of_that_name' })).rejects.toMatchObject({
      code: expect.stringMatching(/^DATABASE_(MISSING|LOGIN_FAILED)$/),
    });
  });

  it('that takes a right away in the middle fails the run with what to grant, and nothing changes', async () => {
    change();
    const before = await publishedRows(site.db);
    const right = (verb: string): Promise<unknown> =>
      database.query(
        `${verb} on licensing.lic_assignment ${verb.startsWith('revoke') ? 'from' : 'to'} [${database.runner.user}]`,
      );
    await database.query(`revoke select, insert, update, delete on schema::licensing from [${database.runner.user}]`);
    const tables = await database.query<{ name: string }>(
      "select name from sys.tables where schema_name(schema_id) = 'licensing'",
    );
    for (const { name } of tables)
      await database.query(`grant select, insert, update, delete on licensing.[${name}] to [${database.runner.user}]`);
    await right('revoke insert, update');
    const outcome = await site.attempt(tasks.import);
    expectTold(outcome, 'DATABASE_RIGHT_MISSING');
    expect(await publishedRows(site.db)).toEqual(before);
    await right('grant insert, update');
    await expectNext();
  });

  it('lets a publication that is the victim of a deadlock through at its second try', async () => {
    change();
    const rival = await openDatabase(database.owner, { clock: machineClock });
    // The portal's row is locked by then, and the tenant's is not yet.
    const held = proxy.holdAt('[version] = [version] +');
    const { run } = await site.host.tasks.start(tasks.import);
    const letGo = await held;
    const rivals = rival.write(
      async (trx) => {
        await trx.execute('UPDATE ?? SET version = version', [trx.name(publications)]);
        letGo();
        // Each waits for what the other holds; the server ends the one that waited first, after about a second.
        await new Promise((resolve) => setTimeout(resolve, 300));
        await trx.execute('UPDATE ?? SET users = users', [trx.name(portalStates)]);
      },
      { retries: 5 },
    );
    await rivals;
    await site.settle();
    expect((await site.host.tasks.runs.get(run.id)).state, site.codes().join()).toBe('succeeded');
    expect(site.codes()).toContain('DATABASE_BUSY');
    await rival.close();
    await expectNext();
  });

  it('whose rows another session keeps locked fails the run by its time limit, and the next one succeeds', async () => {
    await site.close();
    site = await open('runner', 4000);
    change();
    const before = await publishedRows(site.db);
    const rival = await openDatabase(database.owner, { clock: machineClock });
    let free = (): void => undefined;
    const holding = rival.write(async (trx) => {
      await trx.execute('UPDATE ?? SET version = version', [trx.name(publications)]);
      await new Promise<void>((resolve) => {
        free = resolve;
      });
    });
    const outcome = await site.attempt(tasks.import);
    expectTold(outcome, 'DATABASE_TIMEOUT');
    free();
    await holding;
    await rival.close();
    expect(await publishedRows(site.db)).toEqual(before);
    await site.close();
    site = await open();
    await expectNext();
  });
});
