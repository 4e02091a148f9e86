import { describe, expect, test } from 'vitest';
import { createSimulator, type SimulatorOptions } from '../index.ts';
import { accessToken, errorOf, graphOf, itemsOf, json } from '../testing/client.ts';

const make = (roles?: readonly string[], options: SimulatorOptions = {}) =>
  createSimulator({ ...options, tenants: [{ users: 30, ...(roles === undefined ? {} : { apps: [{ roles }] }) }] });

describe('who may ask', () => {
  const simulator = make();
  const ask = (authorization?: string) =>
    simulator.handle({
      method: 'GET',
      host: 'graph.microsoft.com',
      target: '/v1.0/organization',
      headers: authorization === undefined ? {} : { authorization },
      body: '',
    });

  test('is answered 401 without a token, with nonsense, and with a token tampered with', () => {
    const [header, , signature] = accessToken(simulator).split('.');
    const claims = Buffer.from(JSON.stringify({ roles: ['Directory.Read.All'] })).toString('base64url');
    for (const value of [undefined, 'Bearer ', 'Bearer nonsense', `Bearer ${header}.${claims}.${signature}`]) {
      const reply = ask(value);
      expect([reply.status, errorOf(reply).code]).toEqual([401, 'InvalidAuthenticationToken']);
      expect(reply.headers['www-authenticate']).toMatch(/^Bearer /);
    }
    expect(ask(`Bearer ${accessToken(simulator)}`).status).toBe(200);
  });

  const endpoints = ['/organization', '/subscribedSkus', '/directory/subscriptions', '/users', '/users/delta'];
  test.each([
    [['User.Read.All'], [403, 403, 403, 200, 200]],
    [['Organization.Read.All'], [200, 200, 200, 403, 403]],
    [['LicenseAssignment.Read.All'], [403, 200, 403, 403, 403]],
    [['Directory.Read.All'], [200, 200, 200, 200, 200]],
    [[], [403, 403, 403, 403, 403]],
  ])('with roles %j gets %j', (roles, expected) => {
    const graph = graphOf(make(roles));
    const replies = endpoints.map((endpoint) => graph(endpoint));
    expect(replies.map((reply) => reply.status)).toEqual(expected);
    for (const reply of replies.filter(({ status }) => status === 403)) {
      expect(errorOf(reply).code).toBe('Authorization_RequestDenied');
    }
  });

  test('learns a group by name only with a group permission', () => {
    const without = make();
    const id = without.tenant.groups[0]?.id ?? '';
    expect(graphOf(without)(`/groups/${id}`).status).toBe(403);
    const graph = graphOf(make(['GroupMember.Read.All']));
    expect(json(graph(`/groups/${id}?$select=id,displayName`))).toMatchObject({ id, displayName: 'LIC-SPE_E3-1' });
    expect(graph(`/groups/${crypto.randomUUID()}`).status).toBe(404);
  });

  test('keeps the roles of the day the token was issued', () => {
    const changing = make();
    const graph = graphOf(changing);
    const app = changing.tenant.apps[0];
    if (app !== undefined) app.roles = [];
    expect(graph('/users').status).toBe(200);
    expect(graphOf(changing)('/users').status).toBe(403);
  });
});

describe('answers', () => {
  const graph = graphOf(make());

  test('carry request-id, echo client-request-id, and state their resource units except for delta', () => {
    const reply = graph('/users', { 'client-request-id': 'abc' });
    expect(reply.headers).toMatchObject({ 'client-request-id': 'abc', 'x-ms-resource-unit': '2' });
    expect(reply.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(graph('/users/delta').headers).not.toHaveProperty('x-ms-resource-unit');
    const error = errorOf(graph('/users?$skip=1', { 'client-request-id': 'abc' }));
    expect(error.innerError['client-request-id']).toBe('abc');
    expect(error.innerError.date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });

  test.each([
    ['/users?$select=id', '1'],
    ['/users?$top=5', '1'],
    ['/subscribedSkus', '3'],
    ['/subscribedSkus?$select=skuId', '2'],
    ['/organization', '1'],
  ])('%s costs %s', (target, units) => {
    expect(graph(target).headers['x-ms-resource-unit']).toBe(units);
  });

  test.each(['/nothing', '/users/a/b/c', '/'])('%s is no resource', (target) => {
    expect(graph(target).status).toBe(400);
  });

  test('a path outside v1.0, a broken escape and another method are refused', () => {
    expect(graph('https://graph.microsoft.com/beta/users').status).toBe(400);
    expect(graph('/users?$filter=%E0%A4%A').status).toBe(400);
    expect(graph.post('/users', {}).status).toBe(405);
  });
});

describe('products and purchases', () => {
  const graph = graphOf(make());

  test('subscribedSkus comes in one answer and knows $select alone', () => {
    expect(Object.keys(itemsOf(graph('/subscribedSkus?$select=skuId,consumedUnits'))[0] ?? {})).toEqual([
      'skuId',
      'consumedUnits',
    ]);
    for (const option of ['$filter=a eq 1', '$top=5', '$count=true', '$expand=x']) {
      expect(graph(`/subscribedSkus?${option}`).status).toBe(400);
    }
    expect(graph('/subscribedSkus?$select=price').status).toBe(400);
  });

  test('every subscription id of a product leads to a purchase of that product', () => {
    const purchases = new Map(itemsOf(graph('/directory/subscriptions')).map((entry) => [entry.id, entry.skuId]));
    for (const sku of itemsOf(graph('/subscribedSkus'))) {
      for (const id of sku.subscriptionIds as string[]) expect(purchases.get(id)).toBe(sku.skuId);
    }
  });

  test('national clouds lack lockedOut', () => {
    const simulator = createSimulator({ tenants: [{ users: 10, cloud: 'china' }] });
    const units = itemsOf(graphOf(simulator)('/subscribedSkus')).map((sku) => Object.keys(sku.prepaidUnits as object));
    expect(units.flat()).not.toContain('lockedOut');
  });
});

describe('throttling', () => {
  const clock = { now: () => 5_000_000 };

  test('refuses when the units of the window are used up, and recovers with time', () => {
    const simulator = make(undefined, { clock, throttle: { resourceUnits: 4 } });
    const graph = graphOf(simulator);
    expect([graph('/users').status, graph('/users').status]).toEqual([200, 200]);
    const refused = graph('/users');
    expect(refused.status).toBe(429);
    expect(errorOf(refused).code).toBe('TooManyRequests');
    expect(refused.headers).toMatchObject({
      'retry-after': '5',
      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
      'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${simulator.tenant.clientId}/${simulator.tenant.tenantId}`,
    });
    simulator.advance(5_000);
    expect(graph('/users').status).toBe(200);
    expect(simulator.statistics.report().violations).toEqual([]);
  });

  test('counts and punishes a retry that comes too early', () => {
    const simulator = make(undefined, { clock, throttle: { resourceUnits: 2 } });
    const graph = graphOf(simulator);
    graph('/users');
    graph('/users');
    simulator.advance(9_000);
    expect(graph('/users').status).toBe(429);
    simulator.advance(9_000);
    expect(graph('/users').status).toBe(429);
    expect(simulator.statistics.report().violations).toMatchObject([
      { kind: 'early-retry', endpoint: 'users', earlyBy: 1_000 },
      { kind: 'early-retry', endpoint: 'users', earlyBy: 1_000 },
    ]);
    simulator.advance(10_000);
    expect(graph('/users').status).toBe(200);
  });

  test('ends a waiting time on pardon', () => {
    const simulator = make(undefined, { clock });
    simulator.faults.enable('too-many-requests', { times: 1, retryAfterSeconds: 3_600 });
    const graph = graphOf(simulator);
    expect([graph('/users').status, graph('/users').status]).toEqual([429, 429]);
    simulator.pardon();
    expect(graph('/users').status).toBe(200);
  });

  test('only counts it when punishment is off', () => {
    const simulator = make(undefined, { clock, throttle: { resourceUnits: 4 }, punishEarlyRetry: false });
    const graph = graphOf(simulator);
    graph.walk('/users');
    graph('/users');
    graph('/users');
    simulator.advance(4_990);
    expect(graph('/organization').status).toBe(200);
    simulator.advance(4_000);
    expect(simulator.statistics.report().violations.length).toBeLessThanOrEqual(1);
  });

  test('gives the units of a failed request back', () => {
    const simulator = make(undefined, { clock, throttle: { resourceUnits: 2 } });
    const graph = graphOf(simulator);
    for (let at = 0; at < 5; at += 1) expect(graph('/users?$skip=1').status).toBe(400);
    expect(graph('/users').status).toBe(200);
  });
});
