import { afterEach, expect, test } from 'vitest';
import { createGraphClient } from './graph.ts';
import { json, oddServer } from './testing/odd-server.ts';
import { rejection, testClock, testLogger, testRandom } from './testing/surroundings.ts';
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

interface Reply {
  readonly id: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A batch endpoint of our own: answers the ids it is sent in reverse order, by what `answer` says of each. */
const odd = async (answer: (id: string, round: number) => Omit<Reply, 'id'>, outer?: (round: number) => number) => {
  const server = await oddServer((_, response, body) => {
    const round = server.seen.length;
    const status = outer?.(round) ?? 200;
    if (status !== 200)
      return json(response, status, { error: { code: 'TooManyRequests', message: '' } }, { 'retry-after': '2' });
    const ids: string[] = JSON.parse(body).requests.map(({ id }: { id: string }) => id);
    return json(response, 200, { responses: ids.reverse().map((id) => ({ id, ...answer(id, round) })) });
  });
  open.push(server);
  const clock = testClock();
  const token = { get: async () => 't', renew: async () => 't' };
  const base = {
    cloud: 'global',
    http: server.http,
    clock,
    random: testRandom(),
    logger: testLogger(),
    token,
  } as const;
  return { server, clock, graph: createGraphClient(base) };
};
const reads = (...ids: string[]) => ids.map((id) => ({ id, url: `/users/${id}` }));
const sent = (server: Awaited<ReturnType<typeof odd>>['server']) =>
  server.seen.map(({ body }) => JSON.parse(body).requests.map(({ id }: { id: string }) => id));

test('twenty reads go in one request and are answered by id', async () => {
  const { graph, running } = await tenant();
  const ids = Array.from({ length: 20 }, (_, index) => running.simulator.tenant.userIdAt(index));
  const requests = ids.map((id, index) => ({ id: String(index), url: `/users/${id}?$select=id` }));
  const answers = await graph().batch(requests);
  expect(requests.map(({ id }) => answers.get(id)?.body.id)).toEqual(ids);
  expect(running.simulator.statistics.report().requests).toMatchObject({ batch: 1 });
});

test.each([
  ['no request', []],
  ['21 requests', Array.from({ length: 21 }, (_, id) => ({ id: String(id), url: '/users' }))],
  ['an id twice, whatever its case', reads('a', 'A')],
  ['an absolute address', [{ id: '1', url: 'https://graph.microsoft.com/v1.0/users' }]],
])('a batch with %s is refused before it is sent', async (_, requests) => {
  const { graph, server } = await odd(() => ({ status: 200 }));
  expect(await rejection(graph.batch(requests))).toMatchObject({ code: 'GRAPH_BATCH_INVALID', kind: 'internal' });
  expect(server.seen).toEqual([]);
});

test('only throttled items are sent again, after the longest wait that any of them asked for', async () => {
  const { graph, server, clock } = await odd((id, round) => {
    if (round > 1 || id === 'c') return { status: 200, body: { id } };
    return {
      status: 429,
      headers: { 'Retry-After': id === 'a' ? '12' : '3' },
      body: { error: { code: 'TooManyRequests' } },
    };
  });
  const answers = await graph.batch(reads('a', 'b', 'c'));
  expect(sent(server)).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b'],
  ]);
  expect(clock.sleeps).toEqual([12_000]);
  expect([...answers.values()].map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(graph.statistics()).toMatchObject({ requests: 2, retries: 1, waitedMs: 12_000 });
});

test('items throttled by the simulator are all answered in the end, after the wait asked for', async () => {
  const { graph, running, clock } = await tenant();
  running.simulator.faults.enable('batch-item-too-many-requests', { times: 7, retryAfterSeconds: 9 });
  const requests = Array.from({ length: 10 }, (_, index) => ({
    id: String(index),
    url: `/users/${running.simulator.tenant.userIdAt(index)}?$select=id`,
  }));
  const answers = await graph().batch(requests);
  expect([...answers.values()].every(({ status }) => status === 200)).toBe(true);
  expect(Math.min(...clock.sleeps)).toBeGreaterThanOrEqual(9000);
});

test('an item refused for good carries its error, and the others stand', async () => {
  const { graph } = await odd((id) =>
    id === 'gone'
      ? { status: 404, body: { error: { code: 'Request_ResourceNotFound', message: 'x' } } }
      : { status: 200, body: {} },
  );
  const answers = await graph.batch(reads('here', 'gone'));
  expect(answers.get('here')).not.toHaveProperty('error');
  expect(answers.get('gone')).toMatchObject({ status: 404, error: { code: 'GRAPH_REFUSED' } });
});

test('a permission that is missing inside a batch is not mistaken for a throttle', async () => {
  const { graph, server } = await odd(() => ({
    status: 403,
    body: { error: { code: 'Authorization_RequestDenied', message: 'x' } },
  }));
  const answers = await graph.batch(reads('a'));
  expect(answers.get('a')?.error).toMatchObject({
    code: 'GRAPH_PERMISSION_MISSING',
    details: { permission: 'User.Read.All' },
  });
  expect(server.seen.length).toBe(1);
});

test('a batch that is throttled as a whole is sent again as a whole', async () => {
  const { graph, server, clock } = await odd(
    () => ({ status: 200, body: {} }),
    (round) => (round === 1 ? 429 : 200),
  );
  await graph.batch(reads('a', 'b'));
  expect(sent(server)).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(clock.sleeps).toEqual([2000]);
});

test('an outer status of 424 is taken for the throttle that it is', async () => {
  const { graph, running } = await tenant();
  running.simulator.faults.enable('batch-failed-dependency', { times: 2 });
  const id = running.simulator.tenant.userIdAt(0);
  const answers = await graph().batch([{ id: '1', url: `/users/${id}?$select=id` }]);
  expect(answers.get('1')).toMatchObject({ status: 200, body: { id } });
});

test('the next link of an item is handed back, for following outside the batch', async () => {
  const { graph, running } = await tenant({ users: 300 });
  const client = graph();
  const answers = await client.batch([{ id: '1', url: '/users?$select=id&$top=100' }]);
  const link = answers.get('1')?.nextLink ?? '';
  const rest: unknown[] = [];
  for await (const page of client.pages(link)) rest.push(...page.value);
  expect(rest).toHaveLength(200);
  expect(running.simulator.statistics.report().violations).toEqual([]);
});

test('an answer that leaves an item out is no answer', async () => {
  const server = await oddServer((_, response) =>
    json(response, 200, { responses: [{ id: 'a', status: 200, body: {} }] }),
  );
  open.push(server);
  const token = { get: async () => 't', renew: async () => 't' };
  const graph = createGraphClient({
    cloud: 'global',
    http: server.http,
    clock: testClock(),
    random: testRandom(),
    logger: testLogger(),
    token,
  });
  expect(await rejection(graph.batch(reads('a', 'b')))).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
});

test('an item that stays throttled ends with its error when the time is up', async () => {
  const { graph, clock } = await odd(() => ({
    status: 429,
    headers: { 'Retry-After': '300' },
    body: { error: { code: 'TooManyRequests' } },
  }));
  const answers = await graph.batch(reads('a'));
  expect(answers.get('a')?.error).toMatchObject({ code: 'GRAPH_THROTTLED' });
  expect(clock.monotonic()).toBeLessThanOrEqual(15 * 60_000);
});
