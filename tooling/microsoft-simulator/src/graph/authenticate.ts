import type { Cloud } from '../clouds.ts';
import { readMailToken } from '../entra/mail-token.ts';
import { verifyToken } from '../entra/signing.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { World } from '../world.ts';

export interface Caller {
  readonly tenant: SimulatorTenant;
  readonly clientId: string;
  readonly roles: ReadonlySet<string>;
  readonly user?: { readonly id: string; readonly upn: string };
  readonly scopes: ReadonlySet<string>;
}

export interface Refused {
  readonly message: string;
}

const verified = new Map<string, Readonly<Record<string, unknown>>>();

/** Signature checks cost more than a small page, so the last few tokens are remembered. */
const claimsOf = (token: string): Readonly<Record<string, unknown>> | undefined => {
  const known = verified.get(token);
  if (known !== undefined) return known;
  const claims = verifyToken(token);
  if (claims !== undefined) {
    if (verified.size > 500) verified.clear();
    verified.set(token, claims);
  }
  return claims;
};

/** Who calls, from the bearer token (RFC 6750): signature, audience and cloud, tenant, times; roles as granted then. */
export const authenticate = (
  world: World,
  cloud: Cloud,
  authorization: string | undefined,
  serviceNow: number,
): Caller | Refused => {
  const token = /^bearer\s+(.*)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '';
  if (token === '') return { message: 'Access token is empty.' };
  const claims = claimsOf(token);
  if (claims === undefined) return { message: 'CompactToken parsing failed with error code: 80049217' };
  if (claims.aud !== `https://${cloud.graphHost}`)
    return { message: 'Access token validation failure. Invalid audience.' };
  const tenant = world.tenants.find((entry) => entry.tenantId === claims.tid && entry.cloud === cloud);
  const app = tenant?.apps.find((entry) => entry.clientId === claims.appid);
  if (tenant === undefined || app === undefined) return { message: 'Invalid token: the tenant or app is unknown.' };
  const now = serviceNow / 1000;
  if (typeof claims.exp !== 'number' || claims.exp <= now)
    return { message: 'Lifetime validation failed, the token is expired.' };
  if (typeof claims.nbf === 'number' && claims.nbf > now + 300)
    return { message: 'Lifetime validation failed, the token is not yet valid.' };
  const roles = Array.isArray(claims.roles) ? claims.roles.map(String) : [];
  const caller = { tenant, clientId: app.clientId, roles: new Set(roles), scopes: new Set<string>() };
  if (typeof claims.scp !== 'string') return caller;
  const delegated = readMailToken(world, tenant, token);
  if (!delegated.ok || delegated.user === undefined)
    return { message: 'The user or their session is no longer valid.' };
  return { ...caller, user: delegated.user, scopes: new Set(delegated.scopes) };
};
