import { catalogueTables } from '@itsm-m365/licence-catalog';
import type { FaultName } from '@itsm-m365/microsoft-simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { portalStates } from './tables.ts';
import { assignmentLines, dumpOf, openWorld, truthLines, type World } from './testing/world.ts';

const data = catalogueTables.filter(({ name }) => !/evidence|publication|stage|counter/.test(name));

/** Three pages, so that there is a first, a middle and a last one. */
const users = 2500;

describe('a reading that is not complete', () => {
  let world: World;
  let before = '';
  beforeAll(async () => {
    world = await openWorld(undefined, { users, assignmentsPerUser: 1, throttle: false });
    const first = await world.harness.runOne();
    expect([first.state, first.counts.pages]).toEqual(['succeeded', 3]);
    // Whatever a broken reading would change has to be there to be seen.
    for (const user of [...world.tenant.truth.users()].filter((one) => one.held.length > 0).slice(0, 5))
      world.tenant.removeUser(user.id);
    before = await dumpOf(world.db, data);
  }, 60_000);
  afterEach(() => world.simulator.faults.clear());
  afterAll(() => world.close());

  const fullRun = async () => {
    world.advance(25);
    return world.harness.runOne();
  };

  const fatal: readonly (readonly [FaultName, string])[] = [
    ['truncated-json', 'GRAPH_REPLY_UNREADABLE'],
    ['proxy-page-ok', 'GRAPH_REPLY_UNREADABLE'],
    ['proxy-page-forbidden', 'GRAPH_ERROR_UNREADABLE'],
    ['error-none-body', 'GRAPH_REPLY_UNREADABLE'],
    ['connection-reset', 'GRAPH_UNREACHABLE'],
    ['permission-refused', 'GRAPH_PERMISSION_MISSING'],
    ['internal-server-error', 'GRAPH_UNAVAILABLE'],
  ];
  for (const [name, code] of fatal) {
    for (const afterPages of [0, 1, 2]) {
      it(`changes nothing after ${name} on page ${afterPages + 1}`, async () => {
        world.simulator.faults.enable(name, { endpoint: 'users', afterPages });
        const result = await fullRun();
        expect([result.state, result.error?.code]).toEqual(['failed', code]);
        expect(await dumpOf(world.db, data)).toBe(before);
        const [state] = await world.db.read((trx) => trx.rows(portalStates));
        expect(state?.failed_code).toBe(code);
      });
    }
  }

  for (const afterPages of [0, 1]) {
    it(`changes nothing after a link to a foreign host or to the same page on page ${afterPages + 1}`, async () => {
      for (const name of ['foreign-next-link', 'page-loop'] as const) {
        world.simulator.faults.clear();
        world.simulator.faults.enable(name, { endpoint: 'users', afterPages });
        expect((await fullRun()).state).toBe('failed');
        expect(await dumpOf(world.db, data)).toBe(before);
      }
    });
  }

  for (const afterPages of [0, 1]) {
    it(`notices a listing that ends early after page ${afterPages + 1} as if it were complete`, async () => {
      world.simulator.faults.enable('partial-listing', { endpoint: 'users', afterPages });
      const result = await fullRun();
      expect([result.state, result.error?.code]).toEqual(['failed', 'IMPORT_LISTING_INCOMPLETE']);
      expect(await dumpOf(world.db, data)).toBe(before);
    });
  }

  it('changes nothing after a fault in the licences, the purchases or the start of delta', async () => {
    for (const endpoint of ['subscribedSkus', 'subscriptions', 'users-delta'] as const) {
      world.simulator.faults.clear();
      world.simulator.faults.enable('truncated-json', { endpoint });
      expect((await fullRun()).error?.code).toBe('GRAPH_REPLY_UNREADABLE');
      expect(await dumpOf(world.db, data)).toBe(before);
    }
  });

  it('gives up a listing that Microsoft forgets again and again, and changes nothing', async () => {
    world.simulator.faults.enable('expired-page-token', { endpoint: 'users' });
    expect((await fullRun()).error?.code).toBe('IMPORT_LISTING_UNSTABLE');
    expect(await dumpOf(world.db, data)).toBe(before);
  });

  it('cancels in the middle of the listing without changing anything', async () => {
    world.advance(25);
    const controller = new AbortController();
    const result = await world.harness.runOne({
      signal: controller.signal,
      onProgress: (phase) => phase === 'Reading users' && controller.abort(new Error('cancelled')),
    });
    expect(result.state).toBe('cancelled');
    expect(await dumpOf(world.db, data)).toBe(before);
  });

  it('survives what Graph asks clients to survive, and is right afterwards', async () => {
    world.simulator.faults.enable('empty-page', { endpoint: 'users' });
    world.simulator.faults.enable('duplicate-users', { endpoint: 'users', count: 3 });
    world.simulator.faults.enable('mixed-case-guids', {});
    world.simulator.faults.enable('error-none', {});
    world.simulator.faults.enable('missing-locked-out', {});
    world.simulator.faults.enable('too-many-requests', {
      endpoint: 'users',
      times: 2,
      retryAfterSeconds: 2,
      afterPages: 1,
    });
    world.simulator.faults.enable('expired-page-token', { endpoint: 'users', times: 1, afterPages: 1 });
    const result = await fullRun();
    expect(result.error).toBeUndefined();
    expect(result.notices.map(({ code }) => code)).toContain('LISTING_RESTARTED');
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    before = await dumpOf(world.db, data);
  });

  for (const [name, parameters] of [
    ['sync-state-not-found', { times: 1 }],
    ['delta-gone', { times: 1 }],
  ] as const) {
    it(`lists everybody by itself when delta answers ${name}`, async () => {
      world.tenant.updateUser([...world.tenant.truth.users(0, 1)][0]?.id ?? '', { department: name });
      world.simulator.faults.enable(name, { endpoint: 'users-delta', ...parameters });
      world.advance(1);
      const result = await world.harness.runOne();
      expect(result.state).toBe('succeeded');
      expect(result.notices.find(({ code }) => code === 'FULL_LISTING')?.message.de).toContain('kennt die Änderungen');
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });
  }

  it('imports a tenant without delta by listing everybody each time', async () => {
    world.simulator.faults.enable('delta-unsupported', { endpoint: 'users-delta' });
    const first = await fullRun();
    expect(first.notices.map(({ code }) => code)).toContain('DELTA_NOT_SUPPORTED');
    world.advance(1);
    const second = await world.harness.runOne();
    expect([second.state, second.counts.users]).toEqual(['succeeded', world.tenant.truth.userCount()]);
  });

  it('waits out throttled items of a batch, and reads replayed changes once', async () => {
    world.simulator.faults.clear();
    await fullRun();
    const [user] = [...world.tenant.truth.users()].filter((one) => one.held.length > 0);
    world.tenant.unassign(user?.id ?? '', user?.held[0] ?? '');
    world.simulator.faults.enable('delta-replay', {});
    world.simulator.faults.enable('batch-item-too-many-requests', { times: 1, retryAfterSeconds: 3 });
    world.advance(1);
    const result = await world.harness.runOne();
    expect(result.state).toBe('succeeded');
    expect(result.counts).toMatchObject({ users: 1, assignmentsEnded: 1 });
    expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
  });
});
