import { describe, expect, test, vi } from 'vitest';
import { createSimulator, type SimulatorOptions } from '../index.ts';
import { deltaOf, errorOf, graphOf, itemsOf, json, nextOf } from '../testing/client.ts';

const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const noHolder = '99049c9c-6011-4908-bf17-15f496e6519d';
const select = '$select=displayName,department,assignedLicenses,licenseAssignmentStates';

const start = (options: SimulatorOptions = {}) => {
  const simulator = createSimulator({ clock: { now: () => 1_000_000 }, ...options });
  const graph = graphOf(simulator);
  const latest = (query = select) => deltaOf(graph(`/users/delta?$deltatoken=latest&${query}`));
  return { simulator, graph, tenant: simulator.tenant, latest };
};

describe('a first delta round', () => {
  test('gives every user in pages of 200, ignoring $top, and ends with a deltaLink', () => {
    const { graph } = start({ users: 450 });
    const pages = graph.walk(`/users/delta?$top=7&${select}`);
    expect(pages.map((page) => itemsOf(page).length)).toEqual([200, 200, 50]);
    expect(pages.map((page) => ['@odata.nextLink' in json(page), '@odata.deltaLink' in json(page)])).toEqual([
      [true, false],
      [true, false],
      [false, true],
    ]);
    expect(new Set(pages.flatMap(itemsOf).map((item) => item.id)).size).toBe(450);
  });

  test('leaves out properties that were never set', () => {
    const { graph } = start({ users: 60 });
    const guest = itemsOf(graph('/users/delta?$select=department,userType'))[7];
    expect(guest).toEqual({ id: expect.any(String), userType: 'Guest' });
  });

  test('remembers $select in its links', () => {
    const { graph } = start();
    const next = nextOf(graph('/users/delta?$select=displayName'));
    expect(next).not.toContain('$select');
    expect(Object.keys(itemsOf(graph(next))[0] ?? {})).toEqual(['id', 'displayName']);
  });

  test('reports a change made in its middle again with the next round', () => {
    const { graph, tenant } = start();
    const first = graph(`/users/delta?${select}`);
    tenant.updateUser(tenant.userIdAt(0), { department: 'Moved' });
    const [second] = graph.walk(nextOf(first));
    expect(itemsOf(graph(deltaOf(second ?? first)))).toMatchObject([{ department: 'Moved' }]);
  });

  test.each([
    ['$select=signInActivity', 'BadRequest'],
    ['$expand=manager', 'Request_UnsupportedQuery'],
    ['$orderby=displayName', 'Request_UnsupportedQuery'],
    ["$filter=department eq 'Sales'", 'Request_UnsupportedQuery'],
    ['$deltatoken=nonsense', 'Request_BadRequest'],
  ])('refuses %s', (query, code) => {
    expect(errorOf(start().graph(`/users/delta?${query}`)).code).toBe(code);
  });

  test('tracks single users by id', () => {
    const { graph, tenant } = start();
    const [a, b] = [tenant.userIdAt(3), tenant.userIdAt(4)];
    const reply = graph(`/users/delta?$select=displayName&$filter=id eq '${a}' or id eq '${b}'`);
    expect(itemsOf(reply).map((item) => item.id)).toEqual([a, b]);
    tenant.updateUser(tenant.userIdAt(9), { displayName: 'Not tracked' });
    tenant.updateUser(b, { displayName: 'Tracked' });
    expect(itemsOf(graph(deltaOf(reply)))).toEqual([{ id: b, displayName: 'Tracked' }]);
  });
});

describe('a delta link', () => {
  test('of "latest" comes without users and knows later changes', () => {
    const { graph, tenant, latest } = start();
    const reply = graph(`/users/delta?$deltatoken=latest&${select}`);
    expect(itemsOf(reply)).toEqual([]);
    const link = latest();
    expect(itemsOf(graph(link))).toEqual([]);
    const id = tenant.addUser({ displayName: 'Ann' });
    expect(itemsOf(graph(link))).toMatchObject([{ id, displayName: 'Ann' }]);
  });

  test('tells soft deletion, deletion for good, and restoring apart', () => {
    const { graph, tenant, latest } = start();
    const link = latest();
    const [a, b, c] = [tenant.userIdAt(0), tenant.userIdAt(1), tenant.userIdAt(2)];
    tenant.removeUser(a);
    tenant.removeUser(b, { permanently: true });
    tenant.removeUser(c);
    tenant.restoreUser(c);
    expect(itemsOf(graph(link)).map((item) => [item.id, item['@removed']])).toEqual([
      [a, { reason: 'changed' }],
      [b, { reason: 'deleted' }],
      [c, undefined],
    ]);
  });

  test('gives each changed user once, however often it changed', () => {
    const { graph, tenant, latest } = start();
    const link = latest();
    const id = tenant.userIdAt(5);
    tenant.updateUser(id, { department: 'One' });
    tenant.updateUser(id, { department: 'Two' });
    expect(itemsOf(graph(link))).toMatchObject([{ id, department: 'Two' }]);
  });

  test('gives the changed properties alone with return=minimal', () => {
    const { graph, tenant, latest } = start();
    const link = latest();
    const id = tenant.userIdAt(5);
    tenant.updateUser(id, { department: 'One' });
    expect(itemsOf(graph(link, { prefer: 'return=minimal' }))).toEqual([{ id, department: 'One' }]);
    expect(Object.keys(itemsOf(graph(link))[0] ?? {})).toContain('displayName');
  });

  test('gives a restored user whole even with return=minimal', () => {
    const { graph, tenant, latest } = start();
    const link = latest();
    const id = tenant.userIdAt(5);
    tenant.removeUser(id);
    tenant.restoreUser(id);
    tenant.updateUser(id, { department: 'One' });
    const [item = {}] = itemsOf(graph(link, { prefer: 'return=minimal' }));
    expect(Object.keys(item)).toEqual(expect.arrayContaining(['displayName', 'assignedLicenses', 'department']));
  });

  test('does not know changes of properties that were not selected', () => {
    const { graph, tenant, latest } = start();
    const link = latest('$select=displayName');
    tenant.updateUser(tenant.userIdAt(5), { department: 'One' });
    expect(itemsOf(graph(link))).toEqual([]);
  });

  test('reports a changed licence, but not a changed way of having it', () => {
    const { graph, tenant, latest } = start();
    const id = tenant.addUser();
    tenant.assign(id, e3);
    const link = latest();
    tenant.assign(id, e3, { groupId: tenant.groups[0]?.id ?? null });
    tenant.unassign(id, e3, { groupId: null });
    expect(itemsOf(graph(link))).toEqual([]);
    tenant.assign(id, noHolder);
    expect(itemsOf(graph(link))).toMatchObject([{ id, assignedLicenses: [{ skuId: e3 }, { skuId: noHolder }] }]);
  });

  test('comes in pages when many users changed, and can be replayed', () => {
    const { graph, tenant, latest } = start({ users: 450 });
    const link = latest();
    for (let at = 0; at < 401; at += 1) tenant.updateUser(tenant.userIdAt(at), { department: 'All' });
    const pages = graph.walk(link);
    expect(pages.map((page) => itemsOf(page).length)).toEqual([200, 200, 1]);
    expect(graph.walk(link).flatMap(itemsOf)).toEqual(pages.flatMap(itemsOf));
  });

  test('expires after seven days', () => {
    const { simulator, graph, latest } = start({ tokenLifetimeSeconds: 30 * 86_400 });
    const link = latest();
    simulator.advance(7 * 86_400_000);
    expect(graph(link).status).toBe(200);
    simulator.advance(1_000);
    expect([graph(link).status, errorOf(graph(link)).code]).toEqual([400, 'syncStateNotFound']);
  });

  test('knows a change only after the propagation delay', () => {
    const { simulator, graph, tenant, latest } = start({ deltaDelaySeconds: 120 });
    const link = latest();
    tenant.updateUser(tenant.userIdAt(0), { department: 'Late' });
    const early = graph(link);
    expect(itemsOf(early)).toEqual([]);
    simulator.advance(120_000);
    expect(itemsOf(graph(deltaOf(early)))).toHaveLength(1);
  });

  test('with an empty token starts over', () => {
    expect(itemsOf(start({ users: 30 }).graph('/users/delta?$deltatoken='))).toHaveLength(30);
  });
});

describe('delta over a million users', () => {
  test('walks over nobody for "latest" and for a link without changes, and over the changed users alone', () => {
    const { graph, tenant, latest } = start({ users: 1_000_000, throttle: false });
    const { directory, consumption } = tenant;
    const reads = [vi.spyOn(directory, 'at'), vi.spyOn(directory, 'recordAt'), vi.spyOn(consumption, 'generated')];
    const count = () => reads.reduce((sum, read) => sum + read.mock.calls.length, 0);
    let link = latest();
    for (let round = 0; round < 20; round += 1) link = deltaOf(graph(link));
    expect(count()).toBe(0);
    tenant.updateUser(tenant.userIdAt(999_999), { department: 'Moved' });
    const before = count();
    expect(itemsOf(graph(link))).toMatchObject([{ department: 'Moved' }]);
    expect(count() - before).toBe(1);
    vi.restoreAllMocks();
  });
});
