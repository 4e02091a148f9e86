import { afterEach, expect, test } from 'vitest';
import { createGraphClient } from './graph.ts';
import { json, type OddServer, oddServer } from './testing/odd-server.ts';
import { rejection, testClock, testLogger, testRandom } from './testing/surroundings.ts';
import { createTokenSource } from './token.ts';

const open: OddServer[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const id = '11111111-2222-4333-8444-555555555555';

/** A client against a server that answers everything with one body. */
const answering = async (body: unknown, status = 200) => {
  const server = await oddServer((_, response) => json(response, status, body));
  open.push(server);
  const base = {
    cloud: 'global',
    http: server.http,
    clock: testClock(),
    random: testRandom(),
    logger: testLogger(),
  } as const;
  const graph = createGraphClient({ ...base, token: { get: async () => 'one', renew: async () => 'two' } });
  const credential = {
    type: 'secret',
    secretId: 'one',
    value: 'a secret',
    validUntil: base.clock.now() + 1e9,
  } as const;
  const token = createTokenSource({ ...base, tenantId: id, clientId: id, credential, retry: { attempts: 1 } });
  return { server, graph, token };
};

const firstPage = async (body: object): Promise<unknown> => {
  const { graph } = await answering({ value: [], ...body });
  return rejection(
    (async () => {
      for await (const _ of graph.pages('/users/delta'));
    })(),
  );
};

test.each([
  'https://evil.example/v1.0/users/delta?$deltatoken=x',
  'http://graph.microsoft.com/v1.0/users/delta?$deltatoken=x',
  'data:application/json,{}',
  '/users/delta?$deltatoken=x',
  'June',
  `https://graph.microsoft.com/v1.0/users/delta?$deltatoken=${'x'.repeat(9000)}`,
])('a delta link that leads elsewhere fails before anybody stores it: %s', async (link) => {
  expect(await firstPage({ '@odata.deltaLink': link })).toMatchObject({ code: 'GRAPH_FOREIGN_LINK' });
});

test('a link to a next page without a host is not followed', async () => {
  expect(await firstPage({ '@odata.nextLink': '/users?$top=999' })).toMatchObject({ code: 'GRAPH_FOREIGN_LINK' });
});

test.each(['a\u0000b', 'a\r\nb', 'é', '', 7, 'x'.repeat(20_000)])(
  'what no header can carry is no token: %j',
  async (value) => {
    const { token } = await answering({ access_token: value, expires_in: 3599 });
    expect(await rejection(token.get())).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
  },
);

test.each([{ toString: 1, valueOf: 1 }, [[]], 'soon', -1, null])(
  'a lifetime that is no number is no token: %j',
  async (value) => {
    const { token } = await answering({ access_token: 'one', expires_in: value });
    expect(await rejection(token.get())).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
  },
);

test('error numbers of Entra that are no numbers are left out', async () => {
  const error_codes = [{ toString: 1, valueOf: 1 }, null, '7000215'];
  const { token } = await answering({ error: 'invalid_client', error_codes }, 401);
  expect(await rejection(token.get())).toMatchObject({
    code: 'ENTRA_CREDENTIAL_REFUSED',
    details: { aadsts: 7000215 },
  });
});

test('a message of Microsoft’s keeps its line breaks, and nothing else that could forge or turn a line', async () => {
  const message = 'One.\r\nTwo\u0000\u001b[31m\u0085\u2028\u202e\u2066\ud800\uffff 😀';
  const { graph } = await answering({ error: { code: 'Request_BadRequest', message } }, 400);
  const said = 'Request_BadRequest: One.\r\nTwo[31m 😀';
  expect(await rejection(graph.get('/users'))).toMatchObject({ code: 'GRAPH_REFUSED', message: said });
});

test('headers of a batch item that are no texts are left out, and a status that is none is no answer', async () => {
  const headers = { 'Retry-After': { toString: 1, valueOf: 1 }, 'request-id': 'a\u0000b', Date: [[[]]] };
  const { graph } = await answering({
    responses: [{ id: 'a', status: 403, headers, body: { error: { code: 'Forbidden' } } }],
  });
  const answers = await graph.batch([{ id: 'a', url: '/users/a' }]);
  expect(answers.get('a')?.error).toMatchObject({ details: { requestId: 'ab', status: 403 } });
  for (const status of [-1, 0, 1.5, 1e308, '200', null]) {
    const other = await answering({ responses: [{ id: 'a', status, headers: {}, body: {} }] });
    expect(await rejection(other.graph.batch([{ id: 'a', url: '/users/a' }]))).toMatchObject({
      code: 'GRAPH_REPLY_UNREADABLE',
    });
  }
});
