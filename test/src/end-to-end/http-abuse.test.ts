import type { Run } from '@itsm-m365/server-tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressParts, bodiesOf, bodySchemaOf, queriesOf, refusalProblem } from './surroundings/abuse.ts';
import { type Described, describedBy, fillPath, knownIds, operationsOf } from './surroundings/crawl.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { hostSuite, type RunningHost, startReferenceHost } from './surroundings/hosts.ts';
import { addPortal, portalOf, readPortal, section } from './surroundings/portals.ts';
import { ended, runToEnd, settled, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';
import { type Line, openLine, send } from './surroundings/wire.ts';

interface World {
  readonly host: RunningHost;
  readonly simulated: Simulated;
  readonly origin: string;
  /** Path of the API on the host: `/itsm`. */
  readonly prefix: string;
  readonly portal: string;
  close(): Promise<void>;
}

const openWorld = async (start: (folder: Folder, simulated: Simulated) => Promise<RunningHost>): Promise<World> => {
  const folder = temporaryFolder();
  const simulated = await simulate({ users: 20, skus: 4 });
  const host = await start(folder, simulated);
  const { origin, pathname } = new URL(host.url);
  const portal = (await addPortal(host, portalOf(simulated.tenant(), 'Contoso'))).id;
  return {
    host,
    simulated,
    origin,
    prefix: pathname,
    portal,
    close: async () => {
      await host.close();
      await simulated.close();
      folder.remove();
    },
  };
};

const megabyte = 1_048_576;

hostSuite('HTTP that nobody should send', (startHost) => {
  let world: World;
  let known: Readonly<Record<string, readonly string[]>>;
  let operations: readonly Described[];
  beforeAll(async () => {
    world = await openWorld((folder, { http }) => startHost({ folder: folder.path, http }));
    await runToEnd(world.host, tasks.completely);
    known = await knownIds(world.host);
    operations = operationsOf(await describedBy(world.host));
  }, 120_000);
  afterAll(() => world?.close());

  const ask = (method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}) =>
    send(world.origin, {
      method,
      path: `${world.prefix}${path}`,
      headers: {
        ...world.host.everything,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });

  /** Asks many at once, as an attacker would; tells what was answered wrongly. */
  const problemsOf = async (
    requests: readonly (readonly [method: string, path: string, body?: string | undefined])[],
  ): Promise<string[]> => {
    const problems: string[] = [];
    for (let from = 0; from < requests.length; from += 16)
      await Promise.all(
        requests.slice(from, from + 16).map(async ([method, path, body]) => {
          const problem = refusalProblem(
            `${method} ${path} ${body?.slice(0, 200) ?? ''}`,
            await ask(method, path, body),
          );
          if (problem !== undefined) problems.push(problem);
        }),
      );
    return problems;
  };

  // An event stream of a run that goes on has no end; the ids of ended runs are asked for elsewhere.
  const streams = (path: string): boolean => path.endsWith('/progress');

  it('is refused with code and remedy, never with 500, in every part of every address', async () => {
    const requests = operations.flatMap(({ method, path }) =>
      [...path.matchAll(/\{(\w+)\}/g)].flatMap(([hole]) =>
        addressParts.flatMap((part) =>
          fillPath(path.replace(hole, '@@'), known)
            .slice(0, 1)
            .map(
              (filled) =>
                [
                  method,
                  filled.replace('@@', part),
                  method === 'GET' || method === 'DELETE' ? undefined : '{}',
                ] as const,
            ),
        ),
      ),
    );
    expect(requests.length).toBeGreaterThan(500);
    // What no router can read is refused by the host, before there is a scope of ours.
    const readable = requests.filter(([, path]) => {
      try {
        return decodeURIComponent(path) !== '' && !/\/\.\.(\/|$)|[^/]{100}/.test(path);
      } catch {
        return false;
      }
    });
    expect((await problemsOf(readable)).slice(0, 20)).toEqual([]);
    for (const [method, path, body] of requests.filter((one) => !readable.includes(one)))
      expect((await ask(method, path, body)).status, path).toBeLessThan(500);
  }, 120_000);

  it('is refused with code and remedy, never with 500, in every parameter of every query', async () => {
    const requests = operations
      .filter(({ path }) => !streams(path))
      .flatMap(({ method, path, operation }) =>
        operation.parameters
          .filter((parameter) => parameter.in === 'query')
          .flatMap(({ name }) =>
            fillPath(path, known)
              .slice(0, 1)
              .flatMap((filled) => queriesOf(name).map((query) => [method, `${filled}?${query}`] as const)),
          ),
      );
    expect(requests.length).toBeGreaterThan(200);
    expect((await problemsOf(requests)).slice(0, 20)).toEqual([]);
  }, 120_000);

  it('is refused with code and remedy, never with 500, in every field of every body', async () => {
    const requests = operations
      .filter((one) => bodySchemaOf(one) !== undefined)
      .flatMap((one) =>
        fillPath(one.path, known)
          .slice(0, 1)
          .flatMap((path) => bodiesOf(bodySchemaOf(one)).map((body) => [one.method, path, body] as const)),
      );
    expect(requests.length).toBeGreaterThan(300);
    expect((await problemsOf(requests)).slice(0, 20)).toEqual([]);
    await settled(world.host, tasks.import);
  }, 120_000);

  it('is refused with 413 where a body is over the limit, with and without a length', async () => {
    const path = `${world.prefix}${section}/validate`;
    const headers = { ...world.host.everything, 'content-type': 'application/json' };
    const huge = Buffer.alloc(megabyte + 1, 0x20);
    const pieces = Array.from({ length: 20 }, () => Buffer.alloc(megabyte / 16, 0x20));
    for (const body of [huge, pieces]) {
      const answer = await send(world.origin, { method: 'POST', path, headers, body });
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'BODY_TOO_LARGE', remedy: expect.any(String) });
    }
    const fitting = Buffer.concat([Buffer.from('{"value":{}}'), Buffer.alloc(megabyte - 12, 0x20)]);
    expect((await send(world.origin, { method: 'POST', path, headers, body: fitting })).status).toBe(200);
  });

  it('is refused with 415 where a body is not JSON by its type, and with 400 where it is not by its text', async () => {
    const types = [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
    ];
    for (const type of [...types, 'application/json-patch', 'x', '']) {
      const answer = await ask('POST', `${section}/validate`, '{"value":{}}', { 'content-type': type });
      expect([type, answer.status]).toEqual([type, 415]);
      expect(refusalProblem(type, answer)).toBeUndefined();
    }
    for (const body of ['{', 'value=1', '{"value":{}', "{'value':{}}", '\u0000', '{"value":NaN}']) {
      const answer = await ask('POST', `${section}/validate`, body);
      expect([body, answer.status]).toEqual([body, 400]);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'REQUEST_MALFORMED' });
    }
  });

  it('is not found by other methods, and not outside by climbing', async () => {
    for (const method of ['HEAD', 'OPTIONS', 'PATCH', 'TRACE'])
      for (const path of ['/tasks', '/health/live', `${section}/items`])
        expect([method, path, (await ask(method, path, undefined)).status]).toEqual([method, path, 404]);
    for (const path of [
      '/../../etc/passwd',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/tasks/../../..',
      '//',
      '/\\..\\',
    ])
      expect([path, (await ask('GET', path)).status]).toEqual([path, 404]);
  });

  it('starts one run, however many start the same task at the same time', async () => {
    const { faults } = world.simulated.simulator;
    faults.enable('hang');
    try {
      const answers = await Promise.all(
        Array.from({ length: 200 }, () =>
          world.host.call<{ started: boolean; run: Run }>('POST', `/tasks/${tasks.import}/start`),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      expect(answers.filter(({ body }) => body.started)).toHaveLength(1);
      expect(new Set(answers.map(({ body }) => body.run.id)).size).toBe(1);
      const run = answers[0]?.body.run.id ?? '';
      await world.host.post(`/runs/${run}/cancel`, undefined);
      expect((await ended(world.host, run)).state).toBe('cancelled');
    } finally {
      faults.clear();
    }
  }, 120_000);

  it('lets one of many writes win that saw the same version', async () => {
    const { version, value } = await readPortal(world.host, world.portal);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        world.host.call<{ code?: string }>('PUT', `${section}/items/${world.portal}`, {
          body: { value: { ...value, name: `Contoso ${number}` }, ifVersion: version },
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.code === 'SETTINGS_CHANGED')).toHaveLength(49);
    expect((await readPortal(world.host, world.portal)).version).toBe(version + 1);
  });

  it('goes on answering while a client opens all the event streams there are and reads none, and gives them back', async () => {
    const { faults } = world.simulated.simulator;
    faults.enable('hang');
    try {
      const { run } = await world.host.post<{ run: Run }>(`/tasks/${tasks.import}/start`, undefined);
      const follow = async (): Promise<Line> => {
        const line = await openLine(world.origin);
        const headers = Object.entries(world.host.everything).map(([name, content]) => `${name}: ${content}\r\n`);
        line.say(`GET ${world.prefix}/runs/${run.id}/progress HTTP/1.1\r\nHost: x\r\n${headers.join('')}\r\n`);
        return line;
      };
      const status = async (): Promise<string | undefined> => {
        const line = await follow();
        const first = await line.first;
        line.socket.destroy();
        return /^HTTP\/1\.1 (\d+)/.exec(first)?.[1];
      };
      const lines = await Promise.all(Array.from({ length: 60 }, follow));
      for (const { socket } of lines) socket.pause();
      await expect.poll(status, { timeout: 20_000 }).toBe('429');
      expect((await ask('GET', '/tasks')).status).toBe(200);
      for (const { socket } of lines) socket.destroy();
      await expect.poll(status, { timeout: 20_000 }).toBe('200');
      faults.clear();
      await world.host.post(`/runs/${run.id}/cancel`, undefined);
      await ended(world.host, run.id);
    } finally {
      faults.clear();
    }
  }, 120_000);
});

describe('The reference host', () => {
  let world: World;
  beforeAll(async () => {
    const patience = { headers: 300, request: 600, check: 50 };
    world = await openWorld((folder, { http }) => startReferenceHost({ folder: folder.path, http, patience }));
  }, 120_000);
  afterAll(() => world?.close());

  const problemIn = (heard: string): unknown => JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4));

  it('closes the connection of a client that is slow with its head or its body, and answers the others', async () => {
    const head = await openLine(world.origin);
    head.say('GET /itsm/tasks HTTP/1.1\r\nHost: x\r\n');
    const body = await openLine(world.origin);
    body.say(
      'POST /auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    const silent = await openLine(world.origin);
    // A head that comes drop by drop is no excuse.
    const drops = setInterval(() => head.say('X-A: b\r\n'), 50);
    expect((await world.host.call('GET', '/tasks')).status).toBe(200);
    const heard = await Promise.all([head.closed, body.closed, silent.closed]);
    clearInterval(drops);
    for (const text of heard) {
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
      expect(problemIn(text)).toMatchObject({ status: 408, code: 'REQUEST_TIMED_OUT', remedy: expect.any(String) });
    }
    expect((await world.host.call('GET', '/tasks')).status).toBe(200);
  });

  it('refuses too large a head, and what is no HTTP, with code and remedy', async () => {
    const large = await openLine(world.origin);
    large.say(`GET /itsm/tasks HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`);
    expect(problemIn(await large.closed)).toMatchObject({ status: 431, code: 'HEADERS_TOO_LARGE' });
    for (const text of [
      '\u0016\u0003\u0001 TLS?\r\n\r\n',
      'FOO / HTTP/1.1\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET / HTTP/1.1\r\nA\u0000: b\r\n\r\n',
    ]) {
      const line = await openLine(world.origin);
      line.say(text);
      expect(problemIn(await line.closed)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    }
  });

  it('refuses on its own routes as the plugins do on theirs', async () => {
    const json = { 'content-type': 'application/json' };
    const asked = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: Buffer) =>
      send(world.origin, { method, path, headers, ...(body === undefined ? {} : { body }) });
    const answers = [
      [413, await asked('POST', '/auth/sign-in', json, Buffer.alloc(megabyte + 1, 0x20))],
      [415, await asked('POST', '/auth/sign-in', { 'content-type': 'text/csv' }, Buffer.from('a'))],
      [400, await asked('POST', '/auth/sign-in', json, Buffer.from('{"name":'))],
      [400, await asked('POST', '/auth/sign-in', json, Buffer.from('{"name":5,"password":{}}'))],
      [400, await asked('GET', '/%ZZ', {})],
      [400, await asked('GET', '/itsm/runs/%E0%A4%A', world.host.everything)],
      [404, await asked('GET', '/../../etc/passwd', {})],
      [404, await asked('GET', `/itsm/runs/${'a'.repeat(200)}`, world.host.everything)],
      [400, await asked('GET', `/itsm/runs/${'a'.repeat(301)}`, world.host.everything)],
    ] as const;
    for (const [status, answer] of answers) {
      expect(answer.status, answer.text).toBe(status);
      expect(refusalProblem(String(status), answer)).toBeUndefined();
    }
  });
});
