import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSimulator } from '../index.ts';
import { errorOf, graphOf, json, requestToken } from '../testing/client.ts';

/** The wait a client reads off the header, in milliseconds. */
const waitOf = (header: string, now: number): number =>
  /^[\d.]+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;

const formats = ['integer', 'fractional', 'http-date'] as const;
const start = Date.UTC(2026, 10, 21, 8);
const simulator = createSimulator({ users: 10, clock: { now: () => start }, tokenLifetimeSeconds: 1e9 });
const graph = graphOf(simulator);
const { faults, statistics } = simulator;
const violations = () => statistics.report().violations;

const afresh = () => {
  faults.clear();
  simulator.pardon();
  statistics.reset();
};

describe('a Retry-After', () => {
  const seconds = fc.oneof(fc.integer({ min: 0, max: 700 }), fc.double({ min: 0, max: 700, noNaN: true }));
  const asked = fc.record({ format: fc.constantFrom(...formats), seconds, late: fc.nat(999) });

  test('is enforced exactly as announced: who waits that long is served, who does not is punished', () => {
    fc.assert(
      fc.property(asked, ({ format, seconds, late }) => {
        afresh();
        simulator.advance(late);
        faults.enable('too-many-requests', { times: 1, retryAfterSeconds: seconds, retryAfterFormat: format });
        const told = () => waitOf(graph('/organization').headers['retry-after'] ?? '', simulator.now());
        const first = told();
        expect(first).toBeGreaterThanOrEqual(0);
        if (first > 100) {
          simulator.advance(first - 100);
          const again = told();
          expect(violations()).toMatchObject([{ kind: 'early-retry', earlyBy: expect.closeTo(100, 3) }]);
          simulator.advance(again);
        } else {
          simulator.advance(first);
        }
        const before = violations().length;
        expect(graph('/organization').status).toBe(200);
        expect(violations()).toHaveLength(before);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ['integer', '3'],
    ['fractional', '2.128'],
    ['http-date', 'Sat, 21 Nov 2026 08:00:03 GMT'],
  ] as const)('of the form %s keeps its form when the wait starts anew', (retryAfterFormat, header) => {
    const other = createSimulator({ users: 10, clock: { now: () => start } });
    const ask = graphOf(other);
    other.faults.enable('too-many-requests', { times: 1, retryAfterSeconds: 2.1284, retryAfterFormat });
    const replies = [ask('/users'), ask('/users')];
    expect(replies.map((reply) => [reply.status, reply.headers['retry-after']])).toEqual([
      [429, header],
      [429, header],
    ]);
  });

  test('as a date is in the time of the service, and binds until that date even if its clock is wrong', () => {
    afresh();
    faults.enable('clock-skew', { seconds: 100.25 });
    faults.enable('too-many-requests', { times: 1, retryAfterSeconds: 5, retryAfterFormat: 'http-date' });
    const wait = waitOf(graph('/users').headers['retry-after'] ?? '', simulator.now() + 100_250);
    expect(wait).toBeGreaterThanOrEqual(5_000);
    expect(wait).toBeLessThan(6_000);
    simulator.advance(wait);
    expect([graph('/users').status, violations()]).toEqual([200, []]);
  });

  test.each(formats)('of the form %s at the token endpoint is enforced as announced', (retryAfterFormat) => {
    afresh();
    faults.enable('token-too-many-requests', { times: 1, retryAfterSeconds: 7, retryAfterFormat });
    const wait = waitOf(requestToken(simulator).headers['retry-after'] ?? '', simulator.now());
    simulator.advance(wait);
    expect([requestToken(simulator).status, violations()]).toEqual([200, []]);
  });

  test('that is absent at the token endpoint makes nobody too early', () => {
    afresh();
    faults.enable('token-too-many-requests', { times: 1, retryAfterFormat: 'absent' });
    const refused = requestToken(simulator);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, undefined]);
    expect([requestToken(simulator).status, violations()]).toEqual([200, []]);
  });
});

describe('the items of a batch', () => {
  const url = '/users?$top=1&$select=id';
  const batch = (count: number) => {
    const requests = Array.from({ length: count }, (_, at) => ({ id: String(at), method: 'GET', url }));
    const responses = json(graph.post('/$batch', { requests })).responses as { id: string; status: number }[];
    return responses.sort((a, b) => Number(a.id) - Number(b.id)).map(({ status }) => status);
  };

  test('are no early retries of each other', () => {
    afresh();
    faults.enable('batch-item-too-many-requests', { times: 2, retryAfterSeconds: 10 });
    expect(batch(5)).toEqual([429, 429, 200, 200, 200]);
    expect(violations()).toEqual([]);
    simulator.advance(10_000);
    expect([batch(2), violations()]).toEqual([[200, 200], []]);
  });

  test('are early retries of those of an earlier batch, each of them', () => {
    afresh();
    faults.enable('batch-item-too-many-requests', { times: 2, retryAfterSeconds: 10 });
    batch(2);
    simulator.advance(9_000);
    expect(batch(3)).toEqual([429, 429, 429]);
    expect(violations().map(({ earlyBy }) => earlyBy)).toEqual([1_000, 1_000, 1_000]);
    simulator.advance(9_000);
    expect(errorOf(graph(url)).code).toBe('TooManyRequests');
    expect(violations()).toHaveLength(4);
    simulator.advance(10_000);
    expect(batch(3)).toEqual([200, 200, 200]);
  });

  test('told different waits are bound by the longest', () => {
    afresh();
    faults.enable('batch-item-too-many-requests', { times: 1, retryAfterSeconds: 20 });
    faults.enable('batch-item-too-many-requests', { times: 1, retryAfterSeconds: 10 });
    expect(batch(3)).toEqual([429, 429, 200]);
    simulator.advance(19_000);
    expect([batch(1), violations().length]).toEqual([[429], 1]);
  });

  test('do not punish each other when the resource units run out between them', () => {
    const small = createSimulator({ users: 10, clock: { now: () => start }, throttle: { resourceUnits: 2 } });
    const ask = graphOf(small);
    const requests = ['1', '2', '3', '4'].map((id) => ({ id, method: 'GET', url }));
    const again = () => json(ask.post('/$batch', { requests })).responses as { status: number }[] | undefined;
    expect(again()?.filter(({ status }) => status === 429)).toHaveLength(2);
    expect(small.statistics.report().violations).toEqual([]);
    expect(ask(url).status).toBe(429);
    expect(small.statistics.report().violations).toHaveLength(1);
  });
});
