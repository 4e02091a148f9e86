import { allPlugins } from '@itsm-m365/server-tasks';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sent } from './surroundings/client.ts';
import { describedBy, fillPath, knownIds, operationsOf } from './surroundings/crawl.ts';
import { type Folder, temporaryFolder } from './surroundings/folder.ts';
import { hostSuite, type RunningHost } from './surroundings/hosts.ts';
import { addPortal, portalOf, section } from './surroundings/portals.ts';
import { runToEnd, tasks } from './surroundings/runs.ts';
import { type Simulated, simulate } from './surroundings/simulated.ts';

interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
}

hostSuite('The HTTP interface', (startHost) => {
  let folder: Folder;
  let simulated: Simulated;
  let host: RunningHost;
  let one = '';
  let two = '';

  beforeAll(async () => {
    folder = temporaryFolder();
    simulated = await simulate({ users: 20 }, { users: 20 });
    host = await startHost({ folder: folder.path, http: simulated.http });
    one = (await addPortal(host, portalOf(simulated.tenant(0), 'One'))).id;
    two = (await addPortal(host, portalOf(simulated.tenant(1), 'Two'))).id;
    await runToEnd(host, tasks.completely);
  }, 40_000);
  afterAll(async () => {
    await host?.close();
    await simulated?.close();
    folder.remove();
  });

  const problem = (method: string, path: string, sent: Sent = {}) => host.call<Problem>(method, path, sent);

  it('answers a wrong portal with every wrong field, in the language asked for', async () => {
    const value = { ...portalOf(simulated.tenant(), ' one '), tenantId: 'contoso.example', clientId: 'x' };
    const german = await problem('POST', `${section}/items`, {
      body: { value },
      headers: { 'accept-language': 'fr, de-AT;q=0.9, en;q=0.5' },
    });
    expect(german.status).toBe(422);
    expect(german.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(german.headers.get('content-language')).toBe('de');
    expect(german.body.problems?.map(({ path }) => path).sort()).toEqual(['/clientId', '/name', '/tenantId']);
    expect(german.body.title).toBe('Ungültige Werte');
    expect(german.body.problems?.find(({ path }) => path === '/tenantId')?.message).toMatch(/muss eine GUID sein/);
    const english = await problem('POST', `${section}/items`, { body: { value }, language: 'en' });
    expect(english.body.problems?.find(({ path }) => path === '/tenantId')?.message).toMatch(/must be a GUID/);
    expect(english.body.code).toBe(german.body.code);
  });

  it('refuses a body that is too large with 413, one that is no JSON with 400 or 415', async () => {
    const large = JSON.stringify({
      value: { ...portalOf(simulated.tenant(), 'Large'), description: 'x'.repeat(1_100_000) },
    });
    const path = `${section}/items`;
    expect(await problem('POST', path, { raw: large })).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
    expect((await problem('POST', path, { raw: '{"value":' })).status).toBe(400);
    expect((await problem('POST', path, { raw: '<a/>', type: 'text/xml' })).status).toBe(415);
    expect((await problem('POST', path, { raw: `${'['.repeat(60)}${']'.repeat(60)}` })).status).toBe(400);
    expect((await problem('POST', path, { raw: '{"__proto__":{}}' })).status).toBe(400);
    const near = { value: portalOf(simulated.tenant(), 'Near', { description: 'x'.repeat(90_000) }) };
    const said = await problem('POST', path, { body: near });
    expect([said.status, said.body.problems?.[0]?.path]).toEqual([422, '/description']);
  });

  it('answers wrong types with an error of the caller, never with one of its own', async () => {
    const known = await knownIds(host);
    const odd: readonly string[] = [
      '%00',
      '-1',
      '99999999999999999999',
      'a'.repeat(300),
      '%F0%9F%92%A9',
      "'%20or%201=1--",
      '..%2F..',
    ];
    const bodies: readonly string[] = [
      'null',
      '[]',
      '"text"',
      '7',
      '{"value":null}',
      '{"value":[]}',
      '{"value":{"name":7,"exclusions":{}}}',
      '{"id":{},"value":{"credential":null}}',
      '{"products":[null]}',
      '{"products":["x"]}',
      '{"count":"7"}',
      '{"name":["a"]}',
      '{"folder":null}',
      '{"value":{"name":"\\u0000\\ud800"},"ifVersion":0}',
      '{"ifVersion":1e400}',
      '{"enabled":"yes","schedule":{"kind":"cron","expression":"* * * * *","zone":"Mars"},"timeoutMinutes":0,"ifVersion":0}',
    ];
    const queries = [
      'limit=abc',
      'limit=-1',
      'limit=1e9',
      'after=%00',
      'cursor=%7B',
      'at=now',
      'limit=1&limit=2',
      'ifVersion=x',
      'sort=drop',
      'who[]=1',
    ];
    const wrong: string[] = [];
    const check = async (method: string, path: string, sent: Sent = {}): Promise<void> => {
      const { status, text } = await problem(method, path, sent);
      const acceptable = status < 500 || (status === 502 && path.includes('test'));
      if (!acceptable)
        wrong.push(`${method} ${path} ${JSON.stringify(sent).slice(0, 120)} → ${status} ${text.slice(0, 300)}`);
    };
    for (const { method, path } of operationsOf(await describedBy(host))) {
      if (path.endsWith('/progress')) continue;
      const oddPaths = /\{/.test(path) ? odd.map((value) => path.replaceAll(/\{\w+\}/g, value)) : [];
      for (const filled of oddPaths) await check(method, filled, method === 'GET' ? {} : { raw: '{}' });
      const [filled] = fillPath(path, known);
      if (filled === undefined) continue;
      if (method === 'GET') for (const query of queries) await check('GET', `${filled}?${query}`);
      // Only changes that cannot succeed: a start or a removal would.
      else if (method !== 'DELETE' && !/start|cancel/.test(path))
        for (const raw of bodies) await check(method, filled, { raw });
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it('describes every route in a valid OpenAPI document', async () => {
    const document = await describedBy(host);
    expect(document.openapi).toBe('3.1.0');
    expect(new URL(document.servers[0]?.url ?? '', host.url).href).toBe(host.url);
    const operations = operationsOf(document);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const ours = allPlugins.flatMap(({ id, routes = [] }) =>
      routes.map(({ method, path }) => `${method} /${id}${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect(ours.filter((route) => !described.includes(route))).toEqual([]);
    expect(described).toEqual(
      expect.arrayContaining(['POST /tasks/{task}/start', 'GET /runs/{run}/progress', 'GET /metrics', 'GET /audit']),
    );
    const checker = new Ajv2020({ strict: false, validateFormats: false });
    for (const { method, path, operation } of operations) {
      const holes = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect([method, path, parameters.map(({ name }) => name).sort()]).toEqual([method, path, holes]);
      expect(parameters.every(({ required }) => required)).toBe(true);
      const contents = [operation.requestBody, ...Object.values(operation.responses)].flatMap((part) =>
        Object.values(part?.content ?? {}),
      );
      const schemas = [...operation.parameters, ...contents].map(({ schema }) => schema);
      for (const schema of schemas) {
        const resolved =
          '$ref' in schema ? document.components.schemas[String(schema.$ref).split('/').at(-1) ?? ''] : schema;
        expect(resolved, `${method} ${path}`).toBeDefined();
        expect(checker.validateSchema(resolved ?? false), `${method} ${path}: ${checker.errorsText()}`).toBe(true);
      }
      expect(Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status))).toBe(true);
    }
  });

  it('gives metrics that parse, with the age of the last complete import of each portal', async () => {
    const answer = await host.call<string>('GET', '/metrics');
    expect(answer.status).toBe(200);
    const lines = answer.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const sample = /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? ([-+.\deE]+|NaN|[+-]Inf)$/;
    expect(lines.filter((line) => !sample.test(line))).toEqual([]);
    const ages = lines.flatMap((line) => {
      const [, name, labels, value] = sample.exec(line) ?? [];
      return name === 'itsm_m365_last_complete_import_age_seconds' ? [{ labels, age: Number(value) }] : [];
    });
    expect(ages).toHaveLength(2);
    for (const id of [one, two]) expect(ages.find(({ labels }) => labels?.includes(id))?.age).toBeGreaterThanOrEqual(0);
    expect(ages.every(({ age }) => age < 300)).toBe(true);
    expect(answer.text).toContain('itsm_task_last_end_timestamp_seconds{');
  });
});
