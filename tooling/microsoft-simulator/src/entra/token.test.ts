import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSimulator, type SimulatorOptions } from '../index.ts';
import { graphOf, json, requestToken, tokenForm } from '../testing/client.ts';

const start = Date.UTC(2026, 10, 21, 8);
const make = (options: SimulatorOptions = {}) =>
  createSimulator({ secret: 'right', users: 10, clock: { now: () => start }, ...options });

const codeOf = (reply: { readonly body: string }): unknown => (json(reply).error_codes as number[])[0];

describe('the token endpoint with a secret', () => {
  test('gives a bearer token whose claims name audience, issuer, tenant, app and roles', () => {
    const simulator = make();
    const reply = requestToken(simulator);
    expect(reply.status).toBe(200);
    const { access_token: token, ...rest } = json(reply);
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
    const { tenantId, clientId } = simulator.tenant;
    expect(decodeJwt(String(token))).toMatchObject({
      aud: 'https://graph.microsoft.com',
      iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      tid: tenantId,
      appid: clientId,
      roles: ['User.Read.All', 'Organization.Read.All'],
      exp: start / 1000 + 3599,
    });
  });

  test('takes the secret by HTTP Basic and the tenant by its verified domain', () => {
    const simulator = make({ secret: 'a:b %' });
    const { clientId, domain } = simulator.tenant;
    const pair = `${clientId}:${encodeURIComponent('a:b %')}`;
    const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    expect(requestToken(simulator, {}, { name: domain, headers }).status).toBe(200);
  });

  const otherCloud = 'https://graph.microsoft.us/.default';
  const cases: readonly (readonly [string, Record<string, string>, string | undefined, number, number, string])[] = [
    ['a wrong secret', { client_secret: 'wrong' }, undefined, 401, 7000215, 'invalid_client'],
    ['no credential', {}, undefined, 401, 7000218, 'invalid_client'],
    ['an unknown client', { client_id: crypto.randomUUID() }, undefined, 400, 700016, 'unauthorized_client'],
    ['an unknown tenant', {}, 'nowhere.example', 400, 90002, 'invalid_request'],
    ['/common', {}, 'common', 400, 9001023, 'invalid_request'],
    ['a scope that is no default scope', { scope: 'User.Read' }, undefined, 400, 70011, 'invalid_scope'],
    ['two scopes', { scope: `${otherCloud} ${otherCloud}` }, undefined, 400, 70011, 'invalid_scope'],
    ['a resource of another cloud', { scope: otherCloud }, undefined, 400, 500011, 'invalid_resource'],
    ['another grant', { grant_type: 'password' }, undefined, 400, 70003, 'unsupported_grant_type'],
    ['an empty scope', { scope: '' }, undefined, 400, 900144, 'invalid_request'],
  ];
  test.each(cases)('refuses %s', (_, form, name, status, code, error) => {
    const reply = requestToken(make(), form, name === undefined ? {} : { name });
    expect(reply.status).toBe(status);
    const body = json(reply);
    expect(body).toMatchObject({ error, error_codes: [code] });
    expect(String(body.error_description)).toMatch(
      new RegExp(
        `^AADSTS${code}: .+\\r\\nTrace ID: ${String(body.trace_id)}\\r\\nCorrelation ID: .+\\r\\nTimestamp: .+Z$`,
      ),
    );
    expect(body.error_uri).toBe(`https://login.microsoftonline.com/error?code=${code}`);
  });

  test('refuses a secret past its expiry with its own number', () => {
    const simulator = make();
    const app = simulator.tenant.apps[0];
    if (app !== undefined) app.secrets = [{ value: 'old', expiresAt: start - 1 }];
    expect(codeOf(requestToken(simulator, { client_secret: 'old' }))).toBe(7000222);
  });

  test('refuses a disabled app, and a GET', () => {
    const simulator = make();
    const app = simulator.tenant.apps[0];
    if (app !== undefined) app.disabled = true;
    expect(codeOf(requestToken(simulator))).toBe(7000112);
    const target = `/${simulator.tenant.tenantId}/oauth2/v2.0/token`;
    const request = { method: 'GET', host: 'login.microsoftonline.com', target, headers: {}, body: '' };
    expect(codeOf(simulator.handle(request))).toBe(900561);
  });

  test('reads nothing from a body that is not a form', () => {
    const simulator = make();
    const reply = simulator.handle({
      method: 'POST',
      host: 'login.microsoftonline.com',
      target: `/${simulator.tenant.tenantId}/oauth2/v2.0/token`,
      headers: { 'content-type': 'application/json' },
      body: tokenForm(simulator.tenant, { client_secret: 'right' }),
    });
    expect(codeOf(reply)).toBe(900144);
  });

  test('draws the lifetime between two values, and Graph refuses the token afterwards', () => {
    const simulator = make({ tokenLifetimeSeconds: { minimum: 60, maximum: 90 } });
    const seconds = Number(json(requestToken(simulator)).expires_in);
    expect(seconds).toBeGreaterThanOrEqual(60);
    expect(seconds).toBeLessThanOrEqual(90);
    const graph = graphOf(simulator);
    expect(graph('/organization').status).toBe(200);
    simulator.advance(91_000);
    expect(graph('/organization').status).toBe(401);
  });

  test('answers 429 over its limit and punishes a retry that comes too early', () => {
    const simulator = make({ tokenRequestsPerMinute: 2 });
    requestToken(simulator);
    requestToken(simulator);
    const refused = requestToken(simulator);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '30']);
    simulator.advance(10_000);
    expect(requestToken(simulator).status).toBe(429);
    simulator.advance(25_000);
    expect(requestToken(simulator).status).toBe(429);
    expect(simulator.statistics.report().violations).toHaveLength(2);
    simulator.advance(61_000);
    expect(requestToken(simulator).status).toBe(200);
  });
});

describe('clouds', () => {
  const clouds = ['global', 'usgov', 'dod', 'china'] as const;
  const simulator = make({ tenants: clouds.map((cloud) => ({ cloud, users: 10 })) });

  test.each(clouds.map((cloud, at) => [cloud, at] as const))('a tenant of %s has its own hosts and issuer', (_, at) => {
    const tenant = simulator.tenants[at] ?? simulator.tenant;
    const claims = decodeJwt(String(json(requestToken(simulator, undefined, { tenant })).access_token));
    expect(claims.aud).toBe(`https://${tenant.cloud.graphHost}`);
    expect(claims.iss).toBe(`https://${tenant.cloud.issuerHost}/${tenant.tenantId}/v2.0`);
    expect(graphOf(simulator, tenant)('/organization').status).toBe(200);
  });

  test('a token of one cloud is refused by the Graph of another', () => {
    const token = String(json(requestToken(simulator)).access_token);
    const headers = { authorization: `Bearer ${token}` };
    const ask = (host: string) =>
      simulator.handle({ method: 'GET', host, target: '/v1.0/organization', headers, body: '' }).status;
    expect(clouds.map((_, at) => ask((simulator.tenants[at] ?? simulator.tenant).cloud.graphHost))).toEqual([
      200, 401, 401, 401,
    ]);
  });

  test('a Chinese tenant is found under the login host that MSAL asks, too', () => {
    const [, , , tenant = simulator.tenant] = simulator.tenants;
    const host = 'login.partner.microsoftonline.cn';
    expect(requestToken(simulator, undefined, { tenant, host }).status).toBe(200);
  });

  test('the login host of another cloud says that the tenant is not there', () => {
    const reply = requestToken(simulator, undefined, { host: 'login.microsoftonline.us' });
    expect(codeOf(reply)).toBe(900382);
  });
});
