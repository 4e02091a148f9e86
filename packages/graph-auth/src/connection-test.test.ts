import { afterEach, expect, test } from 'vitest';
import { testConnection } from './connection-test.ts';
import { json, oddServer } from './testing/odd-server.ts';
import { makePair } from './testing/pairs.ts';
import { rejection } from './testing/surroundings.ts';
import { secretValue, type TestTenant, testTenant } from './testing/tenant.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const tenant = async (roles?: readonly string[]): Promise<TestTenant> => {
  const made = await testTenant();
  open.push(made);
  const app = made.running.simulator.tenant.apps[0];
  if (roles !== undefined && app !== undefined) app.roles = [...roles];
  return made;
};
const outcomes = ({ steps }: Awaited<ReturnType<typeof testConnection>>) =>
  Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]));

/** The simulator has no listing of groups. */
const groupsAnswering = async (status: number) => {
  const server = await oddServer((request, response) => {
    if (request.method === 'POST')
      return json(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: 'opaque, never parsed' });
    if (request.url !== '/v1.0/groups?$top=1&$select=id' || status === 200) return json(response, 200, { value: [] });
    return json(response, status, {
      error: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' },
    });
  });
  open.push(server);
  return { ...(await tenant()).options, http: server.http };
};

test('AUTH-15: the values typed so far are checked before the portal is saved', async () => {
  const { options, running } = await tenant();
  const report = await testConnection(options);
  expect(report.ok).toBe(true);
  expect(outcomes(report)).toMatchObject({
    credential: 'passed',
    token: 'passed',
    users: 'passed',
    skus: 'passed',
    organization: 'passed',
    subscriptions: 'passed',
    groups: 'warning',
  });
  expect(running.simulator.statistics.report().tokensIssued).toBe(1);
});

test('AUTH-15: a certificate is tested like a secret', async () => {
  const { options, running } = await tenant();
  const pair = makePair();
  running.simulator.tenant.apps[0]?.addCertificate(pair.certificatePem);
  expect((await testConnection({ ...options, credential: { type: 'certificate', ...pair } })).ok).toBe(true);
});

test('AUTH-15: wrong entries are told at the step where they are found, and later steps are skipped', async () => {
  const { options, running } = await tenant();
  const local = await testConnection({ ...options, tenantId: 'not a tenant' });
  expect(local.steps[0]).toMatchObject({ id: 'credential', outcome: 'failed', code: 'TENANT_INVALID' });
  expect(local.steps.slice(1).every(({ outcome }) => outcome === 'skipped')).toBe(true);
  expect(running.simulator.statistics.report().roundTrips).toBe(0);
  const remote = await testConnection({
    ...options,
    credential: { type: 'secret', value: 'wrong', validUntil: options.clock.now() + 1e10 },
  });
  expect(remote.ok).toBe(false);
  expect(remote.steps[1]).toMatchObject({
    id: 'token',
    outcome: 'failed',
    code: 'ENTRA_CREDENTIAL_REFUSED',
    evidence: { aadsts: '7000215', class: 'remote', correlationId: expect.any(String), traceId: expect.any(String) },
  });
  expect(outcomes(remote)).toMatchObject({ users: 'skipped', skus: 'skipped' });
});

test('M365-07: before consent the test fails with the remedy to grant it', async () => {
  const { options } = await tenant([]);
  const report = await testConnection(options);
  expect(report.ok).toBe(false);
  for (const id of ['users', 'skus']) {
    const step = report.steps.find((one) => one.id === id);
    expect(step).toMatchObject({ outcome: 'failed', code: 'ENTRA_CONSENT_MISSING' });
    expect(step?.remedy?.en).toContain('Grant admin consent');
    expect(step?.remedy?.de).toContain('Administratorzustimmung erteilen');
  }
});

test('M365-04: without User.Read.All the test names it and the figure it unlocks', async () => {
  const { options } = await tenant(['Organization.Read.All']);
  const report = await testConnection(options);
  expect(report.ok).toBe(false);
  expect(report.steps.find(({ id }) => id === 'users')).toMatchObject({
    outcome: 'failed',
    code: 'GRAPH_PERMISSION_MISSING',
    unlocks: { en: expect.stringContaining('Consumers') },
    remedy: { en: expect.stringContaining('User.Read.All (type: Application, not delegated)') },
    evidence: { requestId: expect.any(String), clientRequestId: expect.any(String) },
  });
  expect(outcomes(report)).toMatchObject({ skus: 'passed', organization: 'passed' });
});

test('M365-05: without Organization.Read.All the test names it, spelt with z', async () => {
  const { options } = await tenant(['User.Read.All']);
  const report = await testConnection(options);
  expect(outcomes(report)).toMatchObject({
    users: 'passed',
    skus: 'failed',
    organization: 'failed',
    subscriptions: 'failed',
  });
  expect(report.steps.find(({ id }) => id === 'skus')?.message?.en).toContain('Organization.Read.All');
  expect(JSON.stringify(report)).not.toContain('Organisation.Read.All');
});

test('M365-05: LicenseAssignment.Read.All is accepted instead, with a warning about what it does not open', async () => {
  const { options } = await tenant(['User.Read.All', 'LicenseAssignment.Read.All']);
  const report = await testConnection(options);
  expect(report.ok).toBe(true);
  expect(outcomes(report)).toMatchObject({ skus: 'passed', organization: 'warning', subscriptions: 'warning' });
});

test('the optional permission for group names warns where it is missing, and does not fail the test', async () => {
  const report = await testConnection(await groupsAnswering(403));
  expect(report.steps.find(({ id }) => id === 'groups')).toMatchObject({
    outcome: 'warning',
    code: 'GRAPH_PERMISSION_MISSING',
    remedy: { en: expect.stringContaining('GroupMember.Read.All') },
  });
  expect(report.ok).toBe(true);
});

test('the optional permission for group names passes where it is granted', async () => {
  const report = await testConnection(await groupsAnswering(200));
  expect(report.steps.every(({ outcome }) => outcome === 'passed')).toBe(true);
});

test('AUTH-13: a credential near its end passes with a warning', async () => {
  const { options } = await tenant();
  const credential = { type: 'secret', value: secretValue, validUntil: options.clock.now() + 5 * 86_400_000 } as const;
  const report = await testConnection({ ...options, credential });
  expect(report.ok).toBe(true);
  expect(report.steps[0]).toMatchObject({ outcome: 'warning', code: 'CREDENTIAL_EXPIRES' });
});

test('AUTH-13: an expired credential fails without a request', async () => {
  const { options, running } = await tenant();
  const report = await testConnection({
    ...options,
    credential: { type: 'secret', value: secretValue, validUntil: 1 },
  });
  expect(report.steps[0]).toMatchObject({ outcome: 'failed', code: 'SECRET_EXPIRED' });
  expect(running.simulator.statistics.report().roundTrips).toBe(0);
});

test('GERR-02: no connection is reported by the exact sentence, in a bounded time', async () => {
  const { options } = await tenant();
  const server = await oddServer((request) => request.socket.destroy());
  open.push(server);
  const report = await testConnection({ ...options, http: server.http });
  expect(report.steps[1]).toMatchObject({
    outcome: 'failed',
    message: { en: 'Could not connect to GraphAPI server.' },
  });
  expect(server.seen.length).toBe(2);
});

test('a throttle is told as one and never as a missing permission', async () => {
  const { options, running } = await tenant();
  running.simulator.faults.enable('too-many-requests', { retryAfterSeconds: 600 });
  const report = await testConnection(options);
  expect(new Set(report.steps.slice(2, -1).map(({ code }) => code))).toEqual(new Set(['GRAPH_THROTTLED']));
});

test('what the credential cannot be made from is the failure of the first step', async () => {
  const { options } = await tenant();
  const { graphErrors } = await import('./errors.ts');
  const credential = async () => {
    throw graphErrors.CREDENTIAL_MISSING({ field: 'value' });
  };
  expect((await testConnection({ ...options, credential })).steps[0]).toMatchObject({
    outcome: 'failed',
    code: 'CREDENTIAL_MISSING',
  });
});

test('an abort ends the test at once', async () => {
  const { options } = await tenant();
  const server = await oddServer(() => undefined);
  open.push(server);
  const controller = new AbortController();
  const waiting = rejection(testConnection({ ...options, http: server.http, signal: controller.signal }));
  setTimeout(() => controller.abort(new Error('closed')), 30);
  expect(await waiting).toMatchObject({ message: 'closed' });
});
