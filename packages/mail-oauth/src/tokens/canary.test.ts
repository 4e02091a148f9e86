import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import type { SecretBinding } from '@itsm-m365/plugin-api';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { beginSignIn, completeSignIn } from '../sign-in/browser-sign-in.ts';
import { beginDeviceSignIn, pollDeviceSignIn } from '../sign-in/device-sign-in.ts';
import { migrateMail, openStage, type Stage, type StageServices } from '../sign-in/testing/stage.ts';
import { createAccountTokens } from './account-tokens.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let test: TestDatabase;
const open: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  const [engine] = eachDatabase();
  if (engine === undefined) throw new Error('no database');
  test = await engine.open();
  await migrateMail(test.db, test.clock);
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => test.close());

/** A server that answers for all of Microsoft's hosts with what no simulator sends. */
const mirror = async (answer: Answer): Promise<StageServices['http']> => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => answer(request, response, `${body} ${decodeURIComponent(body.replaceAll('+', ' '))}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = simulatorDispatcher(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  open.push({
    close: async () => {
      await http.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return http;
};

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const mirrors: readonly (readonly [string, Answer])[] = [
  [
    'an OAuth error',
    (_, response, body) =>
      json(response, 400, { error: 'invalid_grant', error_description: body, error_codes: [700082] }),
  ],
  ['an unknown error', (_, response, body) => json(response, 401, { error: 'odd', error_description: body })],
  ['HTML under 200', (_, response, body) => response.writeHead(200, { 'content-type': 'text/html' }).end(body)],
  ['JSON of another kind', (_, response, body) => json(response, 200, { seen: body })],
  ['a broken connection', (request) => request.socket.destroy()],
  [
    'a redirection',
    (_, response, body) =>
      response.writeHead(302, { location: `https://evil.example/?${encodeURIComponent(body)}` }).end(),
  ],
];

/** Everything a value says when it is printed, along its chain of causes. */
const everythingIn = (value: unknown, depth = 0): string => {
  if (depth > 6) return '';
  if (value instanceof Error)
    return [
      String(value),
      ...Object.getOwnPropertyNames(value).map((name) => everythingIn(Reflect.get(value, name), depth + 1)),
    ].join('\n');
  if (typeof value === 'object' && value !== null)
    return [JSON.stringify(value), ...Object.values(value).map((part) => everythingIn(part, depth + 1))].join('\n');
  return String(value);
};

const stage = async (): Promise<Stage> => {
  const made = await openStage(test.db);
  open.push(made);
  return made;
};

/** Notes every secret that the host's store is given: refresh tokens, verifiers, device codes. */
const noting = (services: StageServices): { readonly services: StageServices; readonly secrets: string[] } => {
  const secrets: string[] = [];
  const store = async (value: string, binding: SecretBinding) => {
    secrets.push(value);
    return services.secrets.store(value, binding);
  };
  return { secrets, services: { ...services, secrets: { ...services.secrets, store } } };
};
const caught = (promise: Promise<unknown>) =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );
const signal = new AbortController().signal;

it.each(mirrors)('no token, code, verifier or secret is in an error or a log line after %s', async (_, answer) => {
  const on = await stage();
  const noted = noting(on.services);
  const account = on.account();
  const context = { ...on.context(account, on.application({ deviceCode: true })), services: noted.services };
  const first = await beginSignIn({ ...context, redirect: 'paste' });
  await completeSignIn({ ...context, answer: on.browse(first), binding: first.binding, signal });
  const device = await beginDeviceSignIn({ ...context, signal });
  const second = await beginSignIn({ ...context, redirect: 'paste' });
  const address = on.browse(second);

  const services = { ...noted.services, http: await mirror(answer) };
  const errors = [
    await caught(completeSignIn({ ...context, services, answer: address, binding: second.binding, signal })),
    await caught(pollDeviceSignIn({ ...context, services, handle: device.handle, binding: device.binding, signal })),
    await caught(
      on
        .tokens(account)
        .token('exchange')
        .then(() => undefined),
    ),
  ];

  errors.push(
    await caught(createAccountTokens({ account, application: on.application(), services }).token('exchange')),
  );
  expect(errors.filter((error) => error instanceof Error).map((error) => (error as Error).name)).toEqual([
    'KnownError',
    'KnownError',
    'KnownError',
  ]);
  const said = everythingIn([errors, on.log]);
  const query = new URL(address).searchParams;
  const canaries = [
    ...noted.secrets,
    query.get('code'),
    query.get('state'),
    first.binding,
    second.binding,
    device.handle,
  ];
  expect(canaries.length).toBeGreaterThanOrEqual(9);
  for (const canary of canaries) {
    expect(canary?.length).toBeGreaterThan(40);
    expect(said).not.toContain(canary);
  }
});

it('a whole life of a sign-in leaves no token, code or name of a person in the log', async () => {
  const on = await stage();
  const noted = noting(on.services);
  const account = on.account();
  const context = { ...on.context(account), services: noted.services };
  const begun = await beginSignIn({ ...context, redirect: 'paste' });
  const address = on.browse(begun);
  await completeSignIn({ ...context, answer: address, binding: begun.binding, signal });
  const token = await on.tokens(account).token('exchange');
  on.tenant.revokeSessions(on.user);
  const error = await caught(on.tokens(account).token('exchange', { refused: token }));
  const said = everythingIn([on.log, error]);
  expect(on.log.length).toBeGreaterThan(0);
  for (const canary of [...noted.secrets, token, new URL(address).searchParams.get('code') ?? '?', on.user])
    expect(said).not.toContain(canary);
});
