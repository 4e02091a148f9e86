import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { type AppOptions, SignInStopped, type Simulator, startSimulator } from '../index.ts';
import { authorizeUrl, challenge, mailSimulator, redeem, signIn } from '../testing/sign-in.ts';

const desk = 'desk@contoso.example';
const numberOf = (description: string | null): number => Number(/^AADSTS(\d+):/.exec(description ?? '')?.[1]);

const redeemedName = (simulator: Simulator, code: string | null): unknown =>
  decodeJwt(String(redeem(simulator, code).body.id_token)).preferred_username;

/** The AADSTS number, from the page the browser stays on or from the redirect. */
const refused = (app: AppOptions, parameters: Readonly<Record<string, string | undefined>>, name?: string) => {
  const simulator = mailSimulator(app);
  try {
    const location = simulator.signIn({ url: authorizeUrl(simulator, parameters, name), user: desk });
    return ['redirect', numberOf(new URL(location).searchParams.get('error_description'))];
  } catch (problem) {
    return ['page', problem instanceof SignInStopped ? problem.code : problem];
  }
};

describe('the authorization endpoint', () => {
  test('sends the browser back with a code and the state as it came', () => {
    const simulator = mailSimulator();
    const location = simulator.signIn({ url: authorizeUrl(simulator, { state: 'a b&c=ü' }), user: desk });
    expect(location).toMatch(/^http:\/\/localhost:49152\/\?code=/);
    const query = new URL(location).searchParams;
    expect(query.get('state')).toBe('a b&c=ü');
    expect(query.get('code')?.length).toBeGreaterThan(500);
    expect(query.has('error')).toBe(false);
  });

  const web: AppOptions = { platform: 'web', redirectUris: ['https://desk.example/back'] };
  const cases: readonly (readonly [string, AppOptions, Record<string, string | undefined>, string, number])[] = [
    ['an unknown app', {}, { client_id: crypto.randomUUID() }, 'page', 700016],
    ['a client id that is no GUID', {}, { client_id: 'Desk' }, 'page', 90112],
    ['a redirect URI not registered', {}, { redirect_uri: 'https://desk.example/back' }, 'page', 50011],
    ['a redirect URI with a slash more', web, { redirect_uri: 'https://desk.example/back/' }, 'page', 50011],
    [
      'another port where the app is of platform web',
      web,
      { redirect_uri: 'https://desk.example:8443/back' },
      'page',
      50011,
    ],
    ['no redirect URI', {}, { redirect_uri: undefined }, 'page', 900971],
    ['another response type', {}, { response_type: 'token' }, 'redirect', 70005],
    ['another response mode', {}, { response_mode: 'form_post' }, 'redirect', 70007],
    ['a plain challenge', {}, { code_challenge_method: 'plain' }, 'redirect', 50147],
    ['a challenge of wrong size', {}, { code_challenge: challenge.slice(1) }, 'redirect', 50147],
    [
      'no challenge from a public client',
      {},
      { code_challenge: undefined, code_challenge_method: undefined },
      'redirect',
      9002325,
    ],
    ['a scope its resource lacks', {}, { scope: 'https://outlook.office.com/IMAP.1' }, 'redirect', 650053],
    ['an unknown resource', {}, { scope: 'https://mail.example/IMAP.AccessAsUser.All' }, 'redirect', 500011],
    ['no consent where users may not give it', { delegatedScopes: [] }, {}, 'redirect', 90094],
    ['no session where no page may be shown', {}, { prompt: 'none' }, 'redirect', 50058],
    ['a user not assigned to the app', { assignmentRequired: true }, {}, 'page', 50105],
  ];
  test.each(cases)('refuses %s', (_, app, parameters, where, code) => {
    expect(refused(app, parameters)).toEqual([where, code]);
  });

  test('takes a single-tenant app at its tenant only, by id or domain', () => {
    expect(refused({}, {}, 'organizations')).toEqual(['page', 50194]);
    expect(refused({}, {}, 'consumers')).toEqual(['page', 90124]);
    expect(refused({}, {}, 'fabrikam.example')).toEqual(['page', 90002]);
    expect(refused({}, {}, 'contoso.example')).toEqual(['redirect', Number.NaN]);
    expect(refused({ accountTypes: 'organizations' }, {}, 'organizations')).toEqual(['redirect', Number.NaN]);
  });

  test('ignores the port of a loopback address of a desktop app, and nothing else of it', () => {
    const of = (redirect_uri: string, app: AppOptions = {}) => refused(app, { redirect_uri })[1];
    expect([of('http://localhost:1'), of('http://localhost:65535/'), of('http://localhost')]).toEqual([NaN, NaN, NaN]);
    expect([of('http://localhost:1/other'), of('https://localhost:1'), of('http://localhost.evil.example:1')]).toEqual([
      50011, 50011, 50011,
    ]);
    expect(of('http://127.0.0.1:1')).toBe(50011);
    expect(of('http://localhost:1', { platform: 'web', redirectUris: ['http://localhost'] })).toBe(50011);
  });

  test('reports a user who cancels', () => {
    const query = signIn(mailSimulator(), { user: desk, deny: true });
    expect([query.get('error'), query.get('error_subcode'), query.get('state')]).toEqual([
      'access_denied',
      'cancel',
      'the state',
    ]);
    expect(numberOf(query.get('error_description'))).toBe(65004);
  });

  test('records the consent of a user where users may consent', () => {
    const simulator = mailSimulator({ delegatedScopes: [] });
    simulator.tenant.policy.userConsent = true;
    expect(signIn(simulator).has('code')).toBe(true);
    simulator.tenant.policy.userConsent = false;
    expect(signIn(simulator).has('code')).toBe(true);
    expect(signIn(simulator, { user: 'ann@contoso.example' }).get('error')).toBe('access_denied');
  });

  test('keeps the browser where the account is refused', () => {
    const simulator = mailSimulator();
    const { tenant } = simulator;
    const code = (choice: Parameters<typeof signIn>[1] = { user: desk }): unknown => {
      try {
        return signIn(simulator, choice).get('code')?.slice(0, 4);
      } catch (problem) {
        return problem instanceof SignInStopped ? problem.code : problem;
      }
    };
    expect(code({ user: 'nobody@contoso.example' })).toBe(50034);
    tenant.changePassword(desk, 'new');
    expect([code({ user: desk, password: 'old' }), code({ user: desk, password: 'new' })]).toEqual([50126, '1.AX']);
    tenant.requireSecondFactor(desk);
    expect([code({ user: desk, secondFactor: 'missing' }), code()]).toEqual([50074, '1.AX']);
    tenant.lockUser(desk);
    expect(code()).toBe(50053);
    tenant.unlockUser(desk);
    tenant.disableUser(desk);
    expect(code()).toBe(50057);
    tenant.enableUser(desk);
    tenant.policy.blocked = 53003;
    expect(code()).toBe(53003);
    tenant.policy.blocked = undefined;
    expect([code(), code({})]).toEqual(['1.AX', 0]);
  });

  test('takes the account the browser is signed in with, unless asked not to', () => {
    const simulator = mailSimulator();
    const who = (parameters: Record<string, string>): unknown => {
      const choice = { user: desk, singleSignOn: 'ann@contoso.example' };
      const code = signIn(simulator, choice, { scope: 'openid', ...parameters }).get('code');
      return redeemedName(simulator, code);
    };
    expect(who({})).toBe('ann@contoso.example');
    expect(who({ prompt: 'select_account' })).toBe(desk);
    expect(who({ prompt: 'login' })).toBe(desk);
    expect(who({ login_hint: desk })).toBe(desk);
    expect(who({ prompt: 'none' })).toBe('ann@contoso.example');
  });

  test('shows a page to pick an account on, under the login host and at its own address', async () => {
    const simulator = mailSimulator();
    const running = await startSimulator({ simulator });
    try {
      const path = authorizeUrl(simulator).replace('https://login.microsoftonline.com', '');
      const page = await fetch(`${running.url}${path}`);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      const text = await page.text();
      const link = /<a href="([^"]*simulator_user=desk[^"]*)">desk@contoso\.example</.exec(text)?.[1] ?? '';
      const answer = await fetch(`${running.url}${link.replaceAll('&amp;', '&')}`, { redirect: 'manual' });
      expect(answer.status).toBe(302);
      expect(answer.headers.get('location')).toMatch(/^http:\/\/localhost:49152\/\?code=/);
      const wrong = await fetch(`${running.url}${path.replace('49152', '49152%2F<b>')}`);
      const words = await wrong.text();
      expect(words).toContain('AADSTS50011');
      expect(words).not.toContain('<b>');
      expect((await fetch(`${running.url}/common/oauth2/nativeclient?code=x`)).status).toBe(200);
    } finally {
      await running.close();
    }
  });
});
