import { eachDatabase } from '@itsm-m365/database/testing';
import { catalogueTables, contacts, positions } from '@itsm-m365/licence-catalog';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portalSkus, portalStates } from './tables.ts';
import {
  assignmentLines,
  dumpOf,
  factLines,
  openWorld,
  portalId,
  truthFactLines,
  truthLines,
  truthUnitLines,
  unitLines,
  type World,
} from './testing/world.ts';

for (const engine of eachDatabase()) {
  describe.skipIf(engine.skipped)(`importing a portal on ${engine.name}`, () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(engine, { users: 60 });
    });
    afterEach(() => world.close());

    const imported = async () => {
      const result = await world.harness.runOne();
      expect(result.error).toBeUndefined();
      expect(result.state).toBe('succeeded');
      return result;
    };

    it('M365-31: creates licences and products whose figures are the tenant’s own', async () => {
      const result = await imported();
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
      expect(await unitLines(world.db)).toEqual(truthUnitLines(world.tenant));
      expect(result.counts).toMatchObject({ users: 60, pages: 1 });
    });

    it('M365-34: creates a contact for every person who holds an imported licence', async () => {
      await imported();
      const people = await world.db.read((trx) => trx.rows(contacts));
      expect(people.map((row) => row.object_id).sort()).toEqual(
        [...new Set(truthLines(world.tenant).map((text) => text.split('|')[0]))].sort(),
      );
      expect(await factLines(world.db)).toEqual(
        truthFactLines(world.tenant, new Set(people.map((row) => row.object_id))),
      );
    });

    it('needs three requests and adds no history when nothing changed', async () => {
      await imported();
      const before = await dumpOf(
        world.db,
        catalogueTables.filter(({ name }) => !/evidence|publication|stage|counter/.test(name)),
      );
      world.calls();
      world.advance(5);
      const result = await imported();
      expect(world.calls()).toEqual({ subscribedSkus: 1, subscriptions: 1, 'users-delta': 1 });
      expect(result.counts.requests).toBe(3);
      expect(
        await dumpOf(
          world.db,
          catalogueTables.filter(({ name }) => !/evidence|publication|stage|counter/.test(name)),
        ),
      ).toBe(before);
    });

    it('follows the tenant by its changes: new, changed, moved, removed and returned users', async () => {
      await imported();
      const skus = world.tenant.truth.skus().filter((sku) => sku.listed && sku.appliesTo === 'User');
      const [first = '', second = ''] = skus.map((sku) => sku.skuId);
      const added = world.tenant.addUser({ displayName: 'New', userPrincipalName: 'new@example.org' });
      world.tenant.assign(added, first);
      const group = world.tenant.groups[0]?.id ?? '';
      const [one = '', two = '', three = ''] = [...world.tenant.truth.users()]
        .filter((user) => user.held.length > 0)
        .map((user) => user.id);
      world.tenant.assign(one, second, { groupId: group });
      world.tenant.unassign(two, world.tenant.truth.user(two)?.held[0] ?? '');
      world.tenant.updateUser(two, { department: 'Elsewhere', accountEnabled: false });
      world.tenant.removeUser(three);
      world.calls();
      world.advance(1);
      const result = await imported();
      expect(world.calls()).not.toHaveProperty('users');
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
      expect(result.counts.assignmentsEnded).toBeGreaterThan(0);
      world.tenant.restoreUser(three);
      world.advance(1);
      await imported();
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });

    /** Pages of 20, 20 and 2; those on the last one hold something. */
    const openThreePages = async () => {
      await world.close();
      world = await openWorld(engine, { users: 42, userPageSize: 20, indexLagSeconds: 3600 });
      const sku = world.tenant.truth.skus().find(({ listed, appliesTo }) => listed && appliesTo === 'User');
      const last = [40, 41].map((place) => world.tenant.userIdAt(place));
      for (const id of last) world.tenant.assign(id, sku?.skuId ?? '');
      await imported();
      world.calls();
      world.advance(25);
      return last;
    };

    it('ends nothing where a listing breaks off before its last two persons, who are fewer than any count is sure of', async () => {
      await openThreePages();
      const before = await assignmentLines(world.db);
      world.simulator.faults.enable('partial-listing', { endpoint: 'users', page: 1 });
      const result = await world.harness.runOne();
      expect([result.state, result.error?.details]).toMatchObject(['failed', { listed: 40, count: 42 }]);
      expect(await assignmentLines(world.db)).toEqual(before);
    });

    it('believes a listing without somebody who is really gone, though Microsoft still counts them', async () => {
      const [gone = ''] = await openThreePages();
      const result = await world.harness.runOne({
        // After the licences were read, and before the page on which the person stood.
        onProgress: (phase) => {
          if (phase === 'Reading users' && world.tenant.truth.user(gone) !== undefined) world.tenant.removeUser(gone);
        },
      });
      expect(result.state).toBe('succeeded');
      expect(world.calls()).toMatchObject({ users: 4, user: 1 });
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });

    it('finds what delta does not tell with the daily listing', async () => {
      await imported();
      const user = [...world.tenant.truth.users()].find((one) =>
        one.paths.some((path) => path.groupId === null && path.holds),
      );
      const sku = user?.paths.find((path) => path.groupId === null && path.holds)?.skuId ?? '';
      // Provenance alone: assignedLicenses stays, so delta is silent.
      world.tenant.assign(user?.id ?? '', sku, { groupId: world.tenant.groups[0]?.id ?? '' });
      world.advance(5);
      await imported();
      expect(await assignmentLines(world.db)).not.toEqual(truthLines(world.tenant));
      world.advance(20);
      await imported();
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });

    it('lists everybody in the same run when Microsoft’s count moved and delta was silent', async () => {
      await world.close();
      world = await openWorld(engine, { users: 60, deltaDelaySeconds: 3 * 3600 });
      await imported();
      const user = [...world.tenant.truth.users()].find((one) => one.held.length > 0);
      world.tenant.unassign(user?.id ?? '', user?.held[0] ?? '');
      world.advance(1);
      const result = await imported();
      expect(result.notices.map(({ code }) => code)).toContain('FULL_LISTING');
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
      world.advance(1);
      expect((await imported()).notices.map(({ code }) => code)).not.toContain('FULL_LISTING');
    });

    it('publishes nothing where the listing that moved counts ask for fails, and lists everybody the next time', async () => {
      await world.close();
      world = await openWorld(engine, { users: 60, deltaDelaySeconds: 12 * 3600 });
      await imported();
      const user = [...world.tenant.truth.users()].find((one) => one.held.length > 0);
      world.tenant.unassign(user?.id ?? '', user?.held[0] ?? '');
      world.advance(1);
      const published = () => world.db.read((trx) => trx.rows(positions));
      const before = await published();
      world.simulator.faults.enable('truncated-json', { endpoint: 'users' });
      expect((await world.harness.runOne()).state).toBe('failed');
      expect(await published()).toEqual(before);
      world.simulator.faults.clear();
      world.advance(1);
      await imported();
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });

    it('takes a user who vanished between delta and the second look as removed', async () => {
      await imported();
      const [user] = [...world.tenant.truth.users()].filter((one) => one.held.length > 0);
      world.tenant.updateUser(user?.id ?? '', { department: 'Gone soon' });
      world.advance(1);
      // Delta is asked while the user is there; the batch finds nobody.
      const original = world.simulator.handle.bind(world.simulator);
      world.simulator.handle = (request) => {
        if (request.target.endsWith('/$batch')) world.tenant.removeUser(user?.id ?? '');
        return original(request);
      };
      await imported();
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });

    it('changes nothing where one user of a batch cannot be read, and reads it again next time', async () => {
      await imported();
      const before = await assignmentLines(world.db);
      const [user] = [...world.tenant.truth.users()].filter((one) => one.held.length > 0);
      world.tenant.unassign(user?.id ?? '', user?.held[0] ?? '');
      world.advance(1);
      world.simulator.faults.enable('permission-refused', { endpoint: 'user' });
      expect((await world.harness.runOne()).error?.code).toBe('GRAPH_PERMISSION_MISSING');
      expect(await assignmentLines(world.db)).toEqual(before);
      world.simulator.faults.clear();
      await imported();
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });

    it('sees a change that happens while everybody is listed', async () => {
      const [user] = [...world.tenant.truth.users()].filter((one) => one.held.length > 0);
      const late = { done: false };
      const original = world.simulator.handle.bind(world.simulator);
      world.simulator.handle = (request) => {
        const reply = original(request);
        if (!late.done && request.target.includes('/users?')) {
          late.done = true;
          world.tenant.unassign(user?.id ?? '', user?.held[0] ?? '');
        }
        return reply;
      };
      await imported();
      expect(await assignmentLines(world.db)).not.toEqual(truthLines(world.tenant));
      world.calls();
      world.advance(1);
      await imported();
      expect(world.calls()).not.toHaveProperty('users');
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });

    it('reads the changed users alone, or everybody where that needs fewer requests', async () => {
      await imported();
      const ids = [...world.tenant.truth.users()].map((user) => user.id);
      for (const id of ids.slice(0, 21)) world.tenant.updateUser(id, { department: 'Moved' });
      world.calls();
      world.advance(1);
      expect((await imported()).counts.users).toBe(21);
      expect(world.calls()).toEqual({ subscribedSkus: 1, subscriptions: 1, 'users-delta': 1, batch: 2, user: 21 });
      for (const id of ids) world.tenant.updateUser(id, { department: 'Everybody' });
      world.advance(1);
      await imported();
      expect(world.calls()).toMatchObject({ users: 1 });
    });

    it('leaves no staged rows behind, whatever happened', async () => {
      const staged = catalogueTables.filter(({ name }) => name.startsWith('lic_stage'));
      const controller = new AbortController();
      const stop = (phase: string) => phase === 'Comparing' && controller.abort(new Error('stop'));
      expect((await world.harness.runOne({ signal: controller.signal, onProgress: stop })).state).toBe('cancelled');
      await imported();
      const left = await dumpOf(world.db, staged);
      expect(left.split('\n')).toEqual(staged.map(({ name }) => name));
    });

    it('remembers every subscribed SKU, with Microsoft’s count and ours', async () => {
      // Somebody who waits for a seat is no holder.
      const [sku] = world.tenant.truth.skus().filter((one) => one.listed && one.appliesTo === 'User');
      const user = [...world.tenant.truth.users()].find((one) => !one.paths.some((path) => path.skuId === sku?.skuId));
      const groupId = world.tenant.groups[0]?.id ?? '';
      world.tenant.assign(user?.id ?? '', sku?.skuId ?? '', { groupId, state: 'Error', error: 'CountViolation' });
      await imported();
      const rows = await world.db.read((trx) => trx.rows(portalSkus, (query) => query.where({ portal: portalId })));
      const truth = world.tenant.truth.skus().filter((sku) => sku.listed);
      expect(rows.map((row) => row.sku).sort()).toEqual(truth.map((sku) => sku.skuId).sort());
      for (const row of rows.filter((one) => one.applies_to === 'User'))
        expect([row.sku, row.counted]).toEqual([row.sku, row.consumed]);
    });

    it('keeps the delta link with the data, so that a publication that fails loses no change', async () => {
      await imported();
      const user = [...world.tenant.truth.users()].find((one) => one.held.length > 0);
      world.tenant.removeUser(user?.id ?? '');
      world.advance(1);
      const link = async () => (await world.db.read((trx) => trx.rows(portalStates)))[0]?.delta_link;
      const before = await link();
      const lost = new Error('LEASE_LOST');
      await expect(world.harness.runOne({ fence: () => Promise.reject(lost) })).rejects.toThrow('LEASE_LOST');
      expect(await link()).toBe(before);
      await imported();
      expect(await assignmentLines(world.db)).toEqual(truthLines(world.tenant));
    });
  });
}
