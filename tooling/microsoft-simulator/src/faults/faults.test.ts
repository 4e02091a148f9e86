import { decodeJwt } from 'jose';
import { afterEach, expect, test } from 'vitest';
import type { SimReply } from '../http.ts';
import { createSimulator, type FaultName, type FaultParameters, faultNames } from '../index.ts';
import { deltaOf, errorOf, graphOf, itemsOf, json, nextOf, requestToken } from '../testing/client.ts';
import { type ExchangeFaultName, isExchangeFault } from './table.ts';

const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const start = Date.UTC(2026, 10, 21, 8);
const simulator = createSimulator({ users: 250, secret: 's', clock: { now: () => start } });
const graph = graphOf(simulator);
const { faults, tenant } = simulator;

const on = <N extends FaultName>(name: N, parameters?: FaultParameters<N>) => faults.enable(name, parameters);
const answer = (reply: SimReply) => [reply.status, reply.status < 400 ? '' : errorOf(reply).code];
const page = (target = '/users?$top=100&$select=id') => graph(target);
const ids = (reply: SimReply) => itemsOf(reply).map((item) => item.id);
const none: SimReply = { status: 0, headers: {}, body: '{}' };

afterEach(() => faults.clear());

const fresh = () => {
  const other = createSimulator({ users: 250, secret: 's', clock: { now: () => start } });
  return { other, ask: graphOf(other) };
};

const html = (name: FaultName, status: number) => () => {
  on(name, { endpoint: 'users' });
  const reply = page();
  expect(reply.status).toBe(status);
  expect(reply.headers['content-type']).toContain('text/html');
  expect(reply.body).toMatch(/^<!DOCTYPE html>/);
  expect(graph('/organization').status).toBe(200);
};

const plain = (name: FaultName, status: number, code: string) => () => {
  on(name, { endpoint: 'users', times: 1 });
  expect(answer(page())).toEqual([status, code]);
  expect(page().status).toBe(200);
};

const damage = (name: 'connection-reset' | 'slow-body' | 'hang') => () => {
  on(name, { endpoint: 'users', afterPages: 1 });
  const first = page();
  expect(first.wire).toBeUndefined();
  expect(graph(nextOf(first)).wire?.kind).toBe(
    { 'connection-reset': 'reset', 'slow-body': 'slow', hang: 'hang' }[name],
  );
};

/** One proof per fault that it changes the raw HTTP answer; the type makes a missing one a compile error. */
const proofs: Readonly<Record<Exclude<FaultName, ExchangeFaultName>, () => void>> = {
  'internal-server-error': plain('internal-server-error', 500, 'UnknownError'),
  'bad-gateway': plain('bad-gateway', 502, 'BadGateway'),
  'gateway-timeout': plain('gateway-timeout', 504, 'UnknownError'),
  'service-unavailable': () => {
    on('service-unavailable', { endpoint: 'users', times: 1, retryAfterSeconds: 7 });
    const reply = page();
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '7']);
    on('service-unavailable', { times: 1 });
    expect(page().headers).not.toHaveProperty('retry-after');
  },
  'too-many-requests': () => {
    const forms = {
      integer: '3',
      fractional: '2.500',
      'http-date': 'Sat, 21 Nov 2026 08:00:03 GMT',
      absent: undefined,
    };
    for (const [retryAfterFormat, header] of Object.entries(forms)) {
      const { other, ask } = fresh();
      const format = retryAfterFormat as keyof typeof forms;
      other.faults.enable('too-many-requests', { times: 1, retryAfterSeconds: 3, retryAfterFormat: format });
      const reply = ask('/users');
      expect([reply.status, reply.headers['retry-after']]).toEqual([429, header]);
      expect(ask('/users').status).toBe(format === 'absent' ? 200 : 429);
      expect(other.statistics.report().violations).toHaveLength(format === 'absent' ? 0 : 1);
      other.advance(3_000);
      expect(ask('/users').status).toBe(200);
    }
  },
  'token-refused': plain('token-refused', 401, 'InvalidAuthenticationToken'),
  'permission-refused': plain('permission-refused', 403, 'Authorization_RequestDenied'),
  'empty-error-code': () => {
    on('empty-error-code', { times: 1, status: 404 });
    expect(answer(page())).toEqual([404, '']);
  },
  'error-none-body': () => {
    on('error-none-body', { times: 1 });
    expect(json(page())).toEqual({ error: null });
  },
  'connection-reset': damage('connection-reset'),
  'slow-body': damage('slow-body'),
  hang: damage('hang'),
  'truncated-json': () => {
    on('truncated-json', { endpoint: 'users' });
    const reply = page();
    expect(reply.status).toBe(200);
    expect(() => json(reply)).toThrow(SyntaxError);
  },
  'proxy-page-ok': html('proxy-page-ok', 200),
  'proxy-page-forbidden': html('proxy-page-forbidden', 403),
  'proxy-page-bad-gateway': html('proxy-page-bad-gateway', 502),
  'no-gzip': () => {
    on('no-gzip');
    expect(page().uncompressed).toBe(true);
  },
  'clock-skew': () => {
    on('clock-skew', { seconds: 900 });
    expect(page().headers.date).toBe('Sat, 21 Nov 2026 08:15:00 GMT');
    const claims = decodeJwt(String(json(requestToken(simulator)).access_token));
    expect(claims.iat).toBe(start / 1000 + 900);
    faults.clear();
    on('clock-skew', { seconds: 4_000 });
    expect(page().status).toBe(401);
  },
  'foreign-next-link': () => {
    on('foreign-next-link', { endpoint: 'users', host: 'graph.evil.example' });
    expect(nextOf(page())).toMatch(/^https:\/\/graph\.evil\.example\/v1\.0\/users\?/);
    faults.clear();
    on('foreign-next-link');
    expect(nextOf(graph('/users/delta?$select=id'))).toMatch(/^https:\/\/graph\.example\.net\//);
  },
  'page-loop': () => {
    const second = graph(nextOf(page()));
    on('page-loop', { endpoint: 'users', afterPages: 1 });
    const looped = graph(nextOf(page()));
    expect(ids(looped)).toEqual(ids(second));
    const third = graph(nextOf(looped));
    expect(ids(third)).toEqual(ids(second));
  },
  'empty-page': () => {
    on('empty-page', { endpoint: 'users', afterPages: 1 });
    const pages = graph.walk('/users?$top=100&$select=id');
    expect(pages.map((entry) => ids(entry).length)).toEqual([100, 0, 100, 0, 50]);
    expect(new Set(pages.flatMap(ids)).size).toBe(250);
    on('empty-page', { endpoint: 'users-delta' });
    expect(graph.walk('/users/delta?$select=id').map((entry) => ids(entry).length)).toEqual([0, 200, 0, 50]);
  },
  'empty-users': () => {
    on('empty-users');
    expect(json(page())).toEqual({ '@odata.context': expect.any(String), value: [] });
  },
  'partial-listing': () => {
    on('partial-listing', { endpoint: 'users', afterPages: 1 });
    expect(graph.walk('/users?$top=100&$select=id').flatMap(ids)).toHaveLength(200);
    on('partial-listing', { endpoint: 'users-delta' });
    expect(deltaOf(graph('/users/delta?$select=id'))).toContain('$deltatoken=');
  },
  'duplicate-users': () => {
    on('duplicate-users', { count: 2 });
    const pages = graph.walk('/users?$top=100&$select=id');
    expect(pages.flatMap(ids)).toHaveLength(254);
    expect(new Set(pages.flatMap(ids)).size).toBe(250);
    expect(ids(pages[1] ?? none).slice(0, 2)).toEqual(ids(pages[0] ?? none).slice(-2));
  },
  'top-over-maximum-refused': () => {
    on('top-over-maximum-refused');
    expect(answer(graph('/users?$top=1000'))).toEqual([400, 'Request_UnsupportedQuery']);
    expect(graph('/users?$top=999').status).toBe(200);
  },
  'expired-page-token': () => {
    on('expired-page-token', { afterPages: 2 });
    const pages = graph.walk('/users?$top=100&$select=id');
    expect(pages.map((entry) => answer(entry)[1])).toEqual(['', '', 'Directory_ExpiredPageToken']);
  },
  'expired-page-token-on-licence-filter': () => {
    on('expired-page-token-on-licence-filter');
    const query = `/users?$top=20&$count=true&$filter=assignedLicenses/any(x:x/skuId eq ${e3})`;
    expect(answer(graph(nextOf(graph(query))))[1]).toBe('Directory_ExpiredPageToken');
    expect(graph.walk(query, { consistencylevel: 'eventual' }).map((entry) => entry.status)).not.toContain(400);
    expect(graph.walk('/users?$top=100').map((entry) => entry.status)).toEqual([200, 200, 200]);
  },
  'page-token-not-found': () => {
    on('page-token-not-found');
    const first = nextOf(page('/users?$top=50&$select=id'));
    const good = nextOf(graph(first));
    const repeated = nextOf(graph(first));
    expect(graph(good).status).toBe(200);
    expect(answer(graph(repeated))).toEqual([400, 'DirectoryPageTokenNotFoundException']);
  },
  'delta-gone': () => {
    const link = deltaOf(graph('/users/delta?$deltatoken=latest&$select=displayName'));
    on('delta-gone', { times: 1 });
    const reply = graph(link);
    expect([reply.status, reply.headers.location]).toEqual([
      410,
      'https://graph.microsoft.com/v1.0/users/delta?$deltatoken=&$select=displayName',
    ]);
    expect(itemsOf(graph(reply.headers.location ?? ''))).toHaveLength(200);
  },
  'sync-state-not-found': () => {
    const link = deltaOf(graph('/users/delta?$deltatoken=latest'));
    on('sync-state-not-found', { times: 1 });
    expect(answer(graph(link))).toEqual([400, 'syncStateNotFound']);
    on('sync-state-not-found', { status: 404, code: 'resyncRequired' });
    expect(answer(graph(link))).toEqual([404, 'resyncRequired']);
    expect(graph('/users/delta').status).toBe(200);
  },
  'delta-unsupported': () => {
    on('delta-unsupported');
    expect(answer(graph('/users/delta'))).toEqual([400, 'Request_UnsupportedQuery']);
  },
  'delta-replay': () => {
    on('delta-replay');
    const all = graph.walk('/users/delta?$select=id').flatMap(ids);
    expect([all.length, new Set(all).size]).toEqual([500, 250]);
  },
  'delta-surfaces-assignment-states': () => {
    const id = tenant.addUser();
    tenant.assign(id, e3);
    const link = deltaOf(graph('/users/delta?$deltatoken=latest&$select=licenseAssignmentStates'));
    tenant.assign(id, e3, { groupId: tenant.groups[0]?.id ?? null });
    expect(itemsOf(graph(link))).toEqual([]);
    on('delta-surfaces-assignment-states');
    expect(itemsOf(graph(link))).toMatchObject([{ id }]);
    expect(faults.active().map(({ struck }) => struck)).toEqual([1]);
    tenant.removeUser(id);
  },
  'removed-in-initial-round': () => {
    on('removed-in-initial-round');
    expect(itemsOf(graph('/users/delta'))[0]).toMatchObject({ '@removed': { reason: 'changed' } });
  },
  'batch-item-too-many-requests': () => {
    on('batch-item-too-many-requests', { endpoint: 'users', times: 1, retryAfterSeconds: 10 });
    const requests = [
      { id: '1', method: 'GET', url: '/users' },
      { id: '2', method: 'GET', url: '/organization' },
    ];
    const { ask, other } = fresh();
    other.faults.enable('batch-item-too-many-requests', { endpoint: 'users', times: 1, retryAfterSeconds: 10 });
    const reply = ask.post('/$batch', { requests });
    expect(reply.status).toBe(200);
    const responses = json(reply).responses as { id: string; status: number; headers: Record<string, string> }[];
    const byId = new Map(responses.map((entry) => [entry.id, entry]));
    expect([byId.get('1')?.status, byId.get('1')?.headers['Retry-After'], byId.get('2')?.status]).toEqual([
      429,
      '10',
      200,
    ]);
    expect(page().status).toBe(200);
  },
  'batch-failed-dependency': () => {
    on('batch-failed-dependency');
    expect(graph.post('/$batch', { requests: [] }).status).toBe(424);
  },
  'mixed-case-guids': () => {
    const skuIds = () => {
      const users = graph.walk('/users?$select=assignedLicenses,licenseAssignmentStates').flatMap(itemsOf);
      return JSON.stringify([users, itemsOf(graph('/subscribedSkus')).map((sku) => sku.skuId)]).match(
        /[0-9a-fA-F-]{36}/g,
      );
    };
    expect(skuIds()?.some((id) => id !== id.toLowerCase())).toBe(false);
    on('mixed-case-guids');
    expect(skuIds()?.some((id) => id !== id.toLowerCase())).toBe(true);
    expect(skuIds()?.some((id) => id !== id.toUpperCase())).toBe(true);
  },
  'error-none': () => {
    on('error-none');
    expect(graph('/users?$select=licenseAssignmentStates').body).not.toContain('"error":null');
    expect(graph('/users?$select=licenseAssignmentStates').body).toContain('"error":"None"');
  },
  'error-null': () => {
    expect(graph('/users?$select=licenseAssignmentStates').body).toContain('"error":"None"');
    on('error-null');
    expect(graph('/users?$select=licenseAssignmentStates').body).not.toContain('"error":"None"');
  },
  'missing-locked-out': () => {
    on('missing-locked-out');
    expect(graph('/subscribedSkus').body).not.toContain('lockedOut');
  },
  'token-too-many-requests': () => {
    const { other } = fresh();
    other.faults.enable('token-too-many-requests', { times: 1, retryAfterSeconds: 60 });
    const reply = requestToken(other);
    expect([reply.status, reply.headers['retry-after'], json(reply).error]).toEqual([
      429,
      '60',
      'temporarily_unavailable',
    ]);
    expect(requestToken(other).status).toBe(429);
    other.advance(60_000);
    expect(requestToken(other).status).toBe(200);
    expect(other.statistics.report().violations).toMatchObject([{ endpoint: 'token' }]);
  },
  'token-server-error': () => {
    on('token-server-error', { times: 1 });
    expect(requestToken(simulator).status).toBe(503);
    on('token-server-error', { times: 1, status: 500 });
    expect(requestToken(simulator).status).toBe(500);
  },
  'token-empty-object': () => {
    on('token-empty-object');
    expect(requestToken(simulator)).toMatchObject({ status: 200, body: '{}' });
  },
  'token-not-json': () => {
    on('token-not-json');
    expect(requestToken(simulator)).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
  },
  'token-without-expiry': () => {
    on('token-without-expiry');
    expect(Object.keys(json(requestToken(simulator)))).toEqual(['token_type', 'access_token']);
  },
  'assertion-expired-as-500133': () => {
    // Proved where assertions are made: entra/assertion.test.ts.
    expect(faultNames).toContain('assertion-expired-as-500133');
  },
  'entra-refusal': () => {
    on('entra-refusal', { number: 530035, times: 1 });
    expect(json(requestToken(simulator))).toMatchObject({ error: 'invalid_grant', error_codes: [530035] });
    expect(requestToken(simulator).status).toBe(200);
  },
  'assertion-replay-refused': () => {
    // Proved where assertions are made: entra/assertion.test.ts.
    expect(faultNames).toContain('assertion-replay-refused');
  },
};

// Those of mail servers are proved by exchange/faults.test.ts.
const provedHere = faultNames.flatMap((name) => (isExchangeFault(name) ? [] : [name]));

test.each(provedHere)('%s changes the answer', (name) => proofs[name]());

test('a fault keeps to its endpoint, its tenant, its number of times and its start', () => {
  on('bad-gateway', { endpoint: ['organization', 'user'], times: 2, afterRequests: 1 });
  const statuses = Array.from({ length: 5 }, () => graph('/organization').status);
  expect(statuses).toEqual([200, 502, 502, 200, 200]);
  expect(page().status).toBe(200);
  faults.clear();
  on('bad-gateway', { tenantId: crypto.randomUUID() });
  expect(page().status).toBe(200);
});

test('a fault strikes one page of a walk and spares those around it', () => {
  on('empty-page', { endpoint: 'users', page: 1 });
  expect(graph.walk('/users?$top=100&$select=id').map((entry) => ids(entry).length)).toEqual([100, 0, 100, 50]);
  expect(faults.active().map(({ struck }) => struck)).toEqual([1]);
  faults.clear();
  on('page-token-not-found', { page: 2 });
  const second = nextOf(page());
  graph(second);
  expect(answer(graph(nextOf(graph(second))))[1]).toBe('DirectoryPageTokenNotFoundException');
});

test('a wrong clock keeps to its endpoint and counts the answers it told the time in', () => {
  on('clock-skew', { seconds: 4_000, endpoint: 'users', page: 1, times: 2 });
  const first = page();
  expect([first.headers.date, faults.active()[0]?.struck]).toEqual(['Sat, 21 Nov 2026 08:00:00 GMT', 0]);
  const second = graph(nextOf(first));
  expect([second.status, second.headers.date]).toEqual([401, 'Sat, 21 Nov 2026 09:06:40 GMT']);
  expect(graph('/organization').status).toBe(200);
  expect(graph(nextOf(first)).status).toBe(401);
  expect(graph(nextOf(first)).status).toBe(200);
});

test('listings have small pages where the simulator is told so, whatever is asked for', () => {
  const small = createSimulator({ users: 50, secret: 's', clock: { now: () => start }, userPageSize: 20 });
  const pages = graphOf(small).walk('/users?$top=999&$select=id');
  expect(pages.map((entry) => ids(entry).length)).toEqual([20, 20, 10]);
});

test('a fault with a probability strikes sometimes, and equally often for equal seeds', () => {
  const run = () => {
    const { other, ask } = fresh();
    other.faults.enable('bad-gateway', { probability: 0.5 });
    return Array.from({ length: 40 }, () => ask('/organization').status);
  };
  const first = run();
  expect(new Set(first)).toEqual(new Set([200, 502]));
  expect(run()).toEqual(first);
});

test('a fault can be switched off alone, by name, and shows how often it struck', () => {
  const one = on('bad-gateway', { endpoint: 'users' });
  on('bad-gateway', { endpoint: 'organization' });
  graph('/organization');
  expect(faults.active().map(({ struck }) => struck)).toEqual([0, 1]);
  one.disable();
  const spent = on('bad-gateway', { endpoint: 'groups', times: 1 });
  graph('/groups');
  expect(spent.struck).toBe(1);
  expect([page().status, graph('/organization').status]).toEqual([200, 502]);
  faults.disable('bad-gateway');
  expect(graph('/organization').status).toBe(200);
});
