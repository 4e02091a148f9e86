import type { RunDetail } from '@itsm-m365/server-tasks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { historyProblems } from '../stored/history.ts';
import { changeTenant, type ManyPortals, openManyPortals } from './surroundings/many-portals.ts';
import type { Node } from './surroundings/nodes.ts';
import { publishedHoldings, publishedRows, trueHoldings } from './surroundings/published-rows.ts';
import { ended, settled, start, tasks } from './surroundings/runs.ts';
import { openStallingProxy, type StallingProxy } from './surroundings/stalling-proxy.ts';

const url = process.env.TEST_MSSQL_URL;
const portals = 100;
/** Long enough for a machine that does much else: nobody is taken for dead who is only slow. */
const times = { heartbeatMs: 500, leaseMs: 8_000 };
/** The first statement of a publication, and one of its last. */
const fence = 'SET epoch = epoch WHERE';
const deltaLink = '[delta_link] =';

const seconds = 300;
const patience = { timeout: 400_000 };

const running = (run: RunDetail, node: string): readonly string[] =>
  run.items.filter((item) => item.state === 'running' && item.node === node).map(({ key }) => key);

describe.skipIf(url === undefined)('Three nodes with a hundred portals', () => {
  let all: ManyPortals;
  let a: Node;
  let b: Node;
  let c: Node;
  let proxy: StallingProxy | undefined;

  beforeAll(async () => {
    all = await openManyPortals(url ?? '', portals);
    // The first makes the tables and the first user.
    a = await all.nodes.start({ name: 'a', ...times });
    [b, c] = await Promise.all([all.nodes.start({ name: 'b', ...times }), all.nodes.start({ name: 'c', ...times })]);
    await all.configure(a);
  }, 240_000);
  afterEach(() => {
    all?.simulated.simulator.faults.clear();
  });
  afterAll(async () => {
    await all?.close();
    await proxy?.close();
  }, 60_000);

  const nodes = (): readonly Node[] => [a, b, c];

  /** Polls until a run looks as wanted. */
  const seen = async (node: Node, id: string, wanted: (run: RunDetail) => boolean): Promise<RunDetail> => {
    const latest = performance.now() + seconds * 1000;
    for (;;) {
      const run = await node.get<RunDetail>(`/runs/${id}`);
      if (wanted(run)) return run;
      if (run.endedAt !== null || performance.now() > latest)
        throw new Error(`it did not come to that: ${run.state}, ${JSON.stringify(run.items.slice(0, 3))}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  /** Everything is as the tenants have it, once, and the history is sound. */
  const checkPublished = async (): Promise<void> => {
    expect(await publishedHoldings(all.db)).toEqual(trueHoldings(all.tenants));
    expect(await historyProblems(all.db, { withoutGaps: ['lic_position'] })).toEqual([]);
  };

  const calm = (): void => {
    for (const node of nodes()) expect(node.log().filter(({ level }) => level === 'error')).toEqual([]);
  };

  /** What went wrong, or nearly: what an import tells by the way is left out. */
  const codes = (run: RunDetail): readonly string[] => [
    ...new Set(run.notices.filter(({ notice }) => notice.severity !== 'info').map(({ notice }) => notice.code)),
  ];

  it('share the portals of a run: each is imported once, and every node imports some', patience, async () => {
    const { run } = await start(a, tasks.import);
    const done = await ended(b, run.id, seconds);
    calm();
    expect([done.state, codes(done)]).toEqual(['succeeded', []]);
    expect(done.items).toHaveLength(portals);
    expect(done.items.filter(({ attempt, outcome }) => attempt !== 1 || outcome !== 'succeeded')).toEqual([]);
    expect(new Set(done.items.map(({ node }) => node))).toEqual(new Set(['a', 'b', 'c']));
    const { statistics } = all.simulated.simulator;
    for (const { tenantId } of all.tenants.values())
      expect(statistics.requestsOf(tenantId)).toMatchObject({ subscribedSkus: 1, users: 1, 'users-delta': 1 });
    await checkPublished();
    await settled(a, tasks.recalculate);
  });

  it('start a run that is due once, although all of them see that it is', patience, async () => {
    const before = (await a.get<{ items: readonly RunDetail[] }>(`/runs?task=${tasks.import}`)).items;
    await all.server.query(
      `update licensing.task_schedule set next_start = '2026-01-01' where task = '${tasks.import}'`,
    );
    const runs = async () => (await b.get<{ items: readonly RunDetail[] }>(`/runs?task=${tasks.import}`)).items;
    while ((await runs()).length === before.length) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const run of await runs()) await ended(c, run.id, seconds);
    const [latest, ...others] = await runs();
    expect(latest).toMatchObject({ trigger: 'schedule', state: 'succeeded' });
    expect(others.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    await settled(a, tasks.recalculate);
    calm();
  });

  it('see the progress of one another, and a cancel on one stops the items of all', patience, async () => {
    all.simulated.simulator.faults.enable('slow-body', { endpoint: 'subscribedSkus', milliseconds: 20_000 });
    const { run } = await start(a, tasks.import);
    const everywhere = (detail: RunDetail): boolean =>
      nodes().every(({ name }) =>
        detail.items.some((item) => item.state === 'running' && item.node === name && item.progress !== null),
      );
    for (const node of nodes()) await seen(node, run.id, everywhere);
    await b.post(`/runs/${run.id}/cancel`, undefined);
    const done = await ended(c, run.id, seconds);
    expect(done.state).toBe('cancelled');
    expect(new Set(done.items.map(({ state }) => state))).toEqual(new Set(['cancelled']));
    expect(new Set(done.items.map(({ node }) => node))).toEqual(new Set(['a', 'b', 'c', null]));
    await checkPublished();
    await settled(a, tasks.recalculate);
    calm();
  });

  it('take over the portals of a node that is killed, and nothing is doubled', patience, async () => {
    all.change();
    all.simulated.simulator.faults.enable('slow-body', { endpoint: 'subscribedSkus', times: 12, milliseconds: 4_000 });
    const { run } = await start(a, tasks.import);
    await seen(a, run.id, (detail) => running(detail, 'c').length >= 3);
    await c.kill();
    const done = await ended(b, run.id, seconds);
    calm();
    expect([done.state, codes(done)]).toEqual(['succeeded', ['ITEM_TAKEN_OVER']]);
    expect(done.items.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
    const taken = done.items.filter(({ attempt }) => attempt === 2);
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.every(({ node }) => node === 'a' || node === 'b')).toBe(true);
    await checkPublished();
    await settled(a, tasks.recalculate);
  });

  it('refuse the late write of a node that stood still, which then goes on as a good node', patience, async () => {
    await c.kill();
    const { server, port = 1433 } = all.server.owner;
    proxy = await openStallingProxy(server, port);
    c = await all.nodes.start({ name: 'late', port: proxy.port, ...times });
    all.change();
    // Listed in full: what was staged before the change would end what came after it.
    all.simulated.simulator.faults.enable('delta-gone', { endpoint: 'users-delta', times: portals });
    const stalled = proxy.stallAt(fence);
    const { run } = await start(a, tasks.import);
    const late = await stalled;
    const others = await proxy.stallOthers();
    c.suspend();
    const held = running(await a.get<RunDetail>(`/runs/${run.id}`), 'late');
    for (const portal of held) changeTenant(all.tenantOf(portal));
    const done = await ended(b, run.id, seconds);
    expect([done.state, codes(done)]).toEqual(['succeeded', ['ITEM_TAKEN_OVER']]);
    expect(held).toEqual(done.items.filter(({ attempt }) => attempt === 2).map(({ key }) => key));
    await checkPublished();
    await settled(a, tasks.recalculate);

    const before = await publishedRows(all.db);
    // Its heartbeat cannot tell it, since only the late statement gets through: the fence does.
    late.letGo();
    c.resume();
    const lost = (): number => c.log().filter(({ code }) => code === 'LEASE_LOST').length;
    const unchanged = async (until: number): Promise<void> => {
      const latest = performance.now() + 60_000;
      for (let told = 0; told < until; told = lost()) {
        expect(await publishedRows(all.db)).toEqual(before);
        if (performance.now() > latest) throw new Error(`${told} of ${until} items were refused`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await publishedRows(all.db)).toEqual(before);
    };
    await unchanged(1);
    others();
    await unchanged(held.length);

    all.change();
    const next = await ended(a, (await start(a, tasks.import)).run.id, seconds);
    expect([next.state, codes(next)]).toEqual(['succeeded', []]);
    expect(new Set(next.items.map(({ node }) => node))).toEqual(new Set(['a', 'b', 'late']));
    await checkPublished();
    await settled(a, tasks.recalculate);
  });

  it(
    'wait for a publication that stands still, with its portal only, and take it over when it is gone',
    patience,
    async () => {
      if (proxy === undefined) throw new Error('there is no proxy');
      all.change();
      const stalled = proxy.stallAt(deltaLink);
      const { run } = await start(a, tasks.import);
      await stalled;
      const release = await proxy.stallOthers();
      c.suspend();
      const rest = (detail: RunDetail): boolean =>
        detail.items.filter(({ state }) => state === 'running' || state === 'waiting').length === 1;
      const last = await seen(b, run.id, rest);
      expect(last.items.filter(({ state }) => state === 'running')).toMatchObject([{ node: 'late', attempt: 1 }]);
      // The others wait for it at the fence, and do what else there is to do.
      const before = (await a.get<{ items: readonly RunDetail[] }>(`/runs?task=${tasks.recalculate}`)).items;
      await all.server.query(
        `update licensing.task_schedule set next_start = '2026-01-01' where task = '${tasks.recalculate}'`,
      );
      const others = async () =>
        (await b.get<{ items: readonly RunDetail[] }>(`/runs?task=${tasks.recalculate}`)).items;
      while ((await others()).length === before.length) await new Promise((resolve) => setTimeout(resolve, 50));
      await settled(a, tasks.recalculate);
      expect((await a.get<RunDetail>(`/runs/${run.id}`)).state).toBe('running');

      await c.kill();
      release();
      const done = await ended(a, run.id, seconds);
      expect([done.state, codes(done)]).toEqual(['succeeded', ['ITEM_TAKEN_OVER']]);
      await checkPublished();
      await settled(a, tasks.recalculate);
    },
  );

  it('agree although their clocks are a minute ahead and a minute behind', patience, async () => {
    await c.kill();
    expect((await b.end()).code).toBe(0);
    [b, c] = await Promise.all([
      all.nodes.start({ name: 'ahead', ...times, skewSeconds: 60 }),
      all.nodes.start({ name: 'behind', ...times, skewSeconds: -60 }),
    ]);
    for (let cycle = 0; cycle < 3; cycle += 1) {
      all.change();
      all.simulated.simulator.statistics.reset();
      const before = (await a.get<{ items: readonly RunDetail[] }>(`/runs?task=${tasks.import}`)).items.length;
      await all.server.query(
        `update licensing.task_schedule set next_start = '2026-01-01' where task = '${tasks.import}'`,
      );
      const runs = async () => (await b.get<{ items: readonly RunDetail[] }>(`/runs?task=${tasks.import}`)).items;
      while ((await runs()).length === before) await new Promise((resolve) => setTimeout(resolve, 50));
      const newest = (await runs()).find(({ endedAt }) => endedAt === null);
      const done = await ended(c, newest?.id ?? '', seconds);
      expect([done.state, codes(done)]).toEqual(['succeeded', []]);
      expect(await runs()).toHaveLength(before + 1);
      expect(done.items.filter(({ attempt }) => attempt !== 1)).toEqual([]);
      expect(done.endedAt ?? 0).toBeGreaterThanOrEqual(done.startedAt ?? Number.NaN);
      const { statistics } = all.simulated.simulator;
      for (const { tenantId } of all.tenants.values()) expect(statistics.requestsOf(tenantId).subscribedSkus).toBe(1);
      await settled(a, tasks.recalculate);
      await checkPublished();
    }
    calm();
  });
});
