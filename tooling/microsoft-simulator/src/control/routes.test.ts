import { describe, expect, test } from 'vitest';
import { createSimulator } from '../index.ts';
import { graphOf, itemsOf } from '../testing/client.ts';

const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';

const setUp = () => {
  const simulator = createSimulator({ users: 60 });
  const ask = (method: string, target: string, body?: unknown) => {
    const reply = simulator.handle({
      method,
      host: '127.0.0.1',
      target: `/_control${target}`,
      headers: {},
      body: body === undefined ? '' : JSON.stringify(body),
    });
    return {
      status: reply.status,
      body: reply.body === '' ? undefined : (JSON.parse(reply.body) as Record<string, unknown>),
    };
  };
  return { simulator, ask, graph: graphOf(simulator), tenant: simulator.tenant };
};

describe('the control surface over HTTP', () => {
  test('lists its routes and the tenants, without secrets', () => {
    const { ask, tenant } = setUp();
    const { body } = ask('GET', '/');
    expect(body?.routes).toContain('POST /_control/tenants/{tenant}/mutations');
    expect(body?.tenants).toMatchObject([{ tenantId: tenant.tenantId, users: 60, cloud: 'global' }]);
    expect(JSON.stringify(body)).not.toContain(tenant.secret);
  });

  test('is not reachable under a Microsoft host', () => {
    const { simulator } = setUp();
    const reply = simulator.handle({
      method: 'GET',
      host: 'graph.microsoft.com',
      target: '/_control/',
      headers: {},
      body: '',
    });
    expect(reply.status).toBe(401);
  });

  test('switches faults on and off and checks their names and parameters', () => {
    const { ask, graph } = setUp();
    expect(ask('POST', '/faults', { name: 'bad-gateway', parameters: { endpoint: 'users' } }).status).toBe(200);
    expect(graph('/users').status).toBe(502);
    expect(ask('GET', '/faults').body?.active).toMatchObject([{ name: 'bad-gateway', struck: 1 }]);
    ask('DELETE', '/faults/bad-gateway');
    expect(graph('/users').status).toBe(200);
    ask('POST', '/faults', { name: 'bad-gateway' });
    expect(ask('DELETE', '/faults').status).toBe(204);
    expect(graph('/users').status).toBe(200);
    expect(ask('POST', '/faults', { name: 'earthquake' }).status).toBe(400);
    expect(ask('POST', '/faults', { name: 'bad-gateway', parameters: { seconds: 1 } }).status).toBe(400);
    expect(ask('DELETE', '/faults/earthquake').status).toBe(400);
  });

  test('changes the tenant and tells the truth about it', () => {
    const { ask, graph, tenant } = setUp();
    const change = (body: unknown) => ask('POST', '/tenants/0/mutations', body);
    const added = change({ do: 'add-user', facts: { displayName: 'Ann', department: 'Sales' } });
    const userId = String(added.body?.userId);
    const groupId = tenant.groups[0]?.id;
    const deeds = [
      { do: 'assign', userId, skuId: e3 },
      { do: 'assign', userId, skuId: e3, groupId, state: 'Error', error: 'CountViolation' },
      { do: 'update-user', userId, facts: { accountEnabled: false } },
      { do: 'set-seats', skuId: e3, seats: 3 },
      { do: 'rename-tenant', displayName: 'Renamed' },
      { do: 'rename-sku', skuId: e3, skuPartNumber: 'NEW_NAME' },
      { do: 'add-sku', skuId: crypto.randomUUID(), skuPartNumber: 'ADDED' },
      { do: 'add-subscription', skuId: e3, seats: 4, isTrial: true },
      { do: 'expire-subscription', subscriptionId: tenant.subscriptionsOf(e3)[1]?.id, status: 'Suspended' },
      { do: 'add-group', displayName: 'New group' },
    ];
    expect(change(deeds).status).toBe(200);
    const user = ask('GET', `/tenants/${tenant.tenantId}/truth/users/${userId}`).body;
    expect(user).toMatchObject({
      displayName: 'Ann',
      accountEnabled: false,
      held: [e3],
      paths: [{}, { holds: false }],
    });
    const skus = ask('GET', '/tenants/0/truth/skus').body as unknown as { skuPartNumber: string; units: unknown }[];
    expect(skus.find((sku) => sku.skuPartNumber === 'NEW_NAME')?.units).toMatchObject({ enabled: 7 });
    expect(skus.some((sku) => sku.skuPartNumber === 'ADDED')).toBe(true);
    expect(itemsOf(graph('/organization'))[0]?.displayName).toBe('Renamed');
    expect(ask('GET', `/tenants/0/truth/holders/${e3}`).body).toContain(userId);
    expect(ask('GET', '/tenants/0/truth/users?from=50&count=3').body).toHaveLength(3);
    expect(change({ do: 'unassign', userId, skuId: e3 }).status).toBe(200);
    expect(change({ do: 'remove-user', userId }).status).toBe(200);
    expect(change({ do: 'restore-user', userId }).status).toBe(200);
    expect(change({ do: 'remove-sku', skuId: e3 }).status).toBe(200);
    expect(change({ do: 'set-roles', roles: ['User.Read.All'] }).status).toBe(200);
    expect(tenant.apps[0]?.roles).toEqual(['User.Read.All']);
  });

  test.each([
    [{ do: 'dance' }],
    [{ do: 'assign', userId: 'nobody', skuId: e3 }],
    [{ do: 'assign', userId: 5, skuId: e3 }],
    [{ do: 'update-user', userId: 'x', facts: { shoeSize: 44 } }],
    [{ do: 'set-seats', skuId: e3, seats: 'many' }],
    [{ do: 'set-roles', roles: 'User.Read.All' }],
    ['nonsense'],
  ])('refuses %j', (deed) => {
    const reply = setUp().ask('POST', '/tenants/0/mutations', deed);
    expect(reply.status).toBe(400);
    expect(reply.body?.error).toEqual(expect.any(String));
  });

  test('advances the clock and gives statistics', () => {
    const { ask, graph, simulator } = setUp();
    const before = simulator.now();
    ask('POST', '/clock', { advanceSeconds: 600 });
    expect(simulator.now() - before).toBeGreaterThanOrEqual(600_000);
    graph('/users');
    expect(ask('GET', '/statistics').body).toMatchObject({ requests: { users: 1, token: 1 }, tokensIssued: 1 });
    expect(ask('GET', '/requests').body).toHaveLength(2);
    expect(JSON.stringify(ask('GET', '/requests').body)).not.toContain('Bearer');
    ask('DELETE', '/statistics');
    expect(ask('GET', '/statistics').body).toMatchObject({ roundTrips: 0 });
  });

  test('knows no other address, method or tenant', () => {
    const { ask } = setUp();
    expect(ask('GET', '/nothing').status).toBe(404);
    expect(ask('PUT', '/clock').status).toBe(405);
    expect(ask('GET', '/tenants/nobody').status).toBe(400);
    expect(ask('GET', '/tenants/0/truth/users?from=x').status).toBe(400);
  });
});
