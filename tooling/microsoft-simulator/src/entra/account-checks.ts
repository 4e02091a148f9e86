import type { UserFacts } from '../tenant/model.ts';
import { serviceNow, type World } from '../world.ts';
import type { Refused } from './errors.ts';
import type { Grant, RefreshRecord } from './grants.ts';
import { missingConsent, type Permission, scopeUri } from './scopes.ts';

const day = 86_400_000;

/** Entra page: Refresh tokens, lifetime: 90 days unused; 24 hours in a single-page app, whatever its use. */
const unusedLimit = 90 * day;
const singlePageLimit = day;

/** A user who may sign in at all. */
export const refusedAccount = (grant: Pick<Grant, 'tenant'>, key: string): Refused | UserFacts => {
  const user = grant.tenant.identity.user(key);
  if (user === undefined) return { code: 50034, subject: key };
  if (!user.accountEnabled) return { code: 50057, subject: key };
  return grant.tenant.identity.record(user.id).locked ? { code: 50053, subject: key } : user;
};

/** What stands between a user and an app, at sign-in and at every refresh. */
export const refusedAccess = (
  world: World,
  grant: Pick<Grant, 'tenant' | 'app' | 'userId' | 'secondFactor'>,
  permissions: readonly Permission[],
): Refused | undefined => {
  const { tenant, app, userId } = grant;
  const { policy, identity } = tenant;
  if (app.assignmentRequired && !app.assignedUsers.has(userId)) return { code: 50105, subject: app.displayName };
  if (identity.needsSecondFactor(userId) && !grant.secondFactor) return { code: 50076, subject: app.displayName };
  if (policy.blocked !== undefined) return { code: policy.blocked, subject: '' };
  const now = serviceNow(world);
  const missing = missingConsent({ cloud: tenant.cloud, app, userId, now }, permissions);
  return missing === undefined ? undefined : { code: 65001, subject: scopeUri(missing.resource, missing.name) };
};

/** Whether a refresh token has come to its end, and why. */
export const refusedRefresh = (world: World, record: RefreshRecord): Refused | undefined => {
  const { grant, order, issuedAt, diesAt } = record;
  const now = serviceNow(world);
  const account = grant.tenant.identity.record(grant.userId);
  if (grant.order < account.sessionsRevoked) return { code: 50173, subject: '' };
  if (grant.order < account.passwordChanged) return { code: 50133, subject: '' };
  if (grant.app.platform === 'spa' && now - grant.at > singlePageLimit) return { code: 700084, subject: '' };
  if (order < account.refreshTokensExpired || now - issuedAt > unusedLimit) return { code: 700082, subject: '' };
  if (diesAt !== undefined && now > diesAt) return { code: 70000, subject: 'the refresh token was rotated' };
  const frequency = grant.tenant.policy.signInFrequencySeconds;
  if (frequency !== undefined && now - grant.at > frequency * 1000) return { code: 70043, subject: '' };
  return undefined;
};
