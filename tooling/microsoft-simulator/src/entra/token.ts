import { isLoginHostOf } from '../clouds.ts';
import { jsonReply, type SimReply, type SimRequest } from '../http.ts';
import { randomGuid } from '../random.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { World } from '../world.ts';
import { type GrantType, sharedEndpoints, type TokenCall } from './call.ts';
import { tokenSite } from './claims.ts';
import { clientCredentials } from './client-credentials.ts';
import { createProofDesk, readProof } from './client-proof.ts';
import { deviceCode } from './device-code.ts';
import { entraError } from './errors.ts';
import type { Grants } from './grants.ts';
import { findTenant } from './places.ts';
import { isRefused } from './scopes.ts';
import { authorizationCode, refreshToken } from './user-grants.ts';

export interface TokenDesk {
  issue(request: SimRequest, tenantName: string): SimReply;
}

/** No password grant: it cannot carry a second factor. The short name of the device code grant is the one MSAL sends. */
const grantTypes: Readonly<Record<string, GrantType>> = {
  client_credentials: clientCredentials,
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  'urn:ietf:params:oauth:grant-type:device_code': deviceCode,
  device_code: deviceCode,
};

const noStore = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' };

/** The token endpoint, for apps and for users. Entra pages: the flows' own. */
export const createTokenDesk = (world: World, grants: Grants): TokenDesk => {
  const proofs = createProofDesk(world);
  const recentRequests = new Map<string, number[]>();

  const overLimit = (key: string): boolean => {
    const limit = world.options.tokenRequestsPerMinute;
    if (limit === undefined) return false;
    const since = world.clock.now() - 60_000;
    const times = (recentRequests.get(key) ?? []).filter((at) => at > since);
    recentRequests.set(key, [...times, world.clock.now()]);
    return times.length >= limit;
  };

  /** The headers of a 429, where one is due. */
  const throttled = (tenant: SimulatorTenant | undefined, clientId: string): Record<string, string> | undefined => {
    const site = tenant === undefined ? ({ endpoint: 'token' } as const) : tokenSite(tenant);
    const key = `token ${tenant?.tenantId ?? 'shared'} ${clientId.toLowerCase()}`;
    const round = world.penalties.round();
    const early = world.penalties.check(key, round, 'token', tenant?.tenantId);
    if (early !== undefined) return early;
    if (overLimit(key)) return world.penalties.impose(key, round, 30);
    const fault = world.faults.strike('token-too-many-requests', site);
    if (fault === undefined) return undefined;
    return world.penalties.impose(key, round, fault.retryAfterSeconds ?? 5, fault.retryAfterFormat);
  };

  const answer = (call: TokenCall, type: GrantType, correlationId: string | undefined): SimReply => {
    const outcome = type(call);
    if (isRefused(outcome)) {
      const context = { host: call.request.host, correlationId, error: outcome.error };
      return entraError(world, outcome.code, outcome.subject, context);
    }
    world.statistics.countToken();
    const { expires_in, ext_expires_in, ...others } = outcome.body;
    const bare = world.faults.strike('token-without-expiry', tokenSite(outcome.tenant)) !== undefined;
    const { token_type, ...rest } = others;
    const body = { token_type, ...(bare ? {} : { expires_in, ext_expires_in }), ...rest };
    return jsonReply(200, body, { ...noStore, 'x-ms-request-id': randomGuid(world.random) });
  };

  const issue = (request: SimRequest, tenantName: string): SimReply => {
    const form = new URLSearchParams(
      request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? request.body : '',
    );
    const correlationId = request.headers['client-request-id'] ?? form.get('client-request-id') ?? undefined;
    const context = { host: request.host, correlationId };
    const refuse = (code: number, subject: string): SimReply => entraError(world, code, subject, context);

    if (request.method !== 'POST') return refuse(900561, request.method);
    const grant = form.get('grant_type');
    if (grant === null) return refuse(900144, 'grant_type');
    const type = Object.hasOwn(grantTypes, grant) ? grantTypes[grant] : undefined;
    if (type === undefined) return refuse(70003, grant);
    const proof = readProof(request, form);
    const { clientId } = proof;
    if (clientId === undefined || clientId === '') return refuse(900144, 'client_id');
    const scope = form.get('scope');
    if (type === clientCredentials && (scope === null || scope === '')) return refuse(900144, 'scope');
    const shared = sharedEndpoints.has(tenantName.toLowerCase());
    if (shared && type === clientCredentials) return refuse(9001023, tenantName);
    const tenant = shared ? undefined : findTenant(world, tenantName);
    if (!shared && tenant === undefined) return refuse(90002, tenantName);
    if (tenant !== undefined && !isLoginHostOf(tenant.cloud, request.host)) return refuse(900382, tenantName);

    const retryAfter = throttled(tenant, clientId);
    if (retryAfter !== undefined) return entraError(world, 90055, tenantName, context, retryAfter);
    const site = tenant === undefined ? ({ endpoint: 'token' } as const) : tokenSite(tenant);
    const fault = world.faults.strike('entra-refusal', site);
    if (fault !== undefined) return refuse(fault.number ?? 53003, tenantName);
    return answer({ world, grants, proofs, request, form, proof, clientId, tenantName, tenant }, type, correlationId);
  };

  return { issue };
};
