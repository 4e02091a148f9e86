import { jsonReply, type SimReply, type SimRequest } from '../http.ts';
import { serviceNow, type World } from '../world.ts';
import { refusedAccess, refusedAccount } from './account-checks.ts';
import { appOf, type GrantType, issueForUser } from './call.ts';
import { refusedClient } from './client-proof.ts';
import type { Refused } from './errors.ts';
import type { DeviceRecord, Grants } from './grants.ts';
import { placeOf } from './places.ts';
import { isRefused, readScopes } from './scopes.ts';
import { refusedEarly } from './user-grants.ts';

/** Entra page: OAuth 2.0 device authorization grant: 15 minutes, asked for every 5 seconds. */
const lifetimeSeconds = 900;
const intervalSeconds = 5;

const verificationPlace = 'https://microsoft.com/devicelogin';

/** RFC 8628 6.1: letters that cannot be mistaken, no vowels. */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';

const userCode = (world: World): string =>
  Array.from({ length: 9 }, () => alphabet[Math.floor(world.random() * alphabet.length)] ?? 'B').join('');

/** The device authorization endpoint (RFC 8628 3.1, 3.2). */
export const startDeviceCode = (
  world: World,
  grants: Grants,
  request: SimRequest,
  tenantName: string,
): SimReply | Refused => {
  if (request.method !== 'POST') return { code: 900561, subject: request.method };
  const form = new URLSearchParams(request.body);
  const clientId = form.get('client_id');
  if (clientId === null || clientId === '') return { code: 900144, subject: 'client_id' };
  const scope = form.get('scope');
  if (scope === null || scope === '') return { code: 900144, subject: 'scope' };
  const place = placeOf(world, tenantName, request.host, clientId);
  if (isRefused(place)) return place;
  const [home] = place.tenants;
  if (home === undefined) return { code: 90002, subject: tenantName };
  const asked = readScopes(home.cloud, scope);
  if (isRefused(asked)) return asked;
  if (asked.resources.length > 1) return { code: 28000, subject: scope };
  const record: DeviceRecord = {
    tenant: place.tenant,
    clientId: clientId.toLowerCase(),
    asked,
    userCode: userCode(world),
    expiresAt: serviceNow(world) + lifetimeSeconds * 1000,
    intervalSeconds,
    lastAskedAt: undefined,
    state: 'pending',
    grant: undefined,
  };
  const deviceCode = grants.opaque('DAQ', 160);
  grants.devices.set(deviceCode, record);
  return jsonReply(200, {
    user_code: record.userCode,
    device_code: deviceCode,
    verification_uri: verificationPlace,
    expires_in: lifetimeSeconds,
    interval: intervalSeconds,
    message: `To sign in, open ${verificationPlace} in a browser and enter the code ${record.userCode}.`,
  });
};

/** Polling the token endpoint (RFC 8628 3.4, 3.5). Too early by more than a second: `slow_down`, five seconds more. */
export const deviceCode: GrantType = (call) => {
  const { world, grants, form, proofs, proof, tenantName } = call;
  const early = refusedEarly(call);
  if (early !== undefined) return early;
  const code = form.get('device_code');
  if (code === null || code === '') return { code: 900144, subject: 'device_code' };
  const record = grants.devices.get(code);
  if (record === undefined) return { code: 70018, subject: '' };
  if (record.clientId !== call.clientId.toLowerCase())
    return { code: 70000, subject: 'it was issued to another client' };
  const home = record.grant?.tenant ?? record.tenant ?? call.tenant;
  if (home !== undefined) {
    const app = appOf(world, home, call.clientId);
    if (isRefused(app)) return app;
    const refused = refusedClient(proofs, 'device-code', proof, app, home, tenantName);
    if (refused !== undefined) return refused;
  }
  const now = serviceNow(world);
  if (record.state === 'redeemed') return { code: 90120, subject: '' };
  if (now > record.expiresAt) return { code: 70019, subject: '' };
  if (record.state === 'declined') return { code: 65004, subject: '', error: 'authorization_declined' };
  const since = record.lastAskedAt === undefined ? Number.POSITIVE_INFINITY : now - record.lastAskedAt;
  record.lastAskedAt = now;
  const { grant } = record;
  if (record.state === 'pending' || grant === undefined) {
    if (since >= record.intervalSeconds * 1000 - 1000) return { code: 70016, subject: '' };
    record.intervalSeconds += 5;
    return { code: 70016, subject: '', error: 'slow_down' };
  }
  if (call.tenant !== undefined && call.tenant !== grant.tenant) return { code: 700005, subject: '' };
  const user = refusedAccount(grant, grant.userId);
  if (isRefused(user)) return user;
  const { policy, cloud } = grant.tenant;
  if (policy.deviceCode !== undefined) return { code: policy.deviceCode, subject: '' };
  const access = refusedAccess(world, grant, record.asked.permissions);
  if (access !== undefined) return access;
  record.state = 'redeemed';
  const { openid, offline } = record.asked;
  const resource = record.asked.resources[0] ?? { name: 'graph' as const, audience: `https://${cloud.graphHost}` };
  return issueForUser(call, grant, user, { resource, openid, offline });
};
