import type { SimRequest } from '../http.ts';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { UserFacts } from '../tenant/model.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { World } from '../world.ts';
import { clientInfo, idToken as makeIdToken, tokenLifetime, userToken } from './claims.ts';
import type { ClientProof, ProofDesk } from './client-proof.ts';
import type { Refused } from './errors.ts';
import type { Grant, Grants, RefreshRecord } from './grants.ts';
import type { Resource } from './resources.ts';
import { heldScopes, scopeUri } from './scopes.ts';

/** What every grant type needs to know of its request. */
export interface TokenCall {
  readonly world: World;
  readonly grants: Grants;
  readonly proofs: ProofDesk;
  readonly request: SimRequest;
  readonly form: URLSearchParams;
  readonly proof: ClientProof;
  readonly clientId: string;
  /** As in the path; `common` and its like have no tenant. */
  readonly tenantName: string;
  readonly tenant: SimulatorTenant | undefined;
}

export type Body = Readonly<Record<string, unknown>>;

export interface Issued {
  readonly tenant: SimulatorTenant;
  readonly body: Body;
}

export type GrantType = (call: TokenCall) => Issued | Refused;

export const sharedEndpoints: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers']);

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The app of a tenant by its id; one the directory does not know yet is as good as none. */
export const appOf = (world: World, tenant: SimulatorTenant, clientId: string): SimulatorApp | Refused => {
  const app = tenant.apps.find((entry) => entry.clientId === clientId.toLowerCase());
  if (app === undefined && !guid.test(clientId)) return { code: 90112, subject: clientId };
  if (app === undefined || app.knownFrom > world.clock.now()) return { code: 700016, subject: clientId };
  return app.disabled ? { code: 7000112, subject: clientId } : app;
};

/** Whether a grant may be redeemed where the client came: at its own tenant, or at one of the shared endpoints. */
export const refusedPlace = (call: TokenCall, grant: Pick<Grant, 'tenant' | 'app'>): Refused | undefined => {
  if (call.tenant !== undefined) return call.tenant === grant.tenant ? undefined : { code: 700005, subject: '' };
  if (grant.app.accountTypes === 'organization') return { code: 50194, subject: grant.app.clientId };
  return undefined;
};

/** The answer to a redeemed grant of a user (RFC 6749 5.1), with the members MSAL reads. */
export const issueForUser = (
  call: TokenCall,
  grant: Grant,
  user: UserFacts,
  wanted: {
    readonly resource: Resource;
    readonly openid: boolean;
    readonly offline: boolean;
    readonly parent?: RefreshRecord;
  },
): Issued => {
  const { world, grants, form } = call;
  const { tenant, app, userId } = grant;
  const { resource, openid, offline, parent } = wanted;
  const seconds = tokenLifetime(world);
  // All that is consented for the resource, as Entra does, not only what was asked for.
  const scopes = heldScopes({ cloud: tenant.cloud, app, userId, now: world.clock.now() }, resource);
  const rotated = parent === undefined ? { resource, openid } : { resource, openid, parent };
  return {
    tenant,
    body: {
      token_type: 'Bearer',
      scope: scopes.map((name) => scopeUri(resource, name)).join(' '),
      expires_in: seconds,
      ext_expires_in: seconds,
      access_token: userToken(world, grant, user, resource, scopes, seconds),
      ...(offline ? { refresh_token: grants.refreshToken(grant, rotated) } : {}),
      ...(openid ? { id_token: makeIdToken(world, grant, user, seconds) } : {}),
      ...(form.get('client_info') === '1' ? { client_info: clientInfo(grant) } : {}),
    },
  };
};
