import { type EndpointName, jsonReply, type SimReply, type SimRequest, type Target } from '../http.ts';
import type { World } from '../world.ts';
import { instanceDiscovery, openidConfiguration } from './discovery.ts';
import { entraError } from './errors.ts';
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

export const routeEntra = (world: World, desk: TokenDesk, request: SimRequest, target: Target): Routed => {
  const parts = target.path.split('/').filter((part) => part !== '');
  const [tenant = '', ...rest] = parts;
  const path = rest.join('/').toLowerCase();
  if (path === 'oauth2/v2.0/token') {
    return { endpoint: 'token', reply: tokenFault(world, request) ?? desk.issue(request, tenant) };
  }
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
