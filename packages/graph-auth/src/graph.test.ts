import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { createGraphClient } from './graph.ts';
import type { GraphLimits } from './graph-types.ts';
import { json, type OddServer, oddServer } from './testing/odd-server.ts';
import { rejection, type TestClock, testClock, testLogger, testRandom } from './testing/surroundings.ts';
import { type TestTenant, testTenant } from './testing/tenant.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const tenant = async (...options: Parameters<typeof testTenant>): Promise<TestTenant> => {
  const made = await testTenant(...options);
  open.push(made);
  return made;
};

/** A client against a server of our own; `answer` gets the number of the request, from 1. */
const odd = async (
  answer: (number: number, response: Parameters<Parameters<typeof oddServer>[0]>[1], path: string) => void,
  limits: Partial<GraphLimits> = {},
) => {
  const server: OddServer = await oddServer((request, response) =>
    answer(server.seen.length, response, request.url ?? ''),
  );
  open.push(server);
  const clock: TestClock = testClock();
  const logger = testLogger();
  const token = { get: async () => 'token-1', renew: async () => 'token-2' };
  const base = { cloud: 'global', http: server.http, clock, random: testRandom(), logger, token } as const;
  return { server, clock, logger, graph: createGraphClient({ ...base, limits }) };
};
const link = (path: string) => `https://graph.microsoft.com/v1.0${path}`;
const fault = (code: string, message = 'Microsoft’s text.') => ({
  error: { code, message, innerError: { 'request-id': 'inner-id' } },
});
const collect = async <T>(pages: AsyncIterable<{ value: readonly T[] }>) => {
  const all: T[] = [];
  for await (const { value } of pages) all.push(...value);
  return all;
};
const details = (error: unknown) => Reflect.get(Object(error), 'details');

test('a listing is streamed page by page until there is no link', async () => {
  const { graph, running } = await tenant({ users: 2500 });
  const users = await collect(graph().pages('/users?$top=999&$select=id'));
  expect(users).toHaveLength(2500);
  expect(running.simulator.statistics.report().requests).toMatchObject({ users: 3 });
});

test('the next page is fetched while the consumer still works on this one, and only then', async () => {
  const next = (number: number) => (number < 5 ? { '@odata.nextLink': link(`/users?p=${number + 1}`) } : {});
  const { graph, server } = await odd((number, response) => json(response, 200, { value: [number], ...next(number) }));
  for await (const page of graph.pages('/users?p=1')) {
    const [number] = page.value;
    while (server.seen.length < Math.min(5, Number(number) + 1)) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.seen.length).toBe(Math.min(5, Number(number) + 1));
  }
  for await (const page of graph.pages('/users?p=6', { prefetch: false })) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.seen.length).toBe(6);
    expect(page.value).toEqual([6]);
  }
});

test('leaving a listing aborts the page on its way and leaves no rejection behind', async () => {
  let closed: (() => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const { graph, server } = await odd((number, response) => {
    if (number === 1) json(response, 200, { value: [1], '@odata.nextLink': link('/users?p=2') });
    else response.on('close', () => closed?.());
  });
  for await (const page of graph.pages('/users')) {
    expect(page.value).toEqual([1]);
    while (server.seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    break;
  }
  await gone;
  expect(server.seen.length).toBe(2);
});

test('a page without items and with a link is no end', async () => {
  const { graph, running } = await tenant({ users: 150 });
  running.simulator.faults.enable('empty-page', { times: 1 });
  expect(await collect(graph().pages('/users?$top=100&$select=id'))).toHaveLength(150);
});

test('the headers of a listing are sent with each page again', async () => {
  const { graph, server } = await odd((number, response) =>
    json(response, 200, { value: [], ...(number < 3 ? { '@odata.nextLink': link(`/users?p=${number}`) } : {}) }),
  );
  await collect(graph.pages('/users', { headers: { ConsistencyLevel: 'eventual' } }));
  expect(server.seen.map(({ headers }) => headers.consistencylevel)).toEqual(Array(3).fill('eventual'));
});

test('each request asks for gzip, names itself, and yields to others in a throttle', async () => {
  const { graph, server } = await odd((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(JSON.stringify({ value: ['ö'] })));
  });
  expect(await graph.get('/organization')).toEqual({ value: ['ö'] });
  await graph.get('/organization');
  const [first, second] = server.seen.map(({ headers }) => headers);
  expect(first).toMatchObject({
    'accept-encoding': 'gzip',
    'x-ms-throttle-priority': 'Low',
    authorization: 'Bearer token-1',
    host: 'graph.microsoft.com',
  });
  expect(first?.['client-request-id']).toMatch(/^[0-9a-f]{8}-/);
  expect(first?.['client-request-id']).not.toBe(second?.['client-request-id']);
});

test.each([
  'https://evil.example/v1.0/users?p=2',
  'http://graph.microsoft.com/v1.0/users?p=2',
  'https://graph.microsoft.com@evil.example/users',
  'https://graph.microsoft.com.evil.example/users',
  'https://graph.microsoft.com:8443/v1.0/users',
  'https://graph.microsoft.us/v1.0/users',
  '//evil.example/users',
  'ftp://graph.microsoft.com/',
  'not an address',
])('the link %s is refused before a token is attached', async (bad) => {
  const { graph, server } = await odd((_, response) => json(response, 200, { value: [1], '@odata.nextLink': bad }));
  expect(await rejection(collect(graph.pages('/users')))).toMatchObject({ code: 'GRAPH_FOREIGN_LINK' });
  expect(server.seen.length).toBe(1);
});

test('a link of Graph is followed verbatim', async () => {
  const odata = '/users?$select=id&$skiptoken=RFNwd%2F%20AoAA==&%24top=2';
  const { graph, server } = await odd((number, response) =>
    json(response, 200, { value: [], ...(number === 1 ? { '@odata.nextLink': link(odata) } : {}) }),
  );
  await collect(graph.pages('/users'));
  expect(server.seen[1]?.url).toBe(`/v1.0${odata}`);
});

test('a listing that turns in a circle is stopped, also over two pages', async () => {
  const { graph, server } = await odd((number, response) =>
    json(response, 200, { value: [1], '@odata.nextLink': link(`/users?p=${number % 2}`) }),
  );
  expect(await rejection(collect(graph.pages('/users')))).toMatchObject({ code: 'GRAPH_PAGE_LOOP' });
  expect(server.seen.length).toBeLessThan(5);
});

test('a redirection is refused and not followed', async () => {
  const { graph, server } = await odd((_, response) => {
    response.writeHead(302, { location: 'https://graph.microsoft.com/v1.0/me' });
    response.end();
  });
  expect(await rejection(graph.get('/organization'))).toMatchObject({
    code: 'GRAPH_REDIRECTED',
    details: { class: 'local' },
  });
  expect(server.seen.length).toBe(1);
});

test.each(['integer', 'fractional', 'http-date'] as const)(
  'a throttle with a Retry-After of the form %s is waited out in full, without an early retry',
  async (retryAfterFormat) => {
    const { graph, running, clock } = await tenant();
    const retryAfterSeconds = retryAfterFormat === 'fractional' ? 200.25 : 200;
    running.simulator.faults.enable('too-many-requests', {
      endpoint: 'users',
      times: 3,
      retryAfterSeconds,
      retryAfterFormat,
    });
    const client = graph();
    await client.get('/users?$top=1&$select=id');
    expect(running.simulator.statistics.report().violations).toEqual([]);
    expect(clock.sleeps).toHaveLength(3);
    for (const sleep of clock.sleeps) expect(sleep).toBeGreaterThanOrEqual(retryAfterSeconds * 1000);
    expect(client.statistics()).toMatchObject({
      requests: 4,
      retries: 3,
      waitedMs: clock.sleeps.reduce((a, b) => a + b),
    });
  },
);

test('without Retry-After the waits double, with jitter', async () => {
  const { graph, clock } = await odd((number, response) =>
    json(response, number < 5 ? 429 : 200, fault('TooManyRequests').error),
  );
  await graph.get('/users').catch(() => undefined);
  expect(clock.sleeps.slice(0, 4)).toEqual([750, 1500, 3000, 6000]);
});

test('a Retry-After of zero for ever ends by the bound on the whole time, not in a loop without waiting', async () => {
  const { graph, server, clock } = await odd(
    (_, response) => json(response, 429, fault('TooManyRequests'), { 'retry-after': '0' }),
    { totalMs: 300_000 },
  );
  const error = await rejection(graph.get('/users'));
  expect(error).toMatchObject({
    code: 'GRAPH_THROTTLED',
    kind: 'remote',
    details: { limit: 300, graphCode: 'TooManyRequests' },
  });
  expect(server.seen.length).toBeLessThan(20);
  expect(clock.monotonic()).toBeLessThanOrEqual(300_000);
});

test('a wait beyond the bound fails at once instead of retrying early', async () => {
  const { graph, server, clock } = await odd((_, response) =>
    json(response, 429, fault('TooManyRequests'), { 'retry-after': '3600' }),
  );
  expect(await rejection(graph.get('/users'))).toMatchObject({ code: 'GRAPH_THROTTLED' });
  expect([server.seen.length, clock.sleeps]).toEqual([1, []]);
});

test('while one request waits out a throttle, the others of the client wait too', async () => {
  const server: OddServer = await oddServer((_, response) =>
    server.seen.length === 1
      ? json(response, 429, fault('TooManyRequests'), { 'retry-after': '30' })
      : json(response, 200, { value: [] }),
  );
  open.push(server);
  const clock = testClock();
  const waiting: (() => void)[] = [];
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) =>
      waiting.push(() => {
        clock.advance(milliseconds);
        resolve();
      }),
    );
  const token = { get: async () => 't', renew: async () => 't' };
  const base = { cloud: 'global', http: server.http, random: testRandom(), logger: testLogger(), token } as const;
  const graph = createGraphClient({ ...base, clock: { ...clock, sleep } });
  const first = graph.get('/users');
  while (waiting.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  const second = graph.get('/organization');
  while (waiting.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(server.seen.length).toBe(1);
  waiting[0]?.();
  waiting[1]?.();
  await Promise.all([first, second]);
  expect(server.seen.length).toBe(3);
});

test.each([500, 502, 503, 504])('after a %i the request is sent again, on a new connection', async (status) => {
  const { graph, server } = await odd((number, response) =>
    number <= 2 ? json(response, status, fault('UnknownError')) : json(response, 200, { value: [] }),
  );
  await graph.get('/users');
  expect(server.seen.map(({ connection }) => connection)).toEqual([1, 2, 3]);
});

test('successes keep their connections', async () => {
  const { graph, server } = await odd((_, response) => json(response, 200, { value: [] }));
  for (let turn = 0; turn < 10; turn += 1) await graph.get('/users');
  // Two, since undici gives a connection back only a moment after its answer has ended.
  expect(new Set(server.seen.map(({ connection }) => connection)).size).toBeLessThanOrEqual(2);
});

test('a connection that breaks in the middle of a body is tried again', async () => {
  const { graph, running } = await tenant();
  running.simulator.faults.enable('connection-reset', { endpoint: 'users', times: 2 });
  await graph().get('/users?$top=5&$select=id');
  expect(running.simulator.statistics.report().requests).toMatchObject({ users: 3 });
});

test('a server that never answers is given up on in time and tried again', async () => {
  const { graph, server } = await odd((number, response) => number > 1 && json(response, 200, { value: [] }), {
    timeoutMs: 700,
  });
  await graph.get('/users');
  expect(server.seen.length).toBe(2);
});

test('GERR-02: no connection to Graph is the exact sentence, with the hosts of the chosen cloud to release', async () => {
  const { graph, server } = await odd(() => server.seen.length && undefined, { timeoutMs: 30, attempts: 2 });
  const error = await rejection(graph.get('/users'));
  expect(error).toMatchObject({
    code: 'GRAPH_UNREACHABLE',
    message: 'Could not connect to GraphAPI server.',
    details: { class: 'local', cause: 'TIMEOUT', attempts: 2 },
  });
  const remedy = String(Reflect.get(Object(error), 'remedy').call(error, 'de'));
  expect(remedy).toContain('login.microsoftonline.com, graph.microsoft.com');
});

test.each(['usgov-l4', 'usgov-l5', 'china'] as const)(
  'GERR-02: the remedy names the hosts of the cloud %s',
  async (cloud) => {
    const { options } = await tenant();
    const source = { get: async () => 't', renew: async () => 't' };
    const gone = (await oddServer(() => undefined)) as OddServer;
    await gone.close();
    const client = createGraphClient({ ...options, http: gone.http, cloud, token: source, limits: { attempts: 1 } });
    const { hosts } = details(await rejection(client.get('/users')));
    expect(hosts).not.toContain('graph.microsoft.com');
    expect(hosts.split(', ')).toHaveLength(2);
  },
);

test.each(['proxy-page-ok', 'truncated-json', 'error-none-body'] as const)(
  'GERR-03: the fault %s under status 200 is the exact sentence',
  async (name) => {
    const { graph, running } = await tenant();
    running.simulator.faults.enable(name, { endpoint: 'users' });
    expect(await rejection(graph().get('/users?$select=id'))).toMatchObject({
      message: 'GraphAPI webcall returned success but information could not be deserialized.',
      details: { class: 'local' },
    });
  },
);

test.each([
  ['half a body', '{"value":[', 'broken JSON'],
  ['an error', { error: null }, 'an error inside a success'],
])('a success that holds %s is asked for again, three times in all', async (_, broken, cause) => {
  const { graph, server } = await odd((number, response) => json(response, 200, number === 3 ? { value: [] } : broken));
  expect(await graph.get('/users')).toEqual({ value: [] });
  expect(await rejection(graph.get('/users'))).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE', details: { cause } });
  expect(server.seen).toHaveLength(6);
});

test('an error without code and text is shown by its HTTP status', async () => {
  const { graph } = await odd((_, response) => json(response, 404, { error: { code: '', message: '' } }));
  expect(await rejection(graph.get('/users'))).toMatchObject({ message: 'HTTP 404: HTTP 404' });
});

test('GERR-03: a listing without a list is not taken for an empty one', async () => {
  const { graph } = await odd((_, response) => json(response, 200, { hello: 'proxy' }));
  expect(await rejection(collect(graph.pages('/users')))).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
});

test.each(['proxy-page-forbidden', 'proxy-page-bad-gateway'] as const)(
  'GERR-04: the fault %s is the exact sentence and asks for firewall and proxy',
  async (name) => {
    const { graph, running } = await tenant();
    running.simulator.faults.enable(name, { endpoint: 'users' });
    const error = await rejection(graph({ attempts: 2 }).get('/users?$select=id'));
    expect(error).toMatchObject({
      message: 'GraphAPI webcall returned failure but error information could not be deserialized.',
      details: { class: 'local' },
    });
    expect(String(Reflect.get(Object(error), 'remedy').call(error, 'en'))).toContain('Check firewall and proxy');
  },
);

test('GERR-01: code and text of Graph are passed through unchanged, with both request ids', async () => {
  const text = 'Der Wert {x} ist "ungültig".';
  const { graph } = await odd((_, response) =>
    json(response, 400, fault('Request_BadRequest', text), { 'request-id': 'r-1' }),
  );
  const error = await rejection(graph.get('/users?$filter=mail eq secret'));
  expect(error).toMatchObject({ code: 'GRAPH_REFUSED', message: `Request_BadRequest: ${text}` });
  expect(details(error)).toMatchObject({
    class: 'remote',
    requestId: 'r-1',
    clientRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    path: '/v1.0/users',
    status: 400,
  });
});

test('GERR-01: an outage that stays ends with the text of Microsoft, which the last attempt reads', async () => {
  const { graph, server } = await odd((_, response) => json(response, 503, fault('serviceNotAvailable', 'Busy.')), {
    attempts: 3,
  });
  expect(await rejection(graph.get('/users'))).toMatchObject({
    code: 'GRAPH_UNAVAILABLE',
    message: 'serviceNotAvailable: Busy.',
  });
  expect(server.seen.length).toBe(3);
});

test('GERR-07: what Graph told is of the class remote, what arose here is of the class local', async () => {
  const { graph, running } = await tenant();
  const classes: unknown[] = [];
  for (const name of ['permission-refused', 'empty-error-code', 'proxy-page-ok', 'truncated-json'] as const) {
    const switched = running.simulator.faults.enable(name, { endpoint: 'users' });
    classes.push(details(await rejection(graph().get('/users?$select=id'))).class);
    switched.disable();
  }
  expect(classes).toEqual(['remote', 'remote', 'local', 'local']);
});

test('GERR-08: a failed request is in the log with code, class and both request ids, and each retry before it', async () => {
  const { graph, logger } = await odd(
    (_, response) => json(response, 503, fault('UnknownError'), { 'request-id': 'r-9' }),
    { attempts: 2 },
  );
  await rejection(graph.get('/users'));
  expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'info Graph request is tried again',
    'warn Graph request failed',
  ]);
  for (const { fields } of logger.lines)
    expect(fields).toMatchObject({
      code: 'GRAPH_UNAVAILABLE',
      class: 'remote',
      requestId: 'r-9',
      clientRequestId: expect.any(String),
    });
});

test('a refused token is renewed once; a refused fresh token is an error', async () => {
  const { graph, running } = await tenant();
  running.simulator.faults.enable('token-refused', { endpoint: 'users', times: 1 });
  const client = graph();
  await client.get('/users?$select=id');
  expect(running.simulator.statistics.report().tokensIssued).toBe(2);
  running.simulator.statistics.reset();
  running.simulator.faults.enable('token-refused', { endpoint: 'users' });
  expect(await rejection(client.get('/users?$select=id'))).toMatchObject({
    code: 'GRAPH_TOKEN_REFUSED',
    kind: 'credentials',
  });
  expect(running.simulator.statistics.report().requests).toMatchObject({ users: 2 });
});

test.each([
  ['/users?$select=id', 'User.Read.All'],
  ['/subscribedSkus', 'Organization.Read.All'],
  ['/directory/subscriptions', 'Organization.Read.All'],
])('a 403 for %s names the missing permission %s', async (path, permission) => {
  const { graph, running } = await tenant();
  running.simulator.faults.enable('permission-refused');
  expect(await rejection(graph().get(path))).toMatchObject({
    code: 'GRAPH_PERMISSION_MISSING',
    details: { permission },
  });
});

test('an abort during a wait rejects at once', async () => {
  const { options, running } = await tenant();
  running.simulator.faults.enable('too-many-requests', { endpoint: 'users', retryAfterSeconds: 600 });
  const sleep = (_: number, signal?: AbortSignal) =>
    new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const token = {
    get: async () => (await import('./token.ts')).createTokenSource(options).get(),
    renew: async () => 't',
  };
  const client = createGraphClient({ ...options, token, clock: { ...options.clock, sleep } });
  const controller = new AbortController();
  const waiting = rejection(client.get('/users?$select=id', { signal: controller.signal }));
  while ((running.simulator.statistics.report().requests.users ?? 0) < 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(new Error('cancelled'));
  expect(await waiting).toMatchObject({ message: 'cancelled' });
});

test.each(['expired-page-token', 'page-token-not-found'] as const)(
  'the fault %s asks for a restart of the listing',
  async (name) => {
    const { graph, running } = await tenant({ users: 300 });
    running.simulator.faults.enable(name);
    if (name === 'page-token-not-found')
      running.simulator.faults.enable('connection-reset', { endpoint: 'users', times: 1 });
    const error = await collect(graph().pages('/users?$select=id')).catch((caught: unknown) => caught);
    if (name === 'expired-page-token' || !Array.isArray(error))
      expect(error).toMatchObject({ code: 'GRAPH_PAGE_TOKEN_EXPIRED' });
  },
);

test.each([
  [400, 'syncStateNotFound'],
  [404, 'SyncStateNotFound'],
  [410, 'resyncRequired'],
  [410, ''],
])('a lost delta link (%i %s) is one typed error', async (status, code) => {
  const { graph } = await odd((_, response) =>
    code === ''
      ? response.writeHead(status, { location: link('/users/delta?$deltatoken=') }).end()
      : json(response, status, fault(code)),
  );
  expect(await rejection(collect(graph.pages(link('/users/delta?$deltatoken=x'))))).toMatchObject({
    code: 'GRAPH_DELTA_EXPIRED',
  });
});

test.each(['delta-gone', 'sync-state-not-found'] as const)(
  'the fault %s of the simulator asks for a new delta',
  async (name) => {
    const { graph, running } = await tenant();
    const client = graph();
    let stored = '';
    for await (const page of client.pages('/users/delta?$deltatoken=latest')) stored = page.deltaLink ?? '';
    running.simulator.faults.enable(name);
    expect(await rejection(collect(client.pages(stored)))).toMatchObject({ code: 'GRAPH_DELTA_EXPIRED' });
  },
);

test('an error is found by its inner code too, whatever the casing', async () => {
  const body = { error: { code: 'BadRequest', message: 'x', innererror: { code: 'Directory_ExpiredPageToken' } } };
  const { graph } = await odd((_, response) => json(response, 400, body));
  expect(await rejection(graph.get('/users'))).toMatchObject({
    code: 'GRAPH_PAGE_TOKEN_EXPIRED',
    message: 'BadRequest: x',
  });
});

test('a body beyond its bound is refused before and after decompression', async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000, ' '));
  const { graph } = await odd(
    (number, response) => {
      response.writeHead(200, number === 1 ? { 'content-encoding': 'gzip' } : {});
      response.end(number === 1 ? bomb : Buffer.alloc(5_000_000, ' '));
    },
    { maxBytes: 1_000_000 },
  );
  expect(await rejection(graph.get('/users'))).toMatchObject({
    code: 'GRAPH_REPLY_TOO_LARGE',
    details: { class: 'local' },
  });
  expect(await rejection(graph.get('/users'))).toMatchObject({ code: 'GRAPH_REPLY_TOO_LARGE' });
});

test('JSON that is nested too deep is refused', async () => {
  const nested = (levels: number) => `{"value":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const { graph } = await odd((number, response) => json(response, 200, nested(number === 1 ? 31 : 32)));
  await graph.get('/users');
  expect(await rejection(graph.get('/users'))).toMatchObject({ code: 'GRAPH_REPLY_TOO_LARGE' });
});

test('GERR-03: a body that cannot be unpacked is no success', async () => {
  const { graph } = await odd((number, response) => {
    response.writeHead(200, { 'content-encoding': number === 1 ? 'gzip' : 'zstd' });
    response.end('not packed');
  });
  expect(await rejection(graph.get('/users'))).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
  expect(await rejection(graph.get('/users'))).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
});
