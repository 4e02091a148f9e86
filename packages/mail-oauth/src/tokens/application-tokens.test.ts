import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { type AppOptions, selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import { isKnownError } from '@itsm-m365/plugin-api';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ApplicationSettings } from '../application-fields.ts';
import type { MailApplication } from '../applications.ts';
import { openStage, type Stage } from '../sign-in/testing/stage.ts';
import { createAccountTokens } from './account-tokens.ts';

const secret = 'planted~Secret.Value-8Q~abcdefghijklmnop';
const exchangeRoles = ['IMAP.AccessAsApp', 'SMTP.SendAsApp'];

let test: TestDatabase;
const open: Stage[] = [];
beforeAll(async () => {
  const [engine] = eachDatabase();
  if (engine === undefined) throw new Error('no database');
  test = await engine.open();
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => test.close());

const stage = async (app: AppOptions = {}, options: Parameters<typeof openStage>[1] = {}): Promise<Stage> => {
  const made = await openStage(test.db, {
    ...options,
    app: { platform: 'web', secrets: [secret], exchangeRoles, roles: ['Mail.Send'], ...app },
  });
  open.push(made);
  return made;
};
type Credential = ApplicationSettings['credential'];
const keep = async (on: Stage, field: string, value: string) =>
  on.services.secrets.store(value, {
    owner: 'mail-oauth.applications/application-1',
    field: `credential.${field}`,
    boundTo: { tenantId: on.tenant.tenantId, clientId: on.tenant.clientId },
  });
const withSecret = async (on: Stage, value = secret, validUntil = '2099-12-31'): Promise<MailApplication> =>
  on.application({
    flow: 'app-only',
    credential: { type: 'secret', value: await keep(on, 'value', value), validUntil } as Credential,
  });
const errorOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isKnownError(error)) throw error ?? new Error('expected a refusal');
  return error;
};
const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

it('ADV-08: an application gets its token with a client secret, for Exchange and not for Graph', async () => {
  const on = await stage();
  const tokens = on.tokens(on.account(), await withSecret(on));
  const token = await tokens.token('exchange');
  expect(claims(token)).toMatchObject({ aud: 'https://outlook.office365.com', roles: exchangeRoles });
  expect(claims(await tokens.token('graph'))).toMatchObject({
    aud: 'https://graph.microsoft.com',
    roles: ['Mail.Send'],
  });
  expect(await tokens.token('exchange')).toBe(token);
  expect(on.tokenRequests()).toBe(2);
});

it('a certificate, and a federated assertion out of a file, get tokens for Exchange', async () => {
  const pair = selfSignedCertificate();
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const trusted = { issuer: 'https://platform.example', subject: 'mail' };
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kty: 'RSA', kid: 'one' }] };
  const on = await stage(
    {
      secrets: [],
      certificates: [pair.certificatePem],
      federatedCredentials: [{ ...trusted, jwks }],
      // The library dates its assertions by the machine's clock.
    },
    { start: Date.now() },
  );
  const certificate = on.application({
    flow: 'app-only',
    credential: {
      type: 'certificate',
      certificate: pair.certificatePem,
      privateKey: await keep(on, 'privateKey', pair.privateKeyPem),
    } as Credential,
  });
  expect(claims(await on.tokens(on.account(), certificate).token('exchange')).roles).toEqual(exchangeRoles);
  const folder = await mkdtemp(join(tmpdir(), 'assertion-'));
  try {
    const location = join(folder, 'token');
    const seconds = Math.floor(on.clock.now() / 1000);
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(trusted.issuer)
      .setSubject(trusted.subject)
      .setAudience('api://AzureADTokenExchange')
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 600)
      .sign(privateKey);
    await writeFile(location, assertion);
    const credential = { type: 'federated', source: 'file', location } as Credential;
    const federated = on.application({ flow: 'app-only', credential });
    expect(await on.tokens(on.account(), federated).token('exchange')).toMatch(/^eyJ/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('ADV-02: an application that Entra does not know yet is told as possibly too new, and works once it is known', async () => {
  const on = await stage({ knownAfterSeconds: 600 });
  const tokens = on.tokens(on.account(), await withSecret(on));
  const error = await errorOf(tokens.token('exchange'));
  expect(error).toMatchObject({ code: 'ENTRA_CONFIGURATION', details: { aadsts: 700016 } });
  expect(error.remedy('en')).toMatch(/some minutes \(rarely hours\)/);
  expect(error.remedy('de')).toMatch(/einige Minuten \(selten Stunden\)/);
  on.clock.advance(601_000);
  expect(await tokens.token('exchange')).toMatch(/^eyJ/);
});

it('ADV-07: a consent that is missing is told with the button that gives it', async () => {
  const on = await stage();
  on.running.simulator.faults.enable('entra-refusal', { number: 650056 });
  const error = await errorOf(on.tokens(on.account(), await withSecret(on)).token('exchange'));
  expect(error).toMatchObject({ code: 'ENTRA_CONSENT_MISSING', details: { acts: 'entra' } });
  expect(error.remedy('en')).toContain('Grant admin consent');
});

it('ADV-10: an expired secret is told as such, and a new one that is stored works at once', async () => {
  const on = await stage({
    secrets: [{ value: secret, expiresAt: Date.UTC(2026, 0, 1) }, 'another~Secret.of-9Q~kQ7zz'],
  });
  const remote = await errorOf(on.tokens(on.account(), await withSecret(on)).token('exchange'));
  expect(remote).toMatchObject({ code: 'ENTRA_CREDENTIAL_REFUSED', details: { aadsts: 7000222 } });
  expect(remote.remedy('de')).toContain('neues Geheimnis');
  const requests = on.tokenRequests();
  const local = await errorOf(on.tokens(on.account(), await withSecret(on, secret, '2025-12-31')).token('exchange'));
  expect(local.code).toBe('SECRET_EXPIRED');
  expect(on.tokenRequests()).toBe(requests);
  const renewed = await withSecret(on, 'another~Secret.of-9Q~kQ7zz');
  expect(await on.tokens(on.account(), renewed).token('exchange')).toMatch(/^eyJ/);
});

it('ADV-11: the secret’s id in the place of its value is recognised without a request', async () => {
  const on = await stage();
  const id = '0f0e0d0c-0b0a-4908-8706-050403020100';
  expect((await errorOf(on.tokens(on.account(), await withSecret(on, id)).token('exchange'))).code).toBe(
    'SECRET_VALUE_IS_ID',
  );
  expect(on.tokenRequests()).toBe(0);
  const wrong = await errorOf(
    on.tokens(on.account(), await withSecret(on, 'wrong~Secret.of-9Q~kQ7zz')).token('exchange'),
  );
  expect(wrong.remedy('en')).toContain('copy its value (not its ID)');
});

it('an application without a credential is told so, and one that could not be revealed is tried again', async () => {
  const on = await stage();
  const none = on.tokens(on.account(), on.application({ flow: 'app-only' }));
  expect((await errorOf(none.token('exchange'))).code).toBe('CREDENTIAL_MISSING');
  const application = await withSecret(on);
  let lost = true;
  const secrets = {
    ...on.services.secrets,
    reveal: (...[ref, binding]: Parameters<typeof on.services.secrets.reveal>) =>
      lost ? Promise.reject(new Error('not now')) : on.services.secrets.reveal(ref, binding),
  };

  const tokens = createAccountTokens({ account: on.account(), application, services: { ...on.services, secrets } });
  await expect(tokens.token('exchange')).rejects.toThrow('not now');
  lost = false;
  expect(await tokens.token('exchange')).toMatch(/^eyJ/);
});

it('a refused token is replaced by another one', async () => {
  const on = await stage();
  const tokens = on.tokens(on.account(), await withSecret(on));
  const refused = await tokens.token('exchange');
  on.clock.advance(1000);
  expect(await tokens.token('exchange', { refused })).not.toBe(refused);
  await tokens.renew();
});
