import { describe, expect, test } from 'vitest';
import { startSimulator } from '../index.ts';
import { authorizeUrl, mailSimulator, post, refresh, scope, signedIn, signIn } from '../testing/sign-in.ts';
import { entraProblems } from './errors.ts';

const desk = 'desk@contoso.example';

describe('the fault entra-refusal', () => {
  test.each(Object.keys(entraProblems).map(Number))('refuses with %i and the body of Entra', (number) => {
    const simulator = mailSimulator();
    const token = signedIn(simulator).refresh_token;
    simulator.faults.enable('entra-refusal', { number, times: 1 });
    const { reply, body, code } = refresh(simulator, token);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(code).toBe(number);
    expect(body.error_description).toMatch(new RegExp(`^AADSTS${number}: .+\\.(?: |\\r\\n).*`));
    expect(body.error).toMatch(/^[a-z_]+$/);
    expect(refresh(simulator, token).code).toBeUndefined();
  });

  test('takes a number it has no sentence for', () => {
    const simulator = mailSimulator();
    simulator.faults.enable('entra-refusal', { number: 123456 });
    expect(refresh(simulator, 'x').body).toMatchObject({ error: 'invalid_grant', error_codes: [123456] });
  });

  test('strikes the other endpoints only where it names them', () => {
    const simulator = mailSimulator();
    const begin = () => post(simulator, { scope }, { path: 'devicecode' }).code;
    simulator.faults.enable('entra-refusal', { number: 65004 });
    expect([signIn(simulator).has('code'), begin()]).toEqual([true, undefined]);
    simulator.faults.clear();
    simulator.faults.enable('entra-refusal', { number: 90095, endpoint: 'authorize' });
    expect(signIn(simulator).get('error_description')).toMatch(/^AADSTS90095/);
    simulator.faults.enable('entra-refusal', { number: 50196, endpoint: 'devicecode' });
    expect(begin()).toBe(50196);
  });
});

test('accounts, apps and policies can be changed, and people signed in, over the control surface', async () => {
  const simulator = mailSimulator();
  const running = await startSimulator({ simulator });
  const call = async (path: string, body: unknown) => {
    const reply = await fetch(`${running.url}/_control${path}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: reply.status, body: (await reply.json()) as Readonly<Record<string, unknown>> };
  };
  const mutate = (...deeds: readonly unknown[]) => call('/tenants/0/mutations', deeds);
  const { clientId } = simulator.tenant;
  try {
    const url = authorizeUrl(simulator);
    const back = await call('/sign-in', { url, user: desk });
    expect(back.body.location).toMatch(/^http:\/\/localhost:49152\/\?code=/);
    const token = signedIn(simulator).refresh_token;
    const names = [
      ['revoke-sessions', 50173],
      ['change-password', 50133],
      ['expire-refresh-tokens', 700082],
      ['lock-user', 50053],
      ['disable-user', 50057],
    ] as const;
    for (const [name, code] of names) {
      const fresh = name === 'lock-user' ? signedIn(simulator).refresh_token : token;
      expect((await mutate({ do: name, user: desk })).status).toBe(200);
      expect([50173, code]).toContain(refresh(simulator, fresh).code);
    }
    await mutate({ do: 'unlock-user', user: desk }, { do: 'enable-user', user: desk });
    const refused = async (deed: unknown, code: number) => {
      const fresh = signedIn(simulator).refresh_token;
      await mutate(deed);
      expect(refresh(simulator, fresh, { scope: 'https://outlook.office.com/SMTP.Send' }).code).toBe(code);
    };
    await refused({ do: 'require-second-factor', user: desk }, 50076);
    await refused({ do: 'set-policy', blocked: 530035 }, 530035);
    await mutate({ do: 'set-policy', blocked: null });
    await refused({ do: 'withdraw-consent', clientId, scopes: ['https://outlook.office.com/SMTP.Send'] }, 65001);
    await mutate({ do: 'consent', clientId, scopes: ['SMTP.Send'] });
    expect(signIn(simulator).has('code')).toBe(true);
    expect((await mutate({ do: 'set-policy', colour: 'red' })).status).toBe(400);
    const added = await mutate({ do: 'add-app', app: { platform: 'public', redirectUris: ['http://localhost'] } });
    expect(simulator.tenant.apps.at(-1)).toMatchObject({ platform: 'public', secrets: [] });
    expect(added.status).toBe(200);
    await mutate({ do: 'assign-user', clientId, user: desk }, { do: 'unassign-user', clientId, user: desk });
    expect((await call('/sign-in', { url, user: 'nobody@contoso.example' })).body.error).toMatch(/^AADSTS50034/);
  } finally {
    await running.close();
  }
});
