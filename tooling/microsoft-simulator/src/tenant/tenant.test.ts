import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSimulator, type SimulatorTenant, type TruthUser } from '../index.ts';
import { graphOf, itemsOf } from '../testing/client.ts';

const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const storage = '99049c9c-6011-4908-bf17-15f496e6519d';
const tenantOf = (users: number, rest = {}) => createSimulator({ users, clock: { now: () => 0 }, ...rest }).tenant;

const recount = (tenant: SimulatorTenant) =>
  Object.fromEntries(tenant.truth.skus().map((sku) => [sku.skuId, [...tenant.truth.holders(sku.skuId)].length]));
const cached = (tenant: SimulatorTenant) =>
  Object.fromEntries(tenant.truth.skus().map((sku) => [sku.skuId, sku.consumed]));

describe('a generated tenant', () => {
  const tenant = tenantOf(250);
  const users = [...tenant.truth.users()];
  const paths = users.flatMap((user) => user.paths);
  const having = (test: (user: TruthUser) => boolean) => users.filter(test).length;

  test('is equal for equal seeds and differs for others', () => {
    expect([...tenantOf(250).truth.users()]).toEqual(users);
    expect([...tenantOf(250, { seed: 9 }).truth.users()]).not.toEqual(users);
  });

  test('has every kind of user an importer meets', () => {
    expect(having((user) => user.userPrincipalName.includes('#EXT#'))).toBe(15);
    expect(having((user) => user.kind === 'agentUser')).toBe(5);
    expect(having((user) => !user.accountEnabled)).toBe(10);
    expect(having((user) => user.userType === null)).toBe(5);
    expect(having((user) => user.displayName === null)).toBe(5);
    expect(having((user) => user.held.length === 0)).toBeGreaterThan(20);
    expect(having((user) => user.costCenter !== null)).toBeGreaterThan(200);
    expect(having((user) => user.companyName?.includes('"') ?? false)).toBeGreaterThan(20);
  });

  test('has every kind of assignment', () => {
    expect(paths.some((path) => path.groupId === null)).toBe(true);
    expect(paths.some((path) => path.groupId !== null)).toBe(true);
    expect(paths.some((path) => path.state === 'Error' && path.error !== null)).toBe(true);
    expect(paths.some((path) => path.state === 'ActiveWithError')).toBe(true);
    expect(paths.some((path) => path.error === 'None')).toBe(true);
    expect(having((user) => new Set(user.paths.map((path) => path.skuId)).size < user.paths.length)).toBeGreaterThan(0);
    const failed = users.find((user) => user.paths.some((path) => path.state === 'Error'));
    const path = failed?.paths.find((entry) => entry.state === 'Error');
    expect(failed?.held).not.toContain(path?.skuId);
  });

  test('has every state of products and purchases', () => {
    const skus = tenant.truth.skus();
    const states = new Set(skus.filter((sku) => sku.listed).map((sku) => sku.capabilityStatus));
    expect(states).toEqual(new Set(['Enabled', 'Warning', 'Suspended', 'LockedOut']));
    expect(skus.some((sku) => sku.consumed > sku.units.enabled && sku.units.enabled > 0)).toBe(true);
    expect(skus.some((sku) => !sku.listed && sku.consumed > 0)).toBe(true);
    expect(skus.some((sku) => sku.listed && sku.consumed === 0)).toBe(true);
    expect(skus.some((sku) => sku.appliesTo === 'Company')).toBe(true);
    expect(skus.some((sku) => sku.subscriptionIds.length > 1)).toBe(true);
    expect(skus.some((sku) => sku.units.lockedOut > 0)).toBe(true);
    expect(skus.flatMap((sku) => tenant.subscriptionsOf(sku.skuId)).some((entry) => entry.isTrial)).toBe(true);
  });

  test('has unique ids and principal names, also beyond the supply of names', () => {
    const many = [...tenantOf(6_000).truth.users()];
    expect(new Set(many.map((user) => user.id)).size).toBe(6_000);
    expect(new Set(many.map((user) => user.userPrincipalName)).size).toBe(6_000);
  });

  test.each([0.5, 1, 2.5, 4])('has %d assignments per user on average', (assignmentsPerUser) => {
    let rows = 0;
    for (const user of tenantOf(5_000, { assignmentsPerUser }).truth.users()) rows += user.paths.length;
    expect(rows / 5_000 / assignmentsPerUser).toBeGreaterThan(0.95);
    expect(rows / 5_000 / assignmentsPerUser).toBeLessThan(1.05);
  });

  test('takes own products, or a number of them', () => {
    const skus = [{ skuId: e3, skuPartNumber: 'ONE', subscriptions: [{ seats: 7 }] }];
    expect(tenantOf(20, { skus }).truth.skus()).toMatchObject([{ skuPartNumber: 'ONE', units: { enabled: 7 } }]);
    expect(tenantOf(20, { skus: 3 }).truth.skus()).toHaveLength(3);
    expect(tenantOf(20, { skus: 40 }).truth.skus()).toHaveLength(40);
    expect(() => tenantOf(2_000_000)).toThrow(RangeError);
  });

  test('has as many consumed units as distinct holders', () => {
    expect(cached(tenant)).toEqual(recount(tenant));
  });
});

describe('changes', () => {
  test('keep consumed units equal to the distinct holders, whatever is done', () => {
    const deed = fc.record({
      what: fc.constantFrom('assign', 'group', 'error', 'unassign', 'remove', 'purge', 'restore', 'add', 'update'),
      who: fc.nat(70),
      sku: fc.constantFrom(e3, storage, 'f30db892-07e9-47e9-837c-80727f46fd3d'),
    });
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 30 }), (deeds) => {
        const tenant = tenantOf(60);
        for (const { what, who, sku } of deeds) {
          const attempt = (): void => {
            const id = tenant.userIdAt(who);
            const groupId = tenant.groups[who % 4]?.id ?? null;
            if (what === 'assign') tenant.assign(id, sku);
            else if (what === 'group') tenant.assign(id, sku, { groupId });
            else if (what === 'error') tenant.assign(id, sku, { groupId, state: 'Error', error: 'CountViolation' });
            else if (what === 'unassign') tenant.unassign(id, sku);
            else if (what === 'remove') tenant.removeUser(id);
            else if (what === 'purge') tenant.removeUser(id, { permanently: true });
            else if (what === 'restore') tenant.restoreUser(id);
            else if (what === 'add') tenant.addUser();
            else tenant.updateUser(id, { department: sku });
          };
          try {
            attempt();
          } catch (problem) {
            expect(String(problem)).toMatch(/no user|is deleted|not restorable/);
          }
        }
        expect(cached(tenant)).toEqual(recount(tenant));
        expect([...tenant.truth.users()]).toHaveLength(tenant.truth.userCount());
      }),
      { numRuns: 60 },
    );
  });

  test('count a user who has a product by two paths once, and lose it with the last path', () => {
    const tenant = tenantOf(20);
    const id = tenant.addUser();
    const groupId = tenant.groups[0]?.id ?? null;
    tenant.assign(id, storage);
    tenant.assign(id, storage, { groupId });
    expect([cached(tenant)[storage], tenant.truth.user(id)?.held]).toEqual([1, [storage]]);
    tenant.unassign(id, storage, { groupId: null });
    expect(tenant.truth.user(id)?.held).toEqual([storage]);
    tenant.unassign(id, storage, { groupId });
    expect([cached(tenant)[storage], tenant.truth.user(id)?.held]).toEqual([0, []]);
  });

  test('that end in an error give the product or not, by their state', () => {
    const tenant = tenantOf(20);
    const id = tenant.addUser();
    const held = (state: 'Active' | 'ActiveWithError' | 'Disabled' | 'Error') => {
      tenant.assign(id, storage, { state, error: 'Other' });
      return [tenant.truth.user(id)?.held.length, cached(tenant)[storage]];
    };
    expect(held('ActiveWithError')).toEqual([1, 1]);
    expect(held('Error')).toEqual([0, 0]);
    expect(held('Active')).toEqual([1, 1]);
    expect(held('Disabled')).toEqual([0, 0]);
  });

  test('of purchases move units between states', () => {
    const tenant = tenantOf(20);
    const skuId = crypto.randomUUID();
    tenant.addSku({ skuId, skuPartNumber: 'NEW', subscriptions: [{ seats: 5 }, { seats: 3, isTrial: true }] });
    const [first] = tenant.subscriptionsOf(skuId);
    const sku = () => tenant.truth.skus().find((entry) => entry.skuId === skuId);
    tenant.expireSubscription(first?.id ?? '');
    expect(sku()).toMatchObject({ capabilityStatus: 'Enabled', units: { enabled: 3, warning: 5 } });
    tenant.setSeats(skuId, 9);
    expect(sku()?.units.enabled).toBe(9);
    for (const entry of tenant.subscriptionsOf(skuId)) tenant.expireSubscription(entry.id, 'Deleted');
    expect(sku()).toMatchObject({ capabilityStatus: 'Deleted', units: { enabled: 0, warning: 0 } });
    tenant.setSeats(skuId, 2);
    expect(sku()?.units.enabled).toBe(2);
    expect(() => tenant.addSku({ skuId, skuPartNumber: 'AGAIN' })).toThrow('already');
  });

  test('show in the next listing', () => {
    const simulator = createSimulator({ users: 20 });
    const { tenant } = simulator;
    const graph = graphOf(simulator);
    const added = tenant.addUser({ userPrincipalName: 'ann@example.org', id: '11111111-2222-4333-8444-555555555555' });
    expect(added).toBe('11111111-2222-4333-8444-555555555555');
    tenant.removeUser(tenant.userIdAt(0));
    tenant.updateUser(tenant.userIdAt(1), { displayName: 'Q"uote\\\n' });
    tenant.removeSku(e3);
    tenant.renameSku(storage, 'RENAMED');
    const users = itemsOf(graph('/users'));
    expect(users).toHaveLength(20);
    expect(users[0]?.displayName).toBe('Q"uote\\\n');
    expect(users.at(-1)?.userPrincipalName).toBe('ann@example.org');
    expect(graph(`/users/${added}`).status).toBe(200);
    const skus = itemsOf(graph('/subscribedSkus'));
    expect(skus.some((sku) => sku.skuId === e3)).toBe(false);
    expect(skus.some((sku) => sku.skuPartNumber === 'RENAMED')).toBe(true);
    expect(itemsOf(graph('/directory/subscriptions')).some((entry) => entry.skuId === e3)).toBe(false);
  });

  test('of unknown users, products and groups are refused', () => {
    const tenant = tenantOf(20);
    const id = tenant.userIdAt(0);
    expect(() => tenant.updateUser(crypto.randomUUID(), {})).toThrow('no user');
    expect(() => tenant.assign(id, crypto.randomUUID())).toThrow('no product');
    expect(() => tenant.assign(id, e3, { groupId: crypto.randomUUID() })).toThrow('no group');
    expect(() => tenant.expireSubscription(crypto.randomUUID())).toThrow('no subscription');
  });
});

describe('a tenant of a million users', () => {
  test('takes no memory per user and answers for the last one', () => {
    const simulator = createSimulator({ users: 1_000_000, throttle: false });
    const graph = graphOf(simulator);
    const properties = [
      'id',
      'accountEnabled',
      'displayName',
      'userPrincipalName',
      'mail',
      'userType',
      'usageLocation',
    ];
    const select = properties.concat([
      'department',
      'companyName',
      'country',
      'assignedLicenses',
      'licenseAssignmentStates',
    ]);
    let target = `/users?$top=999&$select=${select.join(',')}`;
    const before = process.memoryUsage().heapUsed;
    for (let page = 0; page < 60; page += 1) {
      const reply = graph(target);
      target = /"@odata.nextLink":"([^"]+)"/.exec(reply.body.slice(0, 2_000))?.[1] ?? '';
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150_000_000);
    const last = simulator.tenant.truth.user(simulator.tenant.userIdAt(999_999));
    expect(graph(`/users/${last?.id}`).status).toBe(200);
  });
});
