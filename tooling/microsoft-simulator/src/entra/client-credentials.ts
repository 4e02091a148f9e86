import { settleConsents } from '../tenant/apps.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { appOf, type GrantType } from './call.ts';
import { appToken, tokenLifetime } from './claims.ts';
import type { Refused } from './errors.ts';
import { type Resource, resourceOf } from './resources.ts';
import { isRefused } from './scopes.ts';

/** A scope is one resource and `/.default`; a resource of another cloud is unknown here. */
const readResource = (scope: string, tenant: SimulatorTenant): Resource | Refused => {
  if (scope.includes(' ') || !scope.endsWith('/.default')) return { code: 70011, subject: scope };
  const uri = scope.slice(0, -'/.default'.length).replace(/\/$/, '');
  return resourceOf(tenant.cloud, uri) ?? { code: 500011, subject: uri };
};

/** App-only access. Entra page: OAuth 2.0 client credentials flow. */
export const clientCredentials: GrantType = (call) => {
  const { world, form, proof, proofs, tenant, tenantName } = call;
  if (tenant === undefined) return { code: 9001023, subject: tenantName };
  const app = appOf(world, tenant, call.clientId);
  if (isRefused(app)) return app;
  const resource = readResource(form.get('scope') ?? '', tenant);
  if (isRefused(resource)) return resource;
  const refused = proofs.refused(proof, app, tenant, tenantName);
  if (refused !== undefined) return refused;
  settleConsents(app, world.clock.now());
  const seconds = tokenLifetime(world);
  const access_token = appToken(world, tenant, app, resource, seconds);
  return { tenant, body: { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token } };
};
