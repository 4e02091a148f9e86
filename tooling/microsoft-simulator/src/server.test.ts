import { request as plainRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { type Dispatcher, request, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoTenant, type RunningSimulator, simulatorDispatcher, startSimulator } from './index.ts';
import { accessToken, tokenForm } from './testing/client.ts';

let running: RunningSimulator;
let dispatcher: Dispatcher;
const refused: string[] = [];

beforeAll(async () => {
  running = await startSimulator({ users: 1_200 });
  dispatcher = simulatorDispatcher(running.url, { onRefused: (host) => refused.push(host) });
});

afterAll(async () => {
  await dispatcher.close();
  await running.close();
});

const get = (target: string, headers: Record<string, string> = {}) =>
  request(`https://graph.microsoft.com/v1.0${target}`, {
    dispatcher,
    headers: { authorization: `Bearer ${accessToken(running.simulator)}`, ...headers },
  });

describe('the dispatcher', () => {
  test('brings the real hosts to the simulator, by undici and by the global fetch', async () => {
    const { tenant } = running.simulator;
    const target = `https://login.microsoftonline.com/${demoTenant.tenantId}/oauth2/v2.0/token`;
    const body = new URLSearchParams(tokenForm(tenant, { client_secret: tenant.secret }));
    const first = await undiciFetch(target, { dispatcher, method: 'POST', body });
    expect(first.status).toBe(200);
    const init = { dispatcher, headers: { authorization: `Bearer ${accessToken(running.simulator)}` } };
    const second = await fetch('https://graph.microsoft.com/v1.0/organization', init as unknown as RequestInit);
    expect(second.status).toBe(200);
  });

  test('does not resolve any other host', async () => {
    await expect(undiciFetch('https://example.com/', { dispatcher })).rejects.toMatchObject({
      cause: { code: 'ENOTFOUND', hostname: 'example.com' },
    });
    await expect(request(running.url, { dispatcher })).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(refused).toContain('example.com');
  });

  test('reports a simulator that is gone as a refused connection', async () => {
    const other = await startSimulator({ users: 10 });
    const orphan = simulatorDispatcher(other.url);
    await other.close();
    await expect(request('https://graph.microsoft.com/', { dispatcher: orphan })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await orphan.close();
  });
});

describe('the server', () => {
  test('compresses when the client accepts gzip, unless the fault says otherwise', async () => {
    const zipped = await get('/users?$top=999', { 'accept-encoding': 'gzip' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    const page = JSON.parse(gunzipSync(await zipped.body.bytes()).toString()) as { value: unknown[] };
    expect(page.value).toHaveLength(999);
    const fault = running.simulator.faults.enable('no-gzip');
    const flat = await get('/users?$top=999', { 'accept-encoding': 'gzip' });
    fault.disable();
    expect(flat.headers['content-encoding']).toBeUndefined();
    await flat.body.dump();
  });

  test('gives remembered pages until a user changes, and none of them while a fault is on', async () => {
    const kept = await startSimulator({ users: 40, rememberListings: true });
    const { simulator } = kept;
    const dispatch = simulatorDispatcher(kept.url);
    const link = async (accept = 'gzip') => {
      const reply = await request('https://graph.microsoft.com/v1.0/users?$top=30', {
        dispatcher: dispatch,
        headers: { authorization: `Bearer ${accessToken(simulator)}`, 'accept-encoding': accept },
      });
      const bytes = Buffer.from(await reply.body.arrayBuffer());
      const text = reply.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes).toString() : bytes.toString();
      return (JSON.parse(text) as { '@odata.nextLink': string })['@odata.nextLink'];
    };
    // Every walk has links of its own, so an equal link is a page that was kept.
    const first = await link();
    expect(await link()).toBe(first);
    expect(await link('identity')).not.toBe(first);
    const fault = simulator.faults.enable('page-token-not-found');
    expect(await link()).not.toBe(first);
    fault.disable();
    expect(await link()).toBe(first);
    simulator.tenant.updateUser(simulator.tenant.userIdAt(3), { department: 'Moved' });
    expect(await link()).not.toBe(first);
    await dispatch.close();
    await kept.close();
  });

  test('serves a host named by x-forwarded-host when asked on its own address', async () => {
    const reply = await request(`${running.url}/v1.0/users`, { headers: { 'x-forwarded-host': 'graph.microsoft.us' } });
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toContain('login.microsoftonline.us');
    await reply.body.dump();
  });

  test('breaks the connection in the middle of the body', async () => {
    running.simulator.faults.enable('connection-reset', { endpoint: 'users', times: 1 });
    const reply = await get('/users?$top=999');
    expect(reply.statusCode).toBe(200);
    await expect(reply.body.text()).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
    expect((await get('/organization')).statusCode).toBe(200);
  });

  test('sends a slow body over the time given, complete', async () => {
    running.simulator.faults.enable('slow-body', { endpoint: 'users', times: 1, milliseconds: 100 });
    const began = performance.now();
    const reply = await get('/users?$top=50');
    expect(((await reply.body.json()) as { value: unknown[] }).value).toHaveLength(50);
    expect(performance.now() - began).toBeGreaterThan(60);
  });

  test('keeps a client hanging until the client gives up', async () => {
    running.simulator.faults.enable('hang', { endpoint: 'organization', times: 1 });
    const signal = AbortSignal.timeout(50);
    await expect(
      request('https://graph.microsoft.com/v1.0/organization', {
        dispatcher,
        signal,
        headers: { authorization: `Bearer ${accessToken(running.simulator)}` },
      }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('counts bytes on the wire', async () => {
    running.simulator.statistics.reset();
    await (await get('/users?$top=999', { 'accept-encoding': 'gzip' })).body.dump();
    const { bytes, wireBytes } = running.simulator.statistics.report();
    expect(bytes).toBeGreaterThan(200_000);
    expect(wireBytes).toBeLessThan(bytes / 3);
  });

  test('refuses a body that is too large', async () => {
    const status = await new Promise((resolve, reject) => {
      const out = plainRequest(`${running.url}/_control/faults`, { method: 'POST' }, (reply) =>
        resolve(reply.statusCode),
      );
      out.on('error', reject);
      out.end(Buffer.alloc(5 * 1024 * 1024, 32));
    });
    expect(status).toBe(599);
  });
});
