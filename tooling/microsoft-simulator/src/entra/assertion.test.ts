import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createSimulator, selfSignedCertificate } from '../index.ts';
import { json, requestToken } from '../testing/client.ts';

const now = Date.UTC(2026, 10, 21, 8);
const seconds = now / 1000;
const registered = selfSignedCertificate();
const stranger = selfSignedCertificate();
const der = (pem: string) => new X509Certificate(pem).raw;
const thumb = (pem: string, algorithm: 'sha1' | 'sha256') => createHash(algorithm).update(der(pem)).digest('base64url');
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const simulator = createSimulator({
  clock: { now: () => now },
  tenants: [{ users: 10, apps: [{ certificates: [registered.certificatePem] }] }],
});
const { tenantId, clientId, domain } = simulator.tenant;
const endpoint = (name: string) => `https://login.microsoftonline.com/${name}/oauth2/v2.0/token`;

interface Forgery {
  readonly alg?: string;
  readonly header?: Record<string, string>;
  readonly claims?: Record<string, unknown>;
  readonly key?: string;
}

const assertion = ({ alg = 'PS256', header, claims, key = registered.privateKeyPem }: Forgery = {}) =>
  new SignJWT({
    aud: endpoint(tenantId),
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + 600,
    ...claims,
  })
    .setProtectedHeader({ alg, typ: 'JWT', ...(header ?? { 'x5t#S256': thumb(registered.certificatePem, 'sha256') }) })
    .sign(createPrivateKey(key));

const answer = async (forgery: Forgery = {}) =>
  requestToken(simulator, { client_assertion: await assertion(forgery), client_assertion_type: assertionType });

const code = async (forgery: Forgery) => (json(await answer(forgery)).error_codes as number[] | undefined)?.[0];

describe('a certificate assertion', () => {
  test('is accepted with PS256 and x5t#S256, and with RS256 and x5t', async () => {
    expect((await answer()).status).toBe(200);
    const header = { x5t: thumb(registered.certificatePem, 'sha1') };
    expect((await answer({ alg: 'RS256', header })).status).toBe(200);
  });

  test('may name the tenant in its audience by domain', async () => {
    expect((await answer({ claims: { aud: endpoint(domain) } })).status).toBe(200);
  });

  test.each([
    ['signed by another key', { key: stranger.privateKeyPem }, 700027],
    ['of a certificate not registered', { header: { 'x5t#S256': thumb(stranger.certificatePem, 'sha256') } }, 700027],
    ['with a thumbprint cut short', { header: { 'x5t#S256': 'Uw' } }, 700027],
    ['for another audience', { claims: { aud: endpoint('other.example') } }, 700023],
    ['whose issuer is not the client', { claims: { iss: randomUUID() } }, 700021],
    ['whose subject is not the client', { claims: { sub: randomUUID() } }, 700021],
    ['that has expired', { claims: { nbf: seconds - 2000, exp: seconds - 301 } }, 700024],
    ['that is not yet valid', { claims: { nbf: seconds + 301 } }, 700024],
    ['without an expiry', { claims: { exp: undefined } }, 50027],
    ['without a jti', { claims: { jti: undefined } }, 50027],
  ] as const)('is refused %s', async (_, forgery, expected) => {
    expect(await code(forgery)).toBe(expected);
  });

  test('is refused when it is no JWT, or of another assertion type', async () => {
    const form = { client_assertion: 'nonsense', client_assertion_type: assertionType };
    expect(json(requestToken(simulator, form)).error_codes).toEqual([50027]);
    const other = { client_assertion: await assertion(), client_assertion_type: 'saml' };
    expect(json(requestToken(simulator, other)).error_codes).toEqual([900144]);
  });

  test('is refused when its certificate is past its end', async () => {
    const notAfter = new Date(now - 1000);
    const expired = selfSignedCertificate({ privateKeyPem: stranger.privateKeyPem, notAfter });
    simulator.tenant.apps[0]?.addCertificate(expired.certificatePem);
    const header = { 'x5t#S256': thumb(expired.certificatePem, 'sha256') };
    expect(await code({ key: expired.privateKeyPem, header })).toBe(1000502);
  });

  test('outside its validity is refused as 500133 when the fault says so', async () => {
    const fault = simulator.faults.enable('assertion-expired-as-500133');
    const forgeries = [{ nbf: seconds - 2000, exp: seconds - 301 }, { nbf: seconds + 301 }];
    for (const claims of forgeries) {
      expect(json(await answer({ claims }))).toMatchObject({
        error: 'invalid_grant',
        error_codes: [500133],
        error_description: expect.stringMatching(/^AADSTS500133: Assertion is not within its valid time range/),
      });
    }
    expect((await answer()).status).toBe(200);
    fault.disable();
    expect(await code({ claims: { exp: seconds - 301 } })).toBe(700024);
  });

  test('may come twice, unless the fault says otherwise', async () => {
    const form = { client_assertion: await assertion(), client_assertion_type: assertionType };
    expect([requestToken(simulator, form).status, requestToken(simulator, form).status]).toEqual([200, 200]);
    const fault = simulator.faults.enable('assertion-replay-refused');
    expect(json(requestToken(simulator, form)).error_codes).toEqual([50012]);
    fault.disable();
  });
});

describe('a federated assertion', () => {
  const issuer = 'https://issuer.example/tenant';
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty = '', crv = '', x = '', y = '' } = pair.publicKey.export({ format: 'jwk' });
  const federated = createSimulator({
    clock: { now: () => now },
    tenants: [
      {
        users: 10,
        apps: [
          { federatedCredentials: [{ issuer, subject: 'server:One', jwks: { keys: [{ kty, crv, x, y, kid: 'k' }] } }] },
        ],
      },
    ],
  });
  const ask = async (claims: Record<string, unknown>, key = pair.privateKey) => {
    const all = { iss: issuer, sub: 'server:One', aud: 'api://AzureADTokenExchange', exp: seconds + 600, ...claims };
    const token = await new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(key);
    return requestToken(federated, { client_assertion: token, client_assertion_type: assertionType });
  };

  test('is accepted from the registered issuer for the registered subject', async () => {
    expect((await ask({})).status).toBe(200);
  });

  test.each([
    ['another issuer', { iss: 'https://issuer.example/' }, 700211],
    ['another subject', { sub: 'server:Two' }, 700213],
    ['a subject that differs in case alone', { sub: 'server:one' }, 7002138],
    ['another audience', { aud: 'https://graph.microsoft.com' }, 700212],
    ['a past expiry', { exp: seconds - 400 }, 700024],
  ])('is refused with %s', async (_, claims, expected) => {
    expect(json(await ask(claims)).error_codes).toEqual([expected]);
  });

  test('is refused when the issuer did not sign it', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(json(await ask({}, privateKey)).error_codes).toEqual([50013]);
  });
});
