import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Credential } from './credential.ts';
import { json, type OddServer, oddServer } from './testing/odd-server.ts';
import { makePair } from './testing/pairs.ts';
import { rejection, testClock, testLogger, testRandom } from './testing/surroundings.ts';
import { secretValue, type TestTenant, testTenant } from './testing/tenant.ts';
import { createTokenSource } from './token.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const tenant = async (...options: Parameters<typeof testTenant>): Promise<TestTenant> => {
  const made = await testTenant(...options);
  open.push(made);
  return made;
};
const odd = async (...answer: Parameters<typeof oddServer>): Promise<OddServer> => {
  const made = await oddServer(...answer);
  open.push(made);
  return made;
};
const ids = { tenantId: '11111111-1111-4111-8111-111111111111', clientId: '22222222-2222-4222-8222-222222222222' };
const oddSource = (server: OddServer, credential: Credential, retry = {}) => {
  const clock = testClock();
  const source = createTokenSource({
    cloud: 'global',
    ...ids,
    credential,
    http: server.http,
    clock,
    random: testRandom(),
    logger: testLogger(),
    retry,
  });
  return { source, clock };
};
const secret = (): Credential => ({ type: 'secret', value: secretValue, validUntil: Date.now() + 1e9 });
const good = { token_type: 'Bearer', expires_in: 3599, access_token: 'token-of-the-test' };
const pair = makePair();
const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

test('AUTH-01: a secret gets a token by the client credentials flow, in one request', async () => {
  const { token, running } = await tenant();
  expect(await token().get()).toMatch(/^eyJ/);
  expect(running.simulator.statistics.report().roundTrips).toBe(1);
});

test('AUTH-01: a certificate gets a token, accepted by a server that verifies its signature', async () => {
  const { token, running } = await tenant();
  running.simulator.tenant.apps[0]?.addCertificate(pair.certificatePem);
  const credential = {
    type: 'certificate',
    certificatePem: pair.certificatePem,
    privateKeyPem: pair.privateKeyPem,
  } as const;
  expect(await token(credential).get()).toMatch(/^eyJ/);
});

test('AUTH-17: the assertion names the SHA-256 thumbprint and is signed with the private key', async () => {
  const server = await odd((_, response) => json(response, 200, good));
  const { source } = oddSource(server, { type: 'certificate', ...pair });
  await source.get();
  const form = new URLSearchParams(server.seen[0]?.body);
  expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  expect(form.get('client_secret')).toBeNull();
  const [header, payload, signature] = (form.get('client_assertion') ?? '').split('.');
  const thumbprint = createHash('sha256').update(new X509Certificate(pair.certificatePem).raw).digest('base64url');
  expect(decode(header)).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint });
  const claims = decode(payload);
  expect(claims.aud).toBe(`https://login.microsoftonline.com/${ids.tenantId}/oauth2/v2.0/token`);
  expect([claims.iss, claims.sub]).toEqual([ids.clientId, ids.clientId]);
  const key = { key: createPublicKey(pair.publicKeyPem), padding: 6, saltLength: 32 };
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature ?? '', 'base64url'))).toBe(
    true,
  );
});

test('AUTH-17: a certificate that is not uploaded is refused with the remedy to upload it', async () => {
  const { token } = await tenant();
  const error = await rejection(token({ type: 'certificate', ...pair }).get());
  expect(error).toMatchObject({ code: 'ENTRA_CREDENTIAL_REFUSED', details: { aadsts: 700027, class: 'remote' } });
});

test('AUTH-16: a token is obtained per portal and kept until shortly before its end', async () => {
  const { token, running, clock } = await tenant();
  const source = token();
  const first = await source.get();
  clock.advance(3_200_000);
  expect(await source.get()).toBe(first);
  clock.advance(110_000);
  expect(await source.get()).not.toBe(first);
  expect(running.simulator.statistics.report().roundTrips).toBe(2);
});

test('AUTH-16: a token that lives for a minute only is not renewed on each call', async () => {
  const { token, running, clock } = await tenant({ tokenLifetimeSeconds: 60 });
  const source = token();
  await source.get();
  clock.advance(50_000);
  await source.get();
  expect(running.simulator.statistics.report().roundTrips).toBe(1);
});

test('AUTH-16: a failure to obtain a token is written to the log with its code and correlation id', async () => {
  const { token, logger } = await tenant();
  const error = await rejection(token({ type: 'secret', value: 'wrong', validUntil: Number.MAX_SAFE_INTEGER }).get());
  expect(error).toMatchObject({ code: 'ENTRA_CREDENTIAL_REFUSED' });
  const line = logger.lines.find(({ level }) => level === 'warn');
  expect(line?.fields).toMatchObject({ code: 'ENTRA_CREDENTIAL_REFUSED', aadsts: 7000215, class: 'remote' });
  expect(line?.fields).toHaveProperty('correlationId', expect.stringMatching(/^[0-9a-f-]{36}$/));
});

test('a token whose lifetime is not told is used for a few minutes', async () => {
  const { token, running, clock } = await tenant();
  running.simulator.faults.enable('token-without-expiry');
  const source = token();
  const first = await source.get();
  clock.advance(200_000);
  expect(await source.get()).toBe(first);
  clock.advance(100_000);
  expect(await source.get()).not.toBe(first);
});

test('callers at the same time share one request', async () => {
  const { token, running } = await tenant();
  const source = token();
  const tokens = await Promise.all(Array.from({ length: 20 }, () => source.get()));
  expect(new Set(tokens).size).toBe(1);
  expect(running.simulator.statistics.report().roundTrips).toBe(1);
});

test('a refused token is renewed once, however many callers were refused', async () => {
  const { token, running } = await tenant();
  const source = token();
  const refused = await source.get();
  const renewed = await Promise.all([source.renew(refused), source.renew(refused), source.renew(refused)]);
  expect(new Set(renewed).size).toBe(1);
  expect(await source.renew(refused)).toBe(renewed[0]);
  expect(running.simulator.statistics.report().roundTrips).toBe(2);
});

test('one caller that leaves does not take the token from another, and the last one ends the request', async () => {
  let answered: (() => void) | undefined;
  const server = await odd((_, response) => {
    answered = () => json(response, 200, good);
  });
  const { source } = oddSource(server, secret());
  const leaving = new AbortController();
  const first = rejection(source.get(leaving.signal));
  const second = source.get();
  while (answered === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  leaving.abort(new Error('left'));
  expect(await first).toMatchObject({ message: 'left' });
  answered();
  expect(await second).toBe(good.access_token);
});

test('an abort rejects at once although the server never answers', async () => {
  const server = await odd(() => undefined);
  const { source } = oddSource(server, secret());
  const controller = new AbortController();
  const waiting = rejection(source.get(controller.signal));
  setTimeout(() => controller.abort(new Error('cancelled')), 20);
  expect(await waiting).toMatchObject({ message: 'cancelled' });
});

test('AUTH-13: an expired secret is refused here, before any request', async () => {
  const { token, running, clock } = await tenant();
  const error = await rejection(token({ type: 'secret', value: secretValue, validUntil: clock.now() }).get());
  expect(error).toMatchObject({ code: 'SECRET_EXPIRED', kind: 'credentials', details: { class: 'local' } });
  expect(running.simulator.statistics.report().roundTrips).toBe(0);
});

test('AUTH-13: a secret that expired at Microsoft asks for a new one to be created and stored', async () => {
  const { token, running, clock } = await tenant();
  const app = running.simulator.tenant.apps[0];
  if (app !== undefined) app.secrets = [{ value: secretValue, expiresAt: clock.now() - 1 }];
  const error = await rejection(token().get());
  expect(error).toMatchObject({ code: 'ENTRA_CREDENTIAL_REFUSED', details: { aadsts: 7000222 } });
  expect(Reflect.get(Object(error), 'details').remedyEn).toContain('store it here');
});

test('an expired certificate is refused here, before any request', async () => {
  const { token, running } = await tenant();
  const pair = makePair({ from: Date.now() - 9e9, until: Date.now() - 1e8 });
  expect(await rejection(token({ type: 'certificate', ...pair }).get())).toMatchObject({ code: 'CERTIFICATE_EXPIRED' });
  expect(running.simulator.statistics.report().roundTrips).toBe(0);
});

test.each([
  ['is garbage', { privateKeyPem: 'garbage' }, 'PRIVATE_KEY_UNREADABLE'],
  ['is too short to sign', makePair({ bits: 1024 }), 'CERTIFICATE_KEY_SHORT'],
])('GERR-06: a private key that %s is told in the exact sentence', async (_, wrong, reason) => {
  const { token, running } = await tenant();
  const error = await rejection(token({ type: 'certificate', ...pair, ...wrong }).get());
  expect(error).toMatchObject({
    code: 'TOKEN_SIGNING_FAILED',
    message: 'JSON Web Token generation for authentication with GraphAPI failed.',
    details: { class: 'local', reason },
  });
  expect(running.simulator.statistics.report().roundTrips).toBe(0);
});

test('GERR-05: a certificate whose thumbprint cannot be read stops the import in the exact sentence', async () => {
  const { token } = await tenant();
  const error = await rejection(token({ type: 'certificate', ...pair, certificatePem: 'x' }).get());
  expect(error).toMatchObject({
    message: 'Thumbprint from public key could not be read.',
    details: { class: 'local' },
  });
});

test('a federated assertion is read anew for each request', async () => {
  let calls = 0;
  const server = await odd((_, response) => json(response, 200, { ...good, access_token: `t${calls}` }));
  const { source } = oddSource(server, { type: 'federated', assertion: async () => `a.b.${++calls}` });
  const first = await source.get();
  await source.renew(first);
  const sent = server.seen.map(({ body }) => new URLSearchParams(body).get('client_assertion'));
  expect(sent).toEqual(['a.b.1', 'a.b.2']);
});

test('GERR-02: no connection to Entra is the exact sentence, with the hosts of the chosen cloud', async () => {
  const server = await odd((request) => request.socket.destroy());
  const { source } = oddSource(server, secret());
  const error = await rejection(source.get());
  expect(error).toMatchObject({
    message: 'Could not connect to GraphAPI server.',
    code: 'GRAPH_UNREACHABLE',
    kind: 'network',
  });
  expect(Reflect.get(Object(error), 'details')).toMatchObject({
    class: 'local',
    hosts: 'login.microsoftonline.com, graph.microsoft.com',
    cause: expect.stringMatching(/^UND_ERR_SOCKET|ECONNRESET$/),
  });
  expect(server.seen.length).toBe(4);
});

test('GERR-03: an HTML page under status 200 from the token endpoint is the exact sentence', async () => {
  const { token, running } = await tenant();
  running.simulator.faults.enable('token-not-json');
  expect(await rejection(token().get())).toMatchObject({
    message: 'GraphAPI webcall returned success but information could not be deserialized.',
    details: { class: 'local', cause: expect.stringContaining('text/html') },
  });
});

test.each(['token-not-json', 'token-empty-object', 'truncated-json'] as const)(
  'a success of the token endpoint that cannot be read is asked for again: %s',
  async (name) => {
    const { token, running } = await tenant();
    running.simulator.faults.enable(name, { endpoint: 'token', times: 1 });
    expect(await token().get()).toMatch(/^ey/);
  },
);

test('GERR-03: an empty object instead of a token is no success', async () => {
  const { token, running } = await tenant();
  running.simulator.faults.enable('token-empty-object');
  expect(await rejection(token().get())).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
});

test.each([
  ['an empty token', { ...good, access_token: '' }],
  ['a token that is no text', { ...good, access_token: 5 }],
  ['a token without a life', { ...good, expires_in: 0 }],
])('GERR-03: %s is no success', async (_, body) => {
  const server = await odd((_request, response) => json(response, 200, body));
  expect(await rejection(oddSource(server, secret()).source.get())).toMatchObject({ code: 'GRAPH_REPLY_UNREADABLE' });
});

test('GERR-04: an HTML page under an error status from the token endpoint is the exact sentence', async () => {
  const server = await odd((_, response) => json(response, 407, '<html>Proxy</html>', { 'content-type': 'text/html' }));
  expect(await rejection(oddSource(server, secret()).source.get())).toMatchObject({
    message: 'GraphAPI webcall returned failure but error information could not be deserialized.',
    details: { class: 'local', status: 407, cause: 'text/html' },
  });
});

test('GERR-01: code and text of Entra are passed through unchanged, with its three ids', async () => {
  const body = {
    error: 'invalid_client',
    error_description: 'AADSTS7000215: Invalid client secret provided. {not} filled\r\nTrace ID: t',
    error_codes: [7000215],
    timestamp: '2023-05-06 06:03:00Z',
    trace_id: '6f6c4645-0202-4486-b625-fa957dfc4700',
    correlation_id: '5fc87507-4086-4e77-b415-cee677eb232e',
  };
  const server = await odd((_, response) => json(response, 401, body));
  const error = await rejection(oddSource(server, secret()).source.get());
  expect(error).toMatchObject({
    message: `invalid_client: ${body.error_description}`,
    details: { traceId: body.trace_id, correlationId: body.correlation_id, timestamp: body.timestamp, class: 'remote' },
  });
  expect(server.seen.length).toBe(1);
});

test('the retry of a throttled token request waits exactly as long as asked', async () => {
  const { token, running, clock } = await tenant();
  running.simulator.faults.enable('token-too-many-requests', { times: 2, retryAfterSeconds: 7 });
  await token().get();
  expect(clock.sleeps).toEqual([7000, 7000]);
  expect(running.simulator.statistics.report().violations).toEqual([]);
});

test('a throttle longer than allowed fails with the real cause, also for the next caller, and without a request', async () => {
  let throttled = true;
  const refusal = { error: 'temporarily_unavailable', error_description: 'AADSTS90055: busy', error_codes: [90055] };
  const server = await odd((_, response) =>
    throttled ? json(response, 429, refusal, { 'retry-after': '1000' }) : json(response, 200, good),
  );
  const { source, clock } = oddSource(server, secret());
  const wanted = { code: 'ENTRA_UNAVAILABLE', kind: 'remote', details: { aadsts: 90055, acts: 'nobody' } };
  expect(await rejection(source.get())).toMatchObject(wanted);
  expect(await rejection(source.get())).toMatchObject(wanted);
  expect(server.seen.length).toBe(1);
  throttled = false;
  clock.advance(1_000_000);
  expect(await source.get()).toBe(good.access_token);
});

test('an outage of Entra is tried again and never shown as a wrong credential', async () => {
  const { token, running } = await tenant();
  running.simulator.faults.enable('token-server-error', { status: 503 });
  expect(await rejection(token().get())).toMatchObject({ kind: expect.stringMatching(/^(remote|network)$/) });
  expect(running.simulator.statistics.report().roundTrips).toBe(4);
});

test('a redirection of the token request is refused, and the secret goes nowhere else', async () => {
  const server = await odd((_, response) => {
    response.writeHead(307, { location: 'https://graph.microsoft.com/elsewhere' });
    response.end();
  });
  expect(await rejection(oddSource(server, secret()).source.get())).toMatchObject({ code: 'GRAPH_REDIRECTED' });
  expect(server.seen.length).toBe(1);
});

test.each([
  ['tenant with a path', { tenantId: '../common' }, 'TENANT_INVALID'],
  ['tenant with a slash', { tenantId: 'contoso.com/x' }, 'TENANT_INVALID'],
  ['application name instead of its id', { clientId: 'Licence import' }, 'CLIENT_INVALID'],
])('a %s is refused before any request', async (_, wrong, code) => {
  const { options, running } = await tenant();
  expect(await rejection(createTokenSource({ ...options, ...wrong }).get())).toMatchObject({ code });
  expect(running.simulator.statistics.report().roundTrips).toBe(0);
});

test.each(['global', 'usgov-l4', 'usgov-l5', 'china'] as const)(
  'a token of the cloud %s comes from its own host',
  async (cloud) => {
    const server = await odd((_, response) => json(response, 200, good));
    const base = {
      ...ids,
      credential: secret(),
      http: server.http,
      clock: testClock(),
      random: testRandom(),
      logger: testLogger(),
    };
    await createTokenSource({ ...base, cloud }).get();
    const hosts = {
      global: 'login.microsoftonline.com',
      'usgov-l4': 'login.microsoftonline.us',
      'usgov-l5': 'login.microsoftonline.us',
      china: 'login.chinacloudapi.cn',
    };
    const scopes = {
      global: 'graph.microsoft.com',
      'usgov-l4': 'graph.microsoft.us',
      'usgov-l5': 'dod-graph.microsoft.us',
      china: 'microsoftgraph.chinacloudapi.cn',
    };
    expect(server.seen.map(({ headers }) => headers.host)).toEqual([hosts[cloud]]);
    expect(new URLSearchParams(server.seen[0]?.body).get('scope')).toBe(`https://${scopes[cloud]}/.default`);
  },
);
