import type { SimulatorApp } from '../tenant/apps.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';
import { refusedAccess, refusedAccount } from './account-checks.ts';
import { appOf } from './call.ts';
import type { Flow } from './client-proof.ts';
import type { Refused } from './errors.ts';
import type { Grant } from './grants.ts';
import { type AskedScopes, isRefused, missingConsent, scopeUri } from './scopes.ts';

/** What the person at the sign-in page does. */
export interface SignInChoice {
  /** User principal name (or id) of the account picked; without it the hint is taken, if there is one. */
  readonly user?: string;
  /** The account the browser is signed in with already. */
  readonly singleSignOn?: string;
  /** Compared where `changePassword` has set one; absent: the right one. */
  readonly password?: string;
  /** Cancels, or declines to consent. */
  readonly deny?: boolean;
  /** Default: passed where the account needs one, else not asked for. */
  readonly secondFactor?: 'passed' | 'missing';
}

/** The tenant an account signs in at: the one of the path, or at a shared endpoint the account's own. */
const homeOf = (world: World, tenant: SimulatorTenant | undefined, user: string): SimulatorTenant | Refused => {
  if (tenant === undefined) {
    return world.tenants.find((entry) => entry.identity.user(user) !== undefined) ?? { code: 50034, subject: user };
  }
  if (tenant.identity.user(user) !== undefined) return tenant;
  const elsewhere = world.tenants.some((entry) => entry !== tenant && entry.identity.user(user) !== undefined);
  return { code: elsewhere ? 50020 : 50034, subject: user };
};

const refusedConsent = (
  world: World,
  context: { readonly tenant: SimulatorTenant; readonly app: SimulatorApp; readonly userId: string },
  asked: AskedScopes,
  interactive: boolean,
): Refused | undefined => {
  const { tenant, app, userId } = context;
  const held = { cloud: tenant.cloud, app, userId, now: serviceNow(world) };
  const missing = missingConsent(held, asked.permissions);
  if (missing === undefined) return undefined;
  const name = scopeUri(missing.resource, missing.name);
  if (!interactive) return { code: 65001, subject: name, error: 'consent_required' };
  if (!tenant.policy.userConsent || missing.name === '.default') return { code: 90094, subject: app.displayName };
  const own = app.userConsents.get(userId) ?? new Set();
  for (const entry of asked.permissions) own.add(scopeUri(entry.resource, entry.name));
  app.userConsents.set(userId, own);
  return refusedConsent(world, context, asked, false);
};

/** Signs an account in to an app: account, password, second factor, assignment, policy, consent, in this order. */
export const admit = (
  world: World,
  wanted: {
    readonly tenant: SimulatorTenant | undefined;
    readonly clientId: string;
    readonly user: string;
    readonly asked: AskedScopes;
    readonly flow: Flow;
    readonly nonce?: string | undefined;
    /** False: no page may be shown (`prompt=none`). */
    readonly interactive: boolean;
  },
  choice: SignInChoice,
): Omit<Grant, 'id' | 'order' | 'at'> | Refused => {
  const tenant = homeOf(world, wanted.tenant, wanted.user);
  if (isRefused(tenant)) return tenant;
  const app = appOf(world, tenant, wanted.clientId);
  if (isRefused(app)) return app;
  const user = refusedAccount({ tenant }, wanted.user);
  if (isRefused(user)) return user;
  const { password } = tenant.identity.record(user.id);
  if (choice.password !== undefined && password !== undefined && choice.password !== password) {
    return { code: 50126, subject: user.userPrincipalName };
  }
  const needed = tenant.identity.needsSecondFactor(user.id);
  if (needed && choice.secondFactor === 'missing') return { code: 50074, subject: app.displayName };
  const secondFactor = choice.secondFactor === undefined ? needed : choice.secondFactor === 'passed';
  const grant = { tenant, app, userId: user.id, flow: wanted.flow, secondFactor, nonce: wanted.nonce };
  return refusedAccess(world, grant, []) ?? refusedConsent(world, grant, wanted.asked, wanted.interactive) ?? grant;
};
