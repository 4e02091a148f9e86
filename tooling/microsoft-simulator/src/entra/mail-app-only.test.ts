import { decodeJwt, importSPKI, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { createSimulator, type SimulatorOptions } from '../index.ts';
import { json, requestToken } from '../testing/client.ts';
import { start } from '../testing/sign-in.ts';

const exchange = 'https://outlook.office365.com/.default';
const exchangeRoles = ['IMAP.AccessAsApp', 'SMTP.SendAsApp'];
const make = (options: SimulatorOptions = {}) =>
  createSimulator({
    secret: 's',
    clock: { now: () => start },
    tenants: [{ users: 10, apps: [{ exchangeRoles }] }],
    ...options,
  });

test('client credentials give a token for Exchange with the app’s roles there', () => {
  const simulator = make();
  const { tenant } = simulator;
  const body = json(requestToken(simulator, { client_secret: 's', scope: exchange }));
  const claims = decodeJwt(String(body.access_token));
  expect(claims).toMatchObject({
    aud: 'https://outlook.office365.com',
    idtyp: 'app',
    appid: tenant.clientId,
    oid: tenant.apps[0]?.objectId,
    roles: exchangeRoles,
  });
  expect(claims).not.toHaveProperty('upn');
  expect(claims).not.toHaveProperty('preferred_username');
});

test('an app without roles on Exchange gets a token that has none, and learns of new ones in time', () => {
  const simulator = make({ tenants: [{ users: 10 }] });
  const { tenant } = simulator;
  const roles = () =>
    decodeJwt(String(json(requestToken(simulator, { client_secret: 's', scope: exchange })).access_token)).roles;
  expect(roles()).toBeUndefined();
  tenant.consent(tenant.clientId, ['IMAP.AccessAsApp'], { knownAfterSeconds: 30 });
  expect(roles()).toBeUndefined();
  simulator.advance(30_000);
  expect(roles()).toEqual(['IMAP.AccessAsApp']);
  tenant.withdrawConsent(tenant.clientId, ['IMAP.AccessAsApp']);
  expect(roles()).toBeUndefined();
});

test('a scope of two resources, an unknown resource, /organizations and another cloud are refused', () => {
  const simulator = make();
  const code = (form: Record<string, string>, name?: string) =>
    json(requestToken(simulator, { client_secret: 's', scope: exchange, ...form }, name === undefined ? {} : { name }))
      .error_codes;
  expect(code({ scope: `${exchange} https://graph.microsoft.com/.default` })).toEqual([70011]);
  expect(code({ scope: 'https://outlook.example/.default' })).toEqual([500011]);
  expect(code({}, 'organizations')).toEqual([9001023]);
  expect(code({ client_id: 'Desk' })).toEqual([90112]);
  const china = make({ tenants: [{ users: 10, cloud: 'china' }] });
  expect(json(requestToken(china, { client_secret: 's', scope: exchange })).error_codes).toEqual([500011]);
});

test('extra claims are put over the token’s own, and the PEM key proves it by its kid', async () => {
  const extraClaims = { preferred_username: 'desk@contoso.example', scope: 'IMAP.AccessAsUser.All' };
  const simulator = make({ tenants: [{ users: 10, apps: [{ exchangeRoles, extraClaims }] }] });
  const token = String(json(requestToken(simulator, { client_secret: 's', scope: exchange })).access_token);
  const { kid, pem } = simulator.signingKeyPem();
  const { payload, protectedHeader } = await jwtVerify(token, await importSPKI(pem, 'RS256'), {
    currentDate: new Date(start),
  });
  expect(payload).toMatchObject(extraClaims);
  expect(protectedHeader).toMatchObject({ alg: 'RS256', kid });
});
