import { isLoginHostOf } from '../clouds.ts';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import type { World } from '../world.ts';
import { appOf, sharedEndpoints } from './call.ts';
import type { Refused } from './errors.ts';
import { isRefused } from './scopes.ts';

export const findTenant = (world: World, name: string): SimulatorTenant | undefined =>
  world.tenants.find((tenant) => tenant.tenantId === name.toLowerCase() || tenant.domain === name.toLowerCase());

/** The tenant of a path, by id or domain, asked for at a login host of its cloud. */
export const tenantNamed = (world: World, name: string, host: string): SimulatorTenant | Refused => {
  const tenant = findTenant(world, name);
  if (tenant === undefined) return { code: 90002, subject: name };
  return isLoginHostOf(tenant.cloud, host) ? tenant : { code: 900382, subject: name };
};

/** Where a sign-in takes place: one tenant, or at a shared endpoint any; and the app as registered there. */
export interface Place {
  readonly tenant: SimulatorTenant | undefined;
  readonly tenants: readonly SimulatorTenant[];
  readonly app: SimulatorApp;
}

export const placeOf = (world: World, tenantName: string, host: string, clientId: string): Place | Refused => {
  const name = tenantName.toLowerCase();
  if (!sharedEndpoints.has(name)) {
    const tenant = tenantNamed(world, tenantName, host);
    if (isRefused(tenant)) return tenant;
    const app = appOf(world, tenant, clientId);
    return isRefused(app) ? app : { tenant, tenants: [tenant], app };
  }
  if (name === 'consumers') return { code: 90124, subject: '' };
  for (const tenant of world.tenants) {
    const app = appOf(world, tenant, clientId);
    if (isRefused(app)) continue;
    if (app.accountTypes === 'organization') return { code: 50194, subject: clientId };
    return { tenant: undefined, tenants: world.tenants, app };
  }
  return { code: 700016, subject: clientId };
};
