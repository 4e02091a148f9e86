import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { type AppOptions, type Simulator, startSimulator } from '../index.ts';
import { mailSimulator, post, refresh, scope } from '../testing/sign-in.ts';

const desk = 'desk@contoso.example';
const grant = 'urn:ietf:params:oauth:grant-type:device_code';

const begin = (app: AppOptions = { allowPublicClient: true }) => {
  const simulator = mailSimulator(app);
  const { body } = post(simulator, { scope }, { path: 'devicecode' });
  const code = String(body.device_code);
  const poll = (form: Record<string, string> = {}) => {
    simulator.advance(5_000);
    return post(simulator, { grant_type: grant, device_code: code, ...form });
  };
  return { simulator, body, poll, userCode: String(body.user_code) };
};

const approve = (simulator: Simulator, userCode: string): void => simulator.enterDeviceCode({ userCode, user: desk });

describe('the device code flow', () => {
  test('waits for the user, then gives the tokens once', () => {
    const { simulator, body, poll, userCode } = begin();
    expect(body).toMatchObject({ expires_in: 900, interval: 5, verification_uri: 'https://microsoft.com/devicelogin' });
    expect(body.message).toContain(userCode);
    expect(poll()).toMatchObject({ code: 70016, body: { error: 'authorization_pending' } });
    approve(simulator, userCode.toLowerCase());
    const answer = poll();
    expect(decodeJwt(String(answer.body.access_token))).toMatchObject({ upn: desk, aud: 'https://outlook.office.com' });
    expect(refresh(simulator, answer.body.refresh_token).code).toBeUndefined();
    expect(poll().code).toBe(90120);
    expect(() => approve(simulator, userCode)).toThrow(/^AADSTS90120/);
  });

  test('asks for patience who polls too fast, and for more each time', () => {
    const { simulator, body, poll } = begin();
    const hurry = () =>
      post(simulator, { grant_type: 'device_code', device_code: String(body.device_code) }).body.error;
    expect(hurry()).toBe('authorization_pending');
    expect(hurry()).toBe('slow_down');
    expect(poll().body.error).toBe('slow_down');
    simulator.advance(10_000);
    expect(poll().body.error).toBe('authorization_pending');
  });

  test('ends after 15 minutes, with a wrong code, and when the user declines', () => {
    const { simulator, poll, userCode } = begin();
    expect(poll({ device_code: 'other' })).toMatchObject({ code: 70018, body: { error: 'bad_verification_code' } });
    expect(() => approve(simulator, 'BBBBBBBBB')).toThrow(/^AADSTS70018/);
    simulator.advance(900_000);
    expect(poll()).toMatchObject({ code: 70019, body: { error: 'expired_token' } });
    expect(() => approve(simulator, userCode)).toThrow(/^AADSTS70019/);
    const other = begin();
    other.simulator.enterDeviceCode({ userCode: other.userCode, user: desk, deny: true });
    expect(other.poll().body.error).toBe('authorization_declined');
  });

  test('needs public client flows allowed, or a secret', () => {
    expect(begin({}).poll().code).toBe(7000218);
    expect(begin({ secrets: ['s'] }).poll({ client_secret: 's' }).code).toBe(70016);
    expect(begin().poll({ client_secret: 's' }).code).toBe(700025);
  });

  test.each([53003, 50199] as const)('can be blocked by a policy as %i', (code) => {
    const { simulator, poll, userCode } = begin();
    simulator.tenant.policy.deviceCode = code;
    approve(simulator, userCode);
    expect(poll().code).toBe(code);
    simulator.tenant.policy.deviceCode = undefined;
    expect(poll().code).toBeUndefined();
  });

  test('refuses what names no client, no scope, two resources, or is at /common for one tenant', () => {
    const simulator = mailSimulator({ allowPublicClient: true });
    const start = (form: Record<string, string>, name?: string) =>
      post(simulator, form, { path: 'devicecode', ...(name === undefined ? {} : { name }) }).code;
    expect(start({ client_id: '', scope })).toBe(900144);
    expect(start({})).toBe(900144);
    expect(start({ scope: `${scope} Mail.ReadWrite` })).toBe(28000);
    expect(start({ scope, client_id: crypto.randomUUID() })).toBe(700016);
    expect(start({ scope }, 'common')).toBe(50194);
    expect(start({ scope }, 'nowhere.example')).toBe(90002);
  });

  test('has a page at the simulator’s own address, and routes of the control surface', async () => {
    const { simulator, poll, userCode } = begin();
    const running = await startSimulator({ simulator });
    try {
      const page = await fetch(`${running.url}/devicelogin?user_code=${userCode}&user=${desk}`);
      expect(await page.text()).toContain('Approved');
      expect(poll().code).toBeUndefined();
      const body = JSON.stringify({ userCode, user: desk });
      const answer = await fetch(`${running.url}/_control/device-code`, { method: 'POST', body });
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('AADSTS90120')]);
    } finally {
      await running.close();
    }
  });
});
