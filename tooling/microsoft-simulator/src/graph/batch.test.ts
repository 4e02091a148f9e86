import { describe, expect, test } from 'vitest';
import { createSimulator } from '../index.ts';
import { errorOf, graphOf, json } from '../testing/client.ts';

interface Answer {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const simulator = createSimulator();
const graph = graphOf(simulator);
const get = (id: string, url: string, rest = {}) => ({ id, method: 'GET', url, ...rest });

const batch = (...requests: readonly unknown[]): ReadonlyMap<string, Answer> => {
  const reply = graph.post('/$batch', { requests });
  expect(reply.status).toBe(200);
  return new Map((json(reply).responses as Answer[]).map((answer) => [answer.id, answer]));
};

describe('a batch', () => {
  test('answers each request with its own status, headers and body', () => {
    const answers = batch(
      get('1', '/subscribedSkus?$select=skuId'),
      get('2', 'users?$top=2&$select=id'),
      get('3', '/nothing'),
      get('4', '/users/$count', { headers: { ConsistencyLevel: 'eventual' } }),
    );
    expect([...answers.values()].map(({ id, status }) => `${id}:${status}`).sort()).toEqual([
      '1:200',
      '2:200',
      '3:400',
      '4:200',
    ]);
    expect(answers.get('1')?.headers).toMatchObject({ 'x-ms-resource-unit': '2', 'Cache-Control': 'no-cache' });
    expect(answers.get('2')?.body['@odata.nextLink']).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/users\?/);
    expect(answers.get('4')?.body).toBe('250');
  });

  test('answers in no particular order', () => {
    const orders = Array.from({ length: 20 }, () =>
      [...batch(get('1', '/organization'), get('2', '/organization'), get('3', '/organization')).keys()].join(),
    );
    expect(new Set(orders).size).toBeGreaterThan(1);
  });

  test('fails a request whose dependency failed', () => {
    const answers = batch(get('a', '/nothing'), get('b', '/organization', { dependsOn: ['a'] }));
    expect(answers.get('b')?.status).toBe(424);
  });

  test.each([
    ['more than twenty requests', Array.from({ length: 21 }, (_, at) => get(String(at), '/organization'))],
    ['ids that differ in case alone', [get('a', '/organization'), get('A', '/organization')]],
    ['an absolute url', [get('a', 'https://graph.microsoft.com/v1.0/organization')]],
    ['an unknown dependency', [get('a', '/organization', { dependsOn: ['z'] })]],
    ['a request without a method', [{ id: 'a', url: '/organization' }]],
  ])('is refused with %s', (_, requests) => {
    const reply = graph.post('/$batch', { requests });
    expect([reply.status, errorOf(reply).code]).toEqual([400, 'BadRequest']);
  });

  test('is refused when it is not JSON or has no requests, and does not nest', () => {
    expect(graph.post('/$batch', 'x').status).toBe(400);
    expect(graph.post('/$batch', {}).status).toBe(400);
    expect(batch({ id: '1', method: 'POST', url: '/$batch' }).get('1')?.status).toBe(400);
  });

  test('is metered by its items, not as a whole', () => {
    const small = createSimulator({ throttle: { resourceUnits: 3 } });
    const reply = graphOf(small).post('/$batch', {
      requests: [get('1', '/users'), get('2', '/organization'), get('3', '/users')],
    });
    const statuses = (json(reply).responses as Answer[]).map(({ id, status }) => `${id}:${status}`).sort();
    expect(statuses).toEqual(['1:200', '2:200', '3:429']);
    expect(small.statistics.report()).toMatchObject({
      roundTrips: 2,
      requests: { users: 2, batch: 1 },
      resourceUnits: 3,
    });
  });
});
