import { createHash } from 'node:crypto';
import { randomGuid } from '../random.ts';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { UserFacts } from '../tenant/model.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';
import type { Grant } from './grants.ts';
import type { Resource } from './resources.ts';
import { signToken } from './signing.ts';

export const tokenSite = (tenant: SimulatorTenant) => ({ endpoint: 'token', tenantId: tenant.tenantId }) as const;

export const tokenLifetime = (world: World): number => {
  const wanted = world.options.tokenLifetimeSeconds ?? 3599;
  if (typeof wanted === 'number') return wanted;
  return Math.round(wanted.minimum + world.random() * (wanted.maximum - wanted.minimum));
};

const common = (world: World, tenant: SimulatorTenant, app: SimulatorApp, resource: Resource, seconds: number) => {
  const now = Math.floor(serviceNow(world, tokenSite(tenant)) / 1000);
  return {
    aud: resource.audience,
    iss: `https://${tenant.cloud.issuerHost}/${tenant.tenantId}/v2.0`,
    iat: now,
    nbf: now,
    exp: now + seconds,
    appid: app.clientId,
    app_displayname: app.displayName,
    tid: tenant.tenantId,
    uti: randomGuid(world.random).replaceAll('-', '').slice(0, 22),
    ver: '1.0',
    // Entra names the app `azp` in v2 tokens; resource servers that know no `appid` look for it.
    ...(resource.name === 'exchange' ? { azp: app.clientId } : {}),
  };
};

/** An access token for the app itself. Entra page: Access token claims reference. */
export const appToken = (
  world: World,
  tenant: SimulatorTenant,
  app: SimulatorApp,
  resource: Resource,
  seconds: number,
): string => {
  const roles = resource.name === 'graph' ? app.roles : app.exchangeRoles;
  return signToken({
    ...common(world, tenant, app, resource, seconds),
    idtyp: 'app',
    oid: app.objectId,
    sub: app.objectId,
    // Without a consented role Entra gives a token all the same, which then opens nothing.
    ...(resource.name === 'exchange' && roles.length === 0 ? {} : { roles: [...roles] }),
    ...app.extraClaims,
  });
};

/** A different name of the user for each app (OpenID Connect Core 8.1). */
const pairwise = (user: UserFacts, app: SimulatorApp): string =>
  createHash('sha256').update(`${user.id} ${app.clientId}`).digest('base64url');

/** An access token for a user by an app; `scopes` are bare names. */
export const userToken = (
  world: World,
  grant: Grant,
  user: UserFacts,
  resource: Resource,
  scopes: readonly string[],
  seconds: number,
): string =>
  signToken({
    ...common(world, grant.tenant, grant.app, resource, seconds),
    idtyp: 'user',
    amr: grant.secondFactor ? ['pwd', 'mfa'] : ['pwd'],
    oid: user.id,
    sub: pairwise(user, grant.app),
    sid: grant.id,
    name: user.displayName ?? user.userPrincipalName,
    upn: user.userPrincipalName,
    unique_name: user.userPrincipalName,
    preferred_username: user.userPrincipalName,
    scp: scopes.join(' '),
    // Not Entra's: where in the tenant's order of events the token was issued, see `revokeSessions`.
    simulator_order: grant.tenant.identity.tick(),
    ...grant.app.extraClaims,
  });

/** OpenID Connect Core 2, with the claims MSAL builds an account from. */
export const idToken = (world: World, grant: Grant, user: UserFacts, seconds: number): string => {
  const { tenant, app, nonce } = grant;
  const now = Math.floor(serviceNow(world, tokenSite(tenant)) / 1000);
  return signToken({
    aud: app.clientId,
    iss: `https://${tenant.cloud.issuerHost}/${tenant.tenantId}/v2.0`,
    iat: now,
    nbf: now,
    exp: now + seconds,
    name: user.displayName ?? user.userPrincipalName,
    preferred_username: user.userPrincipalName,
    oid: user.id,
    sub: pairwise(user, app),
    tid: tenant.tenantId,
    ...(nonce === undefined ? {} : { nonce }),
    ver: '2.0',
  });
};

/** What `client_info=1` asks for: MSAL's key of the account. */
export const clientInfo = (grant: Grant): string =>
  Buffer.from(JSON.stringify({ uid: grant.userId, utid: grant.tenant.tenantId })).toString('base64url');
