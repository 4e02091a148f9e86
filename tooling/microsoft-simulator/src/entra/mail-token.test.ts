import { expect, test } from 'vitest';
import { createSimulator, type MailToken, readMailToken, type Simulator } from '../index.ts';
import { accessToken, json, requestToken } from '../testing/client.ts';
import { mailSimulator, refresh, signedIn, start } from '../testing/sign-in.ts';
import { worldOf } from '../world.ts';

const desk = 'desk@contoso.example';
const read = (simulator: Simulator, token: unknown, tenant = simulator.tenant): MailToken =>
  readMailToken(worldOf(simulator), tenant, String(token));
const reason = (result: MailToken): string => (result.ok ? 'good' : result.reason);

test('tells the user and the scopes of a delegated token', () => {
  const simulator = mailSimulator();
  const { tenant } = simulator;
  expect(read(simulator, signedIn(simulator).access_token)).toEqual({
    ok: true,
    audience: 'https://outlook.office.com',
    appId: tenant.clientId,
    user: { id: tenant.identity.user(desk)?.id, upn: desk },
    scopes: ['IMAP.AccessAsUser.All', 'SMTP.Send'],
    roles: [],
  });
});

test('tells the roles of an app-only token, of Exchange and of Graph', () => {
  const apps = [{ exchangeRoles: ['POP.AccessAsApp'], secrets: ['s'] }];
  const simulator = createSimulator({ clock: { now: () => start }, tenants: [{ users: 10, apps }] });
  const ask = (scope: string) => json(requestToken(simulator, { client_secret: 's', scope })).access_token;
  const appId = simulator.tenant.clientId;
  expect(read(simulator, ask('https://outlook.office365.com/.default'))).toEqual({
    ok: true,
    audience: 'https://outlook.office365.com',
    appId,
    scopes: [],
    roles: ['POP.AccessAsApp'],
  });
  expect(read(simulator, accessToken(simulator))).toMatchObject({ ok: true, audience: 'https://graph.microsoft.com' });
  expect(reason(read(simulator, ask('https://outlook.office.com/.default')))).toBe('audience');
});

test('refuses what is no token, tampered with, past its end, or of another tenant', () => {
  const two = { users: 10, apps: [{ secrets: ['s'] }] };
  const simulator = createSimulator({ clock: { now: () => start }, tenants: [two, two] });
  const token = accessToken(simulator);
  const [head, , signature] = token.split('.');
  const forged = Buffer.from(JSON.stringify({ aud: 'https://outlook.office.com', exp: 9e9 })).toString('base64url');
  expect(reason(read(simulator, 'nonsense'))).toBe('malformed');
  expect(reason(read(simulator, token.slice(0, -20)))).toBe('signature');
  expect(reason(read(simulator, `${head}.${forged}.${signature}`))).toBe('signature');
  expect(reason(read(simulator, token, simulator.tenants[1]))).toBe('audience');
  expect(reason(read(simulator, token))).toBe('good');
  simulator.advance(3_599_000);
  expect(reason(read(simulator, token))).toBe('expired');
});

test('refuses a token whose user or app may no longer, or whose revocation took access tokens along', () => {
  const simulator = mailSimulator();
  const { tenant } = simulator;
  const token = signedIn(simulator).access_token;
  const now = () => reason(read(simulator, token));
  tenant.revokeSessions(desk);
  expect(now()).toBe('good');
  tenant.disableUser(desk);
  expect(now()).toBe('revoked');
  tenant.enableUser(desk);
  expect(now()).toBe('good');
  tenant.revokeSessions(desk, { accessTokens: true });
  expect(now()).toBe('revoked');
  const fresh = signedIn(simulator);
  expect(reason(read(simulator, fresh.access_token))).toBe('good');
  expect(reason(read(simulator, refresh(simulator, fresh.refresh_token).body.access_token))).toBe('good');
  tenant.apps.length = 0;
  expect(reason(read(simulator, fresh.access_token))).toBe('revoked');
});
