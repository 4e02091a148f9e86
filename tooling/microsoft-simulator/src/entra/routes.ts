import { type EndpointName, jsonReply, type SimReply, type SimRequest, type Target } from '../http.ts';
import type { World } from '../world.ts';
import { startDeviceCode } from './device-code.ts';
import { instanceDiscovery, openidConfiguration } from './discovery.ts';
import { entraError } from './errors.ts';
import type { Grants } from './grants.ts';
import { nativeClientPage } from './pages.ts';
import { findTenant } from './places.ts';
import { isRefused } from './scopes.ts';
import { authorizeTenant, type SignInDesk } from './sign-in.ts';
import { publicKeySet } from './signing.ts';
import type { TokenDesk } from './token.ts';

export interface Routed {
  readonly endpoint: EndpointName;
  readonly reply: SimReply;
}

const proxyPage =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Network sign-in required</body></html>';

/** Faults of the token endpoint that strike whoever asks. */
const tokenFault = (world: World, request: SimRequest): SimReply | undefined => {
  const site = { endpoint: 'token' } as const;
  const failing = world.faults.strike('token-server-error', site);
  if (failing !== undefined) {
    return entraError(world, 90033, '', { host: request.host, status: failing.status ?? 503 });
  }
  if (world.faults.strike('token-empty-object', site) !== undefined) return jsonReply(200, {});
  if (world.faults.strike('token-not-json', site) !== undefined) {
    return { status: 200, headers: { 'content-type': 'text/html' }, body: proxyPage };
  }
  return undefined;
};

/** The desks of Entra, and what they have handed out. */
export interface Entra {
  readonly tokens: TokenDesk;
  readonly signIns: SignInDesk;
  readonly grants: Grants;
}

const deviceCode = (world: World, entra: Entra, request: SimRequest, tenant: string): SimReply => {
  const site = { endpoint: 'devicecode' } as const;
  const named = world.faults.inForce('entra-refusal', site)?.endpoint !== undefined;
  const fault = named ? world.faults.strike('entra-refusal', site) : undefined;
  if (fault !== undefined) return entraError(world, fault.number ?? 53003, tenant, { host: request.host });
  const started = startDeviceCode(world, entra.grants, request, tenant);
  return isRefused(started) ? entraError(world, started.code, started.subject, { host: request.host }) : started;
};

/** Pages for a person whose browser is at the simulator's own address; undefined: not one of them. */
export const routeOwnPages = (
  world: World,
  entra: Entra,
  request: SimRequest,
  target: Target,
): SimReply | undefined => {
  if (target.path === '/devicelogin') return entra.signIns.devicePage(target);
  if (target.path.toLowerCase() === '/common/oauth2/nativeclient') return nativeClientPage();
  const tenantName = authorizeTenant(target.path);
  if (tenantName === undefined) return undefined;
  const tenant = findTenant(world, tenantName) ?? world.tenants[0];
  const host = tenant?.cloud.loginHost ?? request.host;
  return entra.signIns.authorizePage({ ...request, host }, tenantName);
};

export const routeEntra = (world: World, entra: Entra, request: SimRequest, target: Target): Routed => {
  const parts = target.path.split('/').filter((part) => part !== '');
  const [tenant = '', ...rest] = parts;
  const path = rest.join('/').toLowerCase();
  if (path === 'oauth2/v2.0/token') {
    return { endpoint: 'token', reply: tokenFault(world, request) ?? entra.tokens.issue(request, tenant) };
  }
  if (path === 'oauth2/v2.0/authorize') {
    return { endpoint: 'authorize', reply: entra.signIns.authorizePage(request, tenant) };
  }
  if (path === 'oauth2/v2.0/devicecode') {
    return { endpoint: 'devicecode', reply: deviceCode(world, entra, request, tenant) };
  }
  if (path === 'oauth2/nativeclient') return { endpoint: 'authorize', reply: nativeClientPage() };
  if (path === 'v2.0/.well-known/openid-configuration') {
    return { endpoint: 'openid-configuration', reply: openidConfiguration(world, request.host, tenant) };
  }
  if (path === 'discovery/v2.0/keys') {
    return { endpoint: 'keys', reply: jsonReply(200, publicKeySet(`https://${request.host}/{tenantid}/v2.0`)) };
  }
  if (path === 'discovery/instance') {
    const reply = instanceDiscovery(world, request.host, target.query.get('authorization_endpoint'));
    return { endpoint: 'instance-discovery', reply };
  }
  return { endpoint: 'unknown', reply: { status: 404, headers: { 'content-type': 'text/html' }, body: '' } };
};
