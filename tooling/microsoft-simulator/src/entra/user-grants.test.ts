import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { AppOptions } from '../index.ts';
import {
  authorizeUrl,
  mailSimulator,
  post,
  redeem,
  refresh,
  scope,
  signedIn,
  signIn,
  start,
  verifier,
} from '../testing/sign-in.ts';

const desk = 'desk@contoso.example';
const day = 86_400_000;
const graphScope = 'https://graph.microsoft.com/Mail.ReadWrite offline_access';

describe('an authorization code', () => {
  test('gives a token for the mailbox of the one who signed in, and a refresh token', () => {
    const simulator = mailSimulator();
    const { reply, body } = redeem(simulator, signIn(simulator).get('code'), { client_info: '1' });
    expect(reply.status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(String(body.refresh_token)).toHaveLength(1200);
    expect(body).not.toHaveProperty('id_token');
    const { tenantId, clientId } = simulator.tenant;
    const oid = simulator.tenant.identity.user(desk)?.id;
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      aud: 'https://outlook.office.com',
      iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      tid: tenantId,
      appid: clientId,
      azp: clientId,
      scp: 'IMAP.AccessAsUser.All SMTP.Send',
      upn: desk,
      preferred_username: desk,
      oid,
      idtyp: 'user',
      exp: start / 1000 + 3599,
    });
    const info = JSON.parse(Buffer.from(String(body.client_info), 'base64url').toString());
    expect(info).toEqual({ uid: oid, utid: tenantId });
  });

  test('gives no refresh token unless offline_access was asked for, and an id_token with openid', () => {
    const simulator = mailSimulator();
    const asked = `${scope.replace(' offline_access', '')} openid profile`;
    const code = signIn(simulator, undefined, { scope: asked, nonce: 'n-1' }).get('code');
    const { body } = redeem(simulator, code);
    expect(body).not.toHaveProperty('refresh_token');
    const { clientId } = simulator.tenant;
    expect(decodeJwt(String(body.id_token))).toMatchObject({ aud: clientId, nonce: 'n-1', preferred_username: desk });
  });

  const cases: readonly (readonly [string, Record<string, string>, number])[] = [
    ['with another verifier', { code_verifier: 'w'.repeat(43) }, 501481],
    ['with a verifier that is too short', { code_verifier: verifier.slice(1) }, 501481],
    ['for another redirect URI', { redirect_uri: 'http://localhost:49153' }, 50011],
    ['with a secret from a public client', { client_secret: 'x' }, 700025],
    ['by another app', { client_id: crypto.randomUUID() }, 700016],
    ['for two resources', { scope: `${scope} ${graphScope}` }, 28000],
    ['for scopes without consent', { scope: 'Calendars.Read' }, 65001],
    ['cut short', { code: '1.AX' }, 70000],
  ];
  test.each(cases)('is refused %s', (_, form, code) => {
    const simulator = mailSimulator();
    expect(redeem(simulator, signIn(simulator).get('code'), form).code).toBe(code);
  });

  test('is good once, for ten minutes', () => {
    const simulator = mailSimulator();
    const first = signIn(simulator).get('code');
    const late = signIn(simulator).get('code');
    expect([redeem(simulator, first).code, redeem(simulator, first).code]).toEqual([undefined, 54005]);
    simulator.advance(600_001);
    expect(redeem(simulator, late).code).toBe(70008);
  });

  test('of a Web app needs the secret, of a single-page app an Origin, of a desktop app neither', () => {
    const code = (app: AppOptions, form: Record<string, string> = {}, headers: Record<string, string> = {}) => {
      const simulator = mailSimulator({ redirectUris: ['http://localhost:49152'], ...app });
      const grant = {
        grant_type: 'authorization_code',
        redirect_uri: 'http://localhost:49152',
        code_verifier: verifier,
      };
      return post(simulator, { ...grant, code: String(signIn(simulator).get('code')), ...form }, { headers }).code;
    };
    const origin = { origin: 'https://desk.example' };
    expect([code({}), code({}, {}, origin)]).toEqual([undefined, 9002326]);
    expect([code({ platform: 'spa' }), code({ platform: 'spa' }, {}, origin)]).toEqual([9002327, undefined]);
    const web: AppOptions = { platform: 'web', secrets: ['right'] };
    expect(code(web)).toBe(7000218);
    expect(code(web, { client_secret: 'wrong' })).toBe(7000215);
    expect(code(web, { client_secret: 'right' })).toBeUndefined();
    expect(code({ secretsRequired: true })).toBe(7000218);
  });

  test('without a challenge takes no verifier', () => {
    const simulator = mailSimulator({ platform: 'web', secrets: ['s'], redirectUris: ['http://localhost:49152'] });
    const bare = { code_challenge: undefined, code_challenge_method: undefined };
    const code = () => signIn(simulator, undefined, bare).get('code');
    expect(redeem(simulator, code(), { client_secret: 's' }).code).toBe(50147);
  });

  test('signed in at the shared endpoint is redeemed there or at its tenant, not at another', () => {
    const simulator = mailSimulator({ accountTypes: 'organizations' });
    const url = authorizeUrl(simulator, {}, 'organizations');
    const code = () => String(new URL(simulator.signIn({ url, user: desk })).searchParams.get('code'));
    const form = () => ({
      grant_type: 'authorization_code',
      redirect_uri: 'http://localhost:49152',
      code_verifier: verifier,
      code: code(),
    });
    expect(post(simulator, form(), { name: 'organizations' }).code).toBeUndefined();
    expect(post(simulator, form()).code).toBeUndefined();
    const single = mailSimulator();
    const token = signedIn(single).refresh_token;
    const asked = { grant_type: 'refresh_token', refresh_token: String(token) };
    expect(post(single, asked, { name: 'common' }).code).toBe(50194);
  });
});

describe('a refresh token', () => {
  test('is exchanged for the same resource, or for another the app has consent for', () => {
    const simulator = mailSimulator();
    const { refresh_token: token } = signedIn(simulator);
    const audience = (form: Record<string, string> = {}) =>
      decodeJwt(String(refresh(simulator, token, form).body.access_token));
    expect(audience()).toMatchObject({ aud: 'https://outlook.office.com', scp: 'IMAP.AccessAsUser.All SMTP.Send' });
    expect(audience({ scope: graphScope })).toMatchObject({ aud: 'https://graph.microsoft.com' });
    expect(audience({ scope: 'https://outlook.office.com/.default' }).aud).toBe('https://outlook.office.com');
    expect(refresh(simulator, token, { scope: `${scope} ${graphScope}` }).code).toBe(28000);
    expect(refresh(simulator, token, { scope: 'https://mail.example/.default' }).code).toBe(500011);
  });

  test('is a new one each time, and the old one lives on', () => {
    const simulator = mailSimulator();
    const first = signedIn(simulator).refresh_token;
    const second = refresh(simulator, first).body.refresh_token;
    expect(second).not.toBe(first);
    expect(refresh(simulator, second).code).toBeUndefined();
    simulator.advance(day);
    expect([refresh(simulator, first).code, refresh(simulator, second).code]).toEqual([undefined, undefined]);
  });

  test('dies with strict rotation 30 seconds after its successor was first used', () => {
    const simulator = mailSimulator({}, { strictRotation: true });
    const first = signedIn(simulator).refresh_token;
    const second = refresh(simulator, first).body.refresh_token;
    simulator.advance(day);
    expect(refresh(simulator, first).code).toBeUndefined();
    refresh(simulator, second);
    simulator.advance(30_000);
    expect(refresh(simulator, first).code).toBeUndefined();
    simulator.advance(1);
    expect(refresh(simulator, first)).toMatchObject({ code: 70000, body: { error: 'invalid_grant' } });
    expect(refresh(simulator, second).code).toBeUndefined();
  });

  test('is not kept alive by a second successor', () => {
    const simulator = mailSimulator({}, { strictRotation: true });
    const first = signedIn(simulator).refresh_token;
    const successors = [refresh(simulator, first), refresh(simulator, first)].map(({ body }) => body.refresh_token);
    refresh(simulator, successors[0]);
    simulator.advance(20_000);
    refresh(simulator, successors[1]);
    simulator.advance(20_000);
    expect(refresh(simulator, first).code).toBe(70000);
  });

  test('dies unused for 90 days; use gives a new one its own 90', () => {
    const simulator = mailSimulator();
    const first = signedIn(simulator).refresh_token;
    simulator.advance(80 * day);
    const second = refresh(simulator, first).body.refresh_token;
    simulator.advance(11 * day);
    expect(refresh(simulator, first)).toMatchObject({ code: 700082, body: { suberror: 'bad_token' } });
    expect(refresh(simulator, second).code).toBeUndefined();
  });

  test('that was cut short is no grant', () => {
    const simulator = mailSimulator();
    const token = String(signedIn(simulator).refresh_token);
    expect(refresh(simulator, token.slice(0, 1000)).code).toBe(70000);
  });

  const ends: readonly (readonly [string, (simulator: ReturnType<typeof mailSimulator>) => void, number])[] = [
    ['sessions are revoked', ({ tenant }) => tenant.revokeSessions(desk), 50173],
    ['the password changes', ({ tenant }) => tenant.changePassword(desk), 50133],
    ['it is made to look unused', ({ tenant }) => tenant.expireRefreshTokens(), 700082],
    ['the account is disabled', ({ tenant }) => tenant.disableUser(desk), 50057],
    ['the account is locked', ({ tenant }) => tenant.lockUser(desk), 50053],
    ['a second factor is required', ({ tenant }) => tenant.requireSecondFactor(desk), 50076],
    ['consent is withdrawn', ({ tenant }) => tenant.withdrawConsent(tenant.clientId), 65001],
    ['a policy blocks', ({ tenant }) => Object.assign(tenant.policy, { blocked: 53003 }), 53003],
    [
      'a frequent sign-in is demanded',
      ({ tenant }) => Object.assign(tenant.policy, { signInFrequencySeconds: -1 }),
      70043,
    ],
    [
      'the app is disabled',
      ({ tenant }) =>
        tenant.apps.forEach((app) => {
          app.disabled = true;
        }),
      7000112,
    ],
    [
      'the app turns into one that needs a secret',
      ({ tenant }) =>
        tenant.apps.forEach((app) => {
          app.platform = 'web';
        }),
      7000218,
    ],
    [
      'assignment is required',
      ({ tenant }) =>
        tenant.apps.forEach((app) => {
          app.assignmentRequired = true;
        }),
      50105,
    ],
  ];
  test.each(ends)('is refused once %s', (_, deed, code) => {
    const simulator = mailSimulator();
    const token = signedIn(simulator).refresh_token;
    expect(refresh(simulator, token).code).toBeUndefined();
    deed(simulator);
    expect(refresh(simulator, token, { scope: 'https://outlook.office.com/IMAP.AccessAsUser.All' }).code).toBe(code);
  });

  test('of a sign-in after the revocation is good, with a clock that stands still', () => {
    const simulator = mailSimulator();
    const { tenant } = simulator;
    tenant.revokeSessions(desk);
    tenant.changePassword(desk);
    tenant.expireRefreshTokens(desk);
    tenant.requireSecondFactor(desk);
    const token = signedIn(simulator).refresh_token;
    expect(refresh(simulator, token).code).toBeUndefined();
    expect(refresh(simulator, signedIn(simulator, { user: 'ann@contoso.example' }).refresh_token).code).toBeUndefined();
  });

  test('bears the error body of Entra when refused', () => {
    const simulator = mailSimulator();
    const token = signedIn(simulator).refresh_token;
    simulator.tenant.requireSecondFactor();
    const { reply, body } = refresh(simulator, token);
    expect(reply.status).toBe(400);
    expect(body).toMatchObject({ error: 'invalid_grant', error_codes: [50076], suberror: 'basic_action' });
    expect(body.error_description).toMatch(/^AADSTS50076: .+\r\nTrace ID: .+\r\nCorrelation ID: .+\r\nTimestamp: .+Z$/);
    for (const name of ['trace_id', 'correlation_id', 'timestamp', 'error_uri']) expect(body).toHaveProperty(name);
  });
});

test('consent under Graph counts at Exchange, consent at Exchange not under Graph', () => {
  const scp = (delegatedScopes: readonly string[], resource: string): unknown => {
    const simulator = mailSimulator({ delegatedScopes });
    const asked = `${resource}/.default offline_access`;
    const query = signIn(simulator, undefined, { scope: asked });
    if (query.get('code') === null) return query.get('error');
    return decodeJwt(String(redeem(simulator, query.get('code')).body.access_token)).scp;
  };
  const [graph, exchange] = ['https://graph.microsoft.com', 'https://outlook.office.com'];
  expect(scp(['IMAP.AccessAsUser.All', 'Mail.Read'], exchange)).toBe('IMAP.AccessAsUser.All');
  expect(scp(['IMAP.AccessAsUser.All', 'Mail.Read'], graph)).toBe('IMAP.AccessAsUser.All Mail.Read');
  expect(scp([`${exchange}/IMAP.AccessAsUser.All`], graph)).toBe('access_denied');
});

test('a password is no grant', () => {
  const simulator = mailSimulator();
  const form = { grant_type: 'password', username: desk, password: 'x', scope };
  expect(post(simulator, form).body).toMatchObject({ error: 'unsupported_grant_type', error_codes: [70003] });
});

test('a new app and a new consent are unknown until their time', () => {
  const simulator = mailSimulator({ knownAfterSeconds: 60, delegatedScopes: [] });
  const { tenant } = simulator;
  tenant.consent(tenant.clientId, ['https://outlook.office.com/IMAP.AccessAsUser.All', 'SMTP.Send'], {
    knownAfterSeconds: 120,
  });
  expect(() => signIn(simulator)).toThrow(/^AADSTS700016/);
  simulator.advance(60_000);
  expect(signIn(simulator).get('error_description')).toMatch(/^AADSTS90094/);
  simulator.advance(60_000);
  expect(signIn(simulator).has('code')).toBe(true);
});
