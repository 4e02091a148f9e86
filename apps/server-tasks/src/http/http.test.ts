import { defineErrors, definePlugin, defineRoute, defineSettings, secretField } from '@itsm-m365/plugin-api';
import Fastify, { type FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import { until } from '../testing/clock.ts';
import { untilAborted } from '../testing/gates.ts';
import { type TestHost, testHost } from '../testing/host.ts';
import { runPermission, samplePlugin, sampleTask } from '../testing/tasks.ts';
import serverTasks from './plugin.ts';

const canary = 'CANARY-7f3b-secret';
const both = (en: string) => ({ en, de: `${en} (de)` });
const read = { id: 'sample.portals.read', title: both('r'), description: both('r') };
const edit = { id: 'sample.portals.edit', title: both('e'), description: both('e') };
const removed: unknown[] = [];
let tested: { value: unknown; secret: string | undefined; passphrase: string | undefined } | undefined;

const portals = defineSettings({
  id: 'sample.portals',
  kind: 'collection',
  title: both('Portals'),
  description: both('Portals'),
  schema: Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 50 }),
      tenant: Type.String({ minLength: 3 }),
      credential: Type.Union([
        Type.Object(
          { type: Type.Literal('secret'), value: secretField({ title: both('Secret') }) },
          { additionalProperties: false },
        ),
        Type.Object(
          {
            type: Type.Literal('certificate'),
            key: secretField({ title: both('Key') }),
            passphrase: Type.Optional(secretField({ title: both('Passphrase') })),
          },
          { additionalProperties: false },
        ),
      ]),
    },
    { additionalProperties: false },
  ),
  defaults: {},
  permissions: { read, edit },
  secretsBoundTo: ['tenant'],
  normalise: (value) => ({ ...value, tenant: value.tenant.toLowerCase() }),
  async validate(value, { services, id }) {
    if (value.credential.type !== 'secret') return [];
    const binding = { owner: `sample.portals/${id}`, field: 'credential.value', boundTo: { tenant: value.tenant } };
    const text = await services.secrets.reveal(value.credential.value, binding);
    return text === 'weak'
      ? [{ path: '/credential/value', code: 'WEAK', message: { en: 'Too weak', de: 'Zu schwach' } }]
      : [];
  },
  async test(value, { reveal }) {
    const [secret, passphrase] = [await reveal('credential.value'), await reveal('passphrase')];
    tested = { value, secret, passphrase };
    return { ok: true, steps: [{ id: 'token', title: both('Token'), outcome: 'passed' }] };
  },
  async removed(item, trx) {
    removed.push(item.id);
    await trx.query('SELECT 1 AS one');
  },
});

const options = defineSettings({
  id: 'sample.options',
  kind: 'value',
  title: both('Options'),
  description: both('Options'),
  schema: Type.Object({ hours: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
  defaults: { hours: 6 },
  permissions: { read, edit },
});

const errors = defineErrors({
  SAMPLE_GONE: { kind: 'configuration', status: 404, message: both('Gone'), remedy: both('Look elsewhere') },
});

const routes = [
  defineRoute({
    method: 'GET',
    path: '/portals/:id',
    summary: 'One',
    permission: read,
    params: Type.Object({ id: Type.String() }),
    query: Type.Object({ deep: Type.Optional(Type.Boolean()), count: Type.Optional(Type.Integer({ maximum: 10 })) }),
    response: Type.Object({ id: Type.String(), query: Type.Unknown() }, { additionalProperties: false }),
    async handle({ params, query }) {
      if (params.id === 'gone') throw errors.SAMPLE_GONE();
      if (params.id === 'boom') throw new Error(`boom ${canary}`);
      return { id: params.id, query };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/echo',
    summary: 'Echo',
    permission: edit,
    body: Type.Object({ n: Type.Integer(), extra: Type.Optional(Type.Unknown()) }),
    response: Type.Unknown(),
    async handle({ body, audit }) {
      await audit({ action: 'sample.echoed', object: 'echo', details: { n: body.n } });
      return body;
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/wrong',
    summary: 'Answers what its schema refuses',
    permission: read,
    response: Type.Object({ n: Type.Integer() }),
    handle: async () => JSON.parse('{"n":"text"}'),
  }),
];

const long = sampleTask('long', async ({ progress, signal }) => {
  progress.report({ phase: both('Users'), done: 3, total: 10 });
  return untilAborted(signal);
});

const scoped = sampleTask(
  'scoped',
  async ({ item, logger }) => {
    logger.info({}, `about ${item.key}`);
    return { counts: { done: 1 }, notices: [{ code: item.key, severity: 'info', message: both(item.key) }] };
  },
  { items: async () => ['a', 'b'].map((key) => ({ key, scope: { type: 'portal', id: key } })) },
);

const plugin = () =>
  samplePlugin([sampleTask('quick', async () => ({ counts: { done: 2 } })), long, scoped], {
    settings: [portals, options],
    permissions: [runPermission, read, edit],
    routes,
    pages: [{ id: 'sample.page', title: both('Page'), location: [both('System')], permission: read }],
    gauges: [
      { name: 'sample_age_seconds', help: 'Age', read: async () => [{ labels: { portal: 'p1' }, value: 7 }] },
      { name: 'sample_broken', help: 'Broken', read: () => Promise.reject(new Error('no')) },
    ],
    watches: [
      {
        id: 'sample.stale',
        check: async () => [
          { key: 'stale:p1', notice: { code: 'STALE', severity: 'warning', message: both('Stale') } },
        ],
      },
    ],
  });

let host: TestHost;
let tasks: ServerTasks;
let app: FastifyInstance;
const outputs: string[] = [];

const call = async (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const response = await app.inject({
    method,
    url: `/itsm${url}`,
    headers,
    ...(body === undefined ? {} : { payload: body as object }),
  });
  outputs.push(response.body);
  return {
    status: response.statusCode,
    headers: response.headers,
    body:
      response.body === ''
        ? undefined
        : String(response.headers['content-type']).includes('json')
          ? response.json()
          : response.body,
  };
};

const portal = (more: object = {}) => ({
  name: 'A',
  tenant: 'Contoso',
  credential: { type: 'secret', value: canary },
  ...more,
});

const begin = async (server: FastifyInstance) => {
  host = testHost();
  tasks = await createServerTasks(host, [plugin(), definePlugin({ ...plugin(), id: 'Broken Id' })]);
  app = server;
  await app.register(serverTasks, { prefix: '/itsm', tasks });
  await app.ready();
};

beforeEach(async () => {
  tested = undefined;
  await begin(Fastify());
});
afterEach(async () => {
  await app.close();
  await tasks.stop();
});

describe('what is there', () => {
  it('lists the plugins, with the reason of the one that failed', async () => {
    const { status, body } = await call('GET', '/plugins');
    expect(status).toBe(200);
    expect(body.items.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
      ['sample', 'started'],
      ['Broken Id', 'failed'],
    ]);
    expect(body.items[1].reason.code).toBe('PLUGIN_ID_INVALID');
  });

  it('lists pages and permissions', async () => {
    expect((await call('GET', '/pages')).body.items[0].id).toBe('sample.page');
    const ids = (await call('GET', '/permissions')).body.items.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining(['server-tasks.runs.read', 'sample.portals.edit']));
  });

  it('describes the sections with their schemas and the hints for forms', async () => {
    const { body } = await call('GET', '/settings');
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['sample.portals', 'sample.options']);
    expect(body.items[0].schema.properties.credential.anyOf[0].properties.value).toMatchObject({
      secret: true,
      ui: { widget: 'password' },
    });
  });
});

describe('settings', () => {
  const create = async (value: object = portal()) =>
    (await call('POST', '/settings/sample.portals/items', { value })).body;

  it('stores a secret with the host, bound to its item, field and values, and never shows it', async () => {
    const item = await create();
    expect(item).toMatchObject({ version: 1, value: { tenant: 'contoso', credential: { value: { stored: true } } } });
    const [stored] = [...host.vault.values()];
    expect(stored).toEqual({
      value: canary,
      binding: { owner: `sample.portals/${item.id}`, field: 'credential.value', boundTo: { tenant: 'contoso' } },
    });
    await call('GET', `/settings/sample.portals/items/${item.id}`);
    await call('GET', '/settings/sample.portals/items');
    await call('GET', '/audit');
    expect(JSON.stringify([outputs, host.log])).not.toContain(canary);
  });

  test.each([
    ['the marker', { stored: true }],
    ['nothing', undefined],
  ])('keeps the stored secret for %s', async (_, value) => {
    const item = await create();
    const body = { value: portal({ name: 'B', credential: { type: 'secret', value } }), ifVersion: 1 };
    const { status } = await call('PUT', `/settings/sample.portals/items/${item.id}`, body);
    expect(status).toBe(200);
    expect([...host.vault.values()].map((entry) => entry.value)).toEqual([canary]);
  });

  it('asks for the secret again where a value that it is bound to changes', async () => {
    const item = await create();
    const body = {
      value: portal({ tenant: 'fabrikam', credential: { type: 'secret', value: { stored: true } } }),
      ifVersion: 1,
    };
    const { status, body: problem } = await call('PUT', `/settings/sample.portals/items/${item.id}`, body);
    expect(status).toBe(422);
    expect(problem.problems).toMatchObject([{ path: '/credential/value', code: 'SECRET_REENTRY_REQUIRED' }]);
    const test = await call('POST', '/settings/sample.portals/test', { id: item.id, value: body.value });
    expect(test.body.problems).toMatchObject([{ code: 'SECRET_REENTRY_REQUIRED' }]);
  });

  it('does not take upper case alone for another tenant', async () => {
    const item = await create();
    const body = { value: portal({ tenant: 'CONTOSO', credential: { type: 'secret' } }), ifVersion: 1 };
    expect((await call('PUT', `/settings/sample.portals/items/${item.id}`, body)).status).toBe(200);
  });

  it('removes the old secrets when another kind of credential replaces them', async () => {
    const item = await create();
    const credential = { type: 'certificate', key: 'KEY', passphrase: 'PASS' };
    await call('PUT', `/settings/sample.portals/items/${item.id}`, { value: portal({ credential }), ifVersion: 1 });
    expect([...host.vault.values()].map((entry) => entry.value).sort()).toEqual(['KEY', 'PASS']);
    const without = { type: 'certificate', passphrase: null };
    const { body } = await call('PUT', `/settings/sample.portals/items/${item.id}`, {
      value: portal({ credential: without }),
      ifVersion: 2,
    });
    expect(body.value.credential).toEqual({ type: 'certificate', key: { stored: true } });
    expect([...host.vault.values()].map((entry) => entry.value)).toEqual(['KEY']);
  });

  it('leaves no secret behind where the settings could not be stored', async () => {
    const put = host.settings.put;
    host.settings.put = () => Promise.reject(new Error('disk full'));
    const { status, body } = await call('POST', '/settings/sample.portals/items', { value: portal() });
    expect([status, body.code]).toEqual([500, 'INTERNAL']);
    expect(host.vault.size).toBe(0);
    host.settings.put = put;
  });

  it('refuses a change of what somebody else has changed', async () => {
    const item = await create();
    const url = `/settings/sample.portals/items/${item.id}`;
    await call('PUT', url, { value: portal({ name: 'B' }), ifVersion: 1 });
    const { status, body } = await call('PUT', url, { value: portal({ name: 'C' }), ifVersion: 1 });
    expect([status, body.code]).toEqual([409, 'SETTINGS_CHANGED']);
    expect([...host.vault.values()]).toHaveLength(1);
  });

  it('reports every wrong field at once, in German where asked for, and quotes no value', async () => {
    const value = { name: '', tenant: 'x', credential: { type: 'secret', value: '' }, colour: canary };
    const { status, headers, body } = await call(
      'POST',
      '/settings/sample.portals/items',
      { value },
      { 'accept-language': 'de-CH, en;q=0.5' },
    );
    expect(status).toBe(422);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(headers['content-language']).toBe('de');
    expect(body).toMatchObject({ code: 'SETTINGS_INVALID', status: 422, title: 'Ungültige Werte' });
    expect(body.problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/colour',
      '/credential/value',
      '/name',
      '/tenant',
    ]);
    expect(body.problems.find(({ path }: { path: string }) => path === '/name').message).toBe(
      'Mindestens 1 Zeichen sind nötig.',
    );
    expect(JSON.stringify(body)).not.toContain(canary);
  });

  it('runs what the plugin checks, with typed secrets revealed to it', async () => {
    const value = portal({ credential: { type: 'secret', value: 'weak' } });
    const { body } = await call('POST', '/settings/sample.portals/validate', { value });
    expect(body.problems).toMatchObject([{ path: '/credential/value', code: 'WEAK' }]);
    expect((await call('POST', '/settings/sample.portals/items', { value })).status).toBe(422);
    expect(host.vault.size).toBe(0);
  });

  it('tests an input that is not saved, with typed secrets and, for an item, the stored ones', async () => {
    const fresh = await call('POST', '/settings/sample.portals/test', { value: portal() });
    expect(fresh.body.ok).toBe(true);
    expect(tested?.secret).toBe(canary);
    expect(JSON.stringify(tested?.value)).not.toContain(canary);
    const item = await create();
    tested = undefined;
    await call('POST', '/settings/sample.portals/test', {
      id: item.id,
      value: portal({ credential: { type: 'secret' } }),
    });
    expect(tested).toMatchObject({ secret: canary });
    const actions = (await call('GET', '/audit')).body.items.map(({ action }: { action: string }) => action);
    expect(actions.sort()).toEqual(['credential.stored', 'settings.created', 'settings.tested', 'settings.tested']);
  });

  it('removes an item, its secrets, and what the plugin removes with it', async () => {
    const item = await create();
    removed.length = 0;
    const { status } = await call('DELETE', `/settings/sample.portals/items/${item.id}?ifVersion=1`);
    expect(status).toBe(204);
    expect(removed).toEqual([item.id]);
    expect(host.vault.size).toBe(0);
    expect((await call('GET', `/settings/sample.portals/items/${item.id}`)).status).toBe(404);
  });

  it('lists a stored item that no longer fits its schema with its problems', async () => {
    await host.settings.put('sample.portals', 'old', { name: 'Old' }, { ifVersion: 0, actor: 'x' });
    const { body } = await call('GET', '/settings/sample.portals/items');
    expect(body.items[0]).toMatchObject({ id: 'old', problems: [{ path: '/tenant' }, { path: '/credential' }] });
    expect(await tasks.services.settings.items(portals)).toEqual([]);
  });

  it('shows defaults while nothing is stored, and stores a value', async () => {
    expect((await call('GET', '/settings/sample.options/value')).body).toMatchObject({
      version: 0,
      value: { hours: 6 },
    });
    expect((await call('PUT', '/settings/sample.options/value', { value: { hours: 8 }, ifVersion: 0 })).status).toBe(
      200,
    );
    expect(await tasks.services.settings.value(options)).toEqual({ hours: 8 });
  });

  it('permits items one by one', async () => {
    const [a, b] = [await create(portal({ name: 'A' })), await create(portal({ name: 'B' }))];
    host.allow = (permission, scope) => permission === read.id && scope?.type === 'portal' && scope.id === a.id;
    const listed = (await call('GET', '/settings/sample.portals/items')).body.items;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([a.id]);
    expect((await call('GET', `/settings/sample.portals/items/${a.id}`)).status).toBe(200);
    expect((await call('GET', `/settings/sample.portals/items/${b.id}`)).status).toBe(403);
    expect(
      (await call('PUT', `/settings/sample.portals/items/${a.id}`, { value: portal(), ifVersion: 1 })).status,
    ).toBe(403);
  });
});

describe('tasks and runs', () => {
  it('COMP-05: starts a task without waiting for it, and shows the run until it has ended', async () => {
    const { status, body } = await call('POST', '/tasks/sample.quick/start');
    expect([status, body.started]).toEqual([202, true]);
    await tasks.wait(body.run.id);
    const run = (await call('GET', `/runs/${body.run.id}`)).body;
    expect(run).toMatchObject({ state: 'succeeded', counts: { done: 2 }, actor: { id: 'ann' } });
    expect((await call('GET', `/runs/${body.run.id}/log`)).body.items[0].message).toBe('Item started');
    expect((await call('GET', '/tasks')).body.items[0].lastRun.id).toBe(body.run.id);
  });

  it('pages through the runs', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { run } = await tasks.start('sample.quick');
      await tasks.wait(run.id);
      ids.unshift(run.id);
      await host.clock.advance(1000);
    }
    const seen: string[] = [];
    let after = '';
    do {
      const { body } = await call('GET', `/runs?limit=2&task=sample.quick${after}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      after = body.next === undefined ? '' : `&after=${body.next}`;
    } while (after !== '');
    expect(seen).toEqual(ids);
  });

  it('sends the progress of a run as events, and ends with it', async () => {
    const { run } = await tasks.start('sample.quick');
    await tasks.wait(run.id);
    const { body, headers } = await call('GET', `/runs/${run.id}/progress`, undefined, { 'last-event-id': '3' });
    expect(headers['content-type']).toContain('text/event-stream');
    expect(body).toMatch(/^id: 1\nevent: end\ndata: \{.*"state":"succeeded".*\}\n\n$/);
  });

  it('shows of a run only what belongs to the scopes that the actor has a right for', async () => {
    const { run } = await tasks.start('sample.scoped');
    await tasks.wait(run.id);
    host.allow = (permission, scope) => permission === 'server-tasks.runs.read' && scope?.id === 'a';
    const { body } = await call('GET', `/runs/${run.id}`);
    expect(body).toMatchObject({ state: 'succeeded', counts: {}, items: [{ key: 'a' }], notices: [{ item: 'a' }] });
    const log = (await call('GET', `/runs/${run.id}/log`)).body.items;
    expect(new Set(log.map(({ item }: { item: string }) => item))).toEqual(new Set(['a']));
    expect((await call('GET', `/runs/${run.id}/progress`)).body).not.toContain('"key":"b"');
    host.allow = (_permission, scope) => scope?.id === 'c';
    expect((await call('GET', `/runs/${run.id}`)).status).toBe(403);
    expect((await call('POST', `/runs/${run.id}/cancel`)).status).toBe(403);
  });

  it('tells an event again that could not be told, and no other twice', async () => {
    const notice = { code: 'STALE', severity: 'warning', message: both('Stale') } as const;
    const send = host.notify?.send;
    let tries = 0;
    if (host.notify !== undefined)
      host.notify.send = async (event) => {
        tries += 1;
        if (tries === 1) throw new Error('mail server down');
        await send?.(event);
      };
    for (let sight = 0; sight < 4; sight += 1) await tasks.services.notify.send({ key: 'k', notice });
    expect([tries, host.told.length]).toEqual([2, 1]);
  });

  it('streams progress while a run goes on, and lets the server close meanwhile', async () => {
    const { run } = await tasks.start('sample.long');
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(`${url}/itsm/runs/${run.id}/progress`);
    const reader = response.body?.getReader();
    let text = '';
    const readUntil = async (found: string) => {
      while (!text.includes(found)) {
        const part = await reader?.read();
        if (part === undefined || part.done) return;
        text += new TextDecoder().decode(part.value);
        await host.clock.advance(2_000);
      }
    };
    await readUntil('"done":3');
    expect(text).toContain('event: progress');
    expect(text).not.toContain('event: end');
    const closed = app.close();
    await readUntil('never');
    await closed;
  });

  it('refuses more streams than it can keep', async () => {
    const { run } = await tasks.start('sample.long');
    let refused = 0;
    const streams = Array.from({ length: 52 }, async () => {
      const response = await app.inject({ url: `/itsm/runs/${run.id}/progress` });
      if (response.statusCode === 429) refused += 1;
      return response;
    });
    await until(() => refused === 2);
    await tasks.cancel(run.id);
    await host.clock.advance(5_000);
    const ends = await Promise.all(streams);
    expect(ends.filter(({ body }) => body.includes('event: end'))).toHaveLength(50);
    expect((await call('GET', `/runs/${run.id}/progress`)).status).toBe(200);
  });

  it('M365-32: lets an administrator set when a task starts, and refuses what is no schedule', async () => {
    const url = '/tasks/sample.quick/schedule';
    const schedule = { kind: 'daily', time: '03:30', zone: 'Europe/Berlin' };
    const change = { enabled: true, schedule, timeoutMinutes: 30, ifVersion: 1 };
    const { body } = await call('PUT', url, change);
    expect(body).toMatchObject({
      schedule,
      version: 2,
      nextStart: Date.UTC(2026, 0, 16, 2, 30),
      effective: { timeoutMinutes: 30 },
    });
    expect((await call('PUT', url, change)).status).toBe(409);
    const wrong = await call('PUT', url, { ...change, ifVersion: 2, schedule: { ...schedule, zone: 'Mars/Base' } });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'SCHEDULE_INVALID']);
    const back = await call('PUT', url, { enabled: true, schedule: null, timeoutMinutes: null, ifVersion: 2 });
    expect(back.body).toMatchObject({
      nextStart: null,
      effective: { schedule: { kind: 'manual' }, timeoutMinutes: 60 },
    });
  });

  it('tells each event of a watch once, and lists it', async () => {
    for (let minute = 0; minute < 12; minute += 1) {
      await host.clock.advance(60_000);
      await tasks.tick();
    }
    await until(() => host.told.length > 0);
    expect(host.told).toHaveLength(1);
    const { body } = await call('GET', '/events');
    expect(body.items).toMatchObject([{ key: 'stale:p1', source: 'sample.stale', notice: { code: 'STALE' } }]);
  });
});

describe('bad input', () => {
  test.each([
    ['JSON that is none', 'POST', '/sample/echo', '{"n":', 400, 'REQUEST_MALFORMED'],
    [
      'JSON that nests too deep',
      'POST',
      '/sample/echo',
      `${'['.repeat(100)}${']'.repeat(100)}`,
      400,
      'REQUEST_MALFORMED',
    ],
    ['a name that poisons', 'POST', '/sample/echo', '{"n":1,"__proto__":{}}', 400, 'REQUEST_MALFORMED'],
    ['no body', 'POST', '/sample/echo', '', 422, 'INPUT_INVALID'],
    ['text for a number', 'POST', '/sample/echo', '{"n":"1"}', 422, 'INPUT_INVALID'],
    ['too large a body', 'POST', '/sample/echo', `{"n":1,"extra":"${'x'.repeat(1_100_000)}"}`, 413, 'BODY_TOO_LARGE'],
    ['an unknown path', 'GET', '/nowhere', undefined, 404, 'NOT_FOUND'],
    ['an unknown task', 'POST', '/tasks/nope/start', undefined, 404, 'TASK_UNKNOWN'],
    ['an unknown run', 'GET', '/runs/nope', undefined, 404, 'RUN_UNKNOWN'],
    ['an unknown section', 'GET', '/settings/nope', undefined, 404, 'SECTION_UNKNOWN'],
    ['an unknown item', 'GET', '/settings/sample.portals/items/nope', undefined, 404, 'SETTINGS_ITEM_UNKNOWN'],
    [
      'a collection asked for its value',
      'GET',
      '/settings/sample.portals/value',
      undefined,
      404,
      'SETTINGS_WRONG_KIND',
    ],
    ['a page size of words', 'GET', '/runs?limit=many', undefined, 422, 'INPUT_INVALID'],
    ['a cursor of rubbish', 'GET', '/runs?after=%00%ff', undefined, 200, undefined],
    [
      'a section that cannot be tested',
      'POST',
      '/settings/sample.options/test',
      '{"value":{"hours":1}}',
      404,
      'SETTINGS_NOT_TESTABLE',
    ],
    ['an error of a plugin', 'GET', '/sample/portals/gone', undefined, 404, 'SAMPLE_GONE'],
    ['what nobody foresaw', 'GET', '/sample/portals/boom', undefined, 500, 'INTERNAL'],
    ['an answer that its schema refuses', 'GET', '/sample/wrong', undefined, 500, 'INTERNAL'],
  ] as const)('answers %s with a problem', async (_, method, url, payload, status, code) => {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
    const response = await app.inject({
      method,
      url: `/itsm${url}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    if (code === undefined) return;
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ type: `urn:itsm-m365:error:${code}`, status, remedy: expect.any(String) });
    expect(response.body).not.toContain(canary);
  });

  it('answers another media type with 415', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/itsm/sample/echo',
      headers: { 'content-type': 'text/plain' },
      payload: 'n=1',
    });
    expect([response.statusCode, response.json().code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
  });

  it('answers nobody with 401 and the wrong one with 403, on every route', async () => {
    const { paths } = (await call('GET', '/openapi.json')).body;
    const open = ['/health/live', '/health/ready'];
    for (const [path, operations] of Object.entries<Record<string, unknown>>(paths))
      for (const method of Object.keys(operations)) {
        if (open.includes(path)) continue;
        const url = `/itsm${path
          .replace('{section}', 'sample.portals')
          .replace('{task}', 'sample.quick')
          .replace(/\{\w+\}/g, 'x')}`;
        const send = () =>
          app.inject({
            method: method.toUpperCase() as 'GET',
            url,
            ...(method === 'get'
              ? {}
              : { payload: { value: {}, ifVersion: 0, n: 1, enabled: true, schedule: null, timeoutMinutes: null } }),
          });
        host.signedIn = undefined;
        expect([path, method, (await send()).statusCode]).toEqual([path, method, 401]);
        host.signedIn = { id: 'eve', name: 'Eve' };
        host.allow = () => false;
        const { statusCode } = await send();
        expect([path, method, [403, 404, 422].includes(statusCode)]).toEqual([path, method, true]);
      }
  });

  it('lets a right for one portal in where the path names it', async () => {
    host.allow = (permission, scope) => permission === read.id && scope?.type === 'portal' && scope.id === 'p1';
    expect((await call('GET', '/sample/portals/p1?deep=true&count=3')).body).toEqual({
      id: 'p1',
      query: { deep: true, count: 3 },
    });
    expect((await call('GET', '/sample/portals/p2')).status).toBe(403);
  });
});

describe('operation', () => {
  it('answers health to anyone, and is not ready once it stops', async () => {
    host.signedIn = undefined;
    expect((await call('GET', '/health/live')).body).toEqual({ status: 'ok' });
    expect((await call('GET', '/health/ready')).status).toBe(200);
    await tasks.stop();
    expect((await call('GET', '/health/ready')).status).toBe(503);
  });

  it('gives the figures of runs and plugins, without those that cannot be read', async () => {
    const { run } = await tasks.start('sample.quick');
    await tasks.wait(run.id);
    const { body } = await call('GET', '/metrics');
    expect(body).toContain('sample_age_seconds{portal="p1"} 7');
    expect(body).toContain('itsm_task_last_end_timestamp_seconds{task="sample.quick",state="succeeded"}');
    expect(body).toContain('itsm_gauge_failed{gauge="sample_broken"} 1');
  });

  it('describes every route, below the prefix', async () => {
    const { body } = await call('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.servers).toEqual([{ url: '/itsm' }]);
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/runs/{run}/progress', '/sample/portals/{id}', '/openapi.json']),
    );
    expect(body.paths['/sample/echo'].post['x-permission']).toBe(edit.id);
  });
});

describe('a foreign host', () => {
  it('keeps its own options to itself, and ours work under them', async () => {
    await app.close();
    await tasks.stop();
    const foreign = Fastify({
      ajv: { customOptions: { removeAdditional: 'all', coerceTypes: 'array', useDefaults: true } },
    });
    foreign.setErrorHandler((_error, _request, reply) => reply.code(418).send({ teapot: true }));
    foreign.setNotFoundHandler((_request, reply) => reply.code(404).send({ host: true }));
    foreign.setSerializerCompiler(() => () => '{"host":"serialised"}');
    foreign.decorate('swagger', () => ({}));
    foreign.decorateRequest('user', null);
    foreign.get('/own', async () => {
      throw new Error('own');
    });
    await begin(foreign);
    const kept = await call('POST', '/sample/echo', { n: 1, extra: { any: 'thing' }, more: true });
    expect(kept.body).toEqual({ n: 1, extra: { any: 'thing' }, more: true });
    expect((await call('POST', '/sample/echo', { n: '1' })).body.code).toBe('INPUT_INVALID');
    expect((await call('GET', '/nowhere')).body.code).toBe('NOT_FOUND');
    expect((await app.inject('/own')).statusCode).toBe(418);
    expect((await app.inject('/nowhere')).json()).toEqual({ host: true });
    const text = await app.inject({
      method: 'POST',
      url: '/own',
      headers: { 'content-type': 'text/plain' },
      payload: 'x',
    });
    expect(text.json()).toEqual({ host: true });
  });

  it('is embedded by the bound plugin as well, without a prefix', async () => {
    const other = Fastify();
    await other.register(tasks.fastifyPlugin);
    expect((await other.inject('/health/live')).json()).toEqual({ status: 'ok' });
    await other.close();
  });
});
