import { createHash } from 'node:crypto';
import { serviceNow } from '../world.ts';
import { refusedAccess, refusedAccount, refusedRefresh } from './account-checks.ts';
import { appOf, type GrantType, issueForUser, refusedPlace, type TokenCall } from './call.ts';
import { refusedClient } from './client-proof.ts';
import type { Refused } from './errors.ts';
import type { CodeRecord, Grant } from './grants.ts';
import type { Resource } from './resources.ts';
import { type AskedScopes, isRefused, readScopes } from './scopes.ts';

/** Seconds the previous refresh token lives on once its successor was used, where rotation is strict. */
const rotationGrace = 30;

/** The grant's app as it is now: known, enabled, the one that asks, and proven. */
export const refusedRedeemer = (call: TokenCall, grant: Grant): Refused | undefined => {
  const { world, proofs, proof, tenantName } = call;
  const app = appOf(world, grant.tenant, call.clientId);
  if (isRefused(app)) return app;
  if (app !== grant.app) return { code: 70000, subject: 'it was issued to another client' };
  const place = refusedPlace(call, grant);
  return place ?? refusedClient(proofs, grant.flow, proof, app, grant.tenant, tenantName);
};

/** The unknown client, or one without its proof, is told so before its grant is looked at. */
export const refusedEarly = (call: TokenCall): Refused | undefined => {
  const { world, tenant, clientId } = call;
  const tenants = tenant === undefined ? world.tenants : [tenant];
  const found = tenants.map((entry) => appOf(world, entry, clientId));
  if (found.some((entry) => !isRefused(entry))) return undefined;
  return found.find((entry) => isRefused(entry)) as Refused | undefined;
};

/** Browsers send Origin; only codes of single-page apps may come from one, and they must. */
const refusedOrigin = (call: TokenCall, grant: Grant): Refused | undefined => {
  const crossOrigin = call.request.headers.origin !== undefined;
  if (crossOrigin === (grant.app.platform === 'spa')) return undefined;
  return { code: crossOrigin ? 9002326 : 9002327, subject: '' };
};

/** RFC 7636 4.6, S256 only. */
const refusedVerifier = (form: URLSearchParams, record: CodeRecord): Refused | undefined => {
  const verifier = form.get('code_verifier');
  if (record.challenge === undefined) {
    return verifier === null ? undefined : { code: 50147, subject: 'a verifier came, but there was no challenge' };
  }
  const fits =
    verifier !== null &&
    /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) &&
    createHash('sha256').update(verifier).digest('base64url') === record.challenge;
  return fits ? undefined : { code: 501481, subject: '' };
};

/** The one resource a token is for: the request's own, else the grant's. */
const oneResource = (
  call: TokenCall,
  grant: Grant,
  fallback: Resource,
): (AskedScopes & { readonly resource: Resource }) | Refused => {
  const scope = call.form.get('scope') ?? '';
  const asked = readScopes(grant.tenant.cloud, scope);
  if (isRefused(asked)) return asked;
  if (asked.resources.length > 1) return { code: 28000, subject: scope };
  return { ...asked, resource: asked.resources[0] ?? fallback };
};

/** Entra page: OAuth 2.0 authorization code flow, redeem a code. */
export const authorizationCode: GrantType = (call) => {
  const { world, grants, form } = call;
  const early = refusedEarly(call);
  if (early !== undefined) return early;
  const code = form.get('code');
  if (code === null || code === '') return { code: 900144, subject: 'code' };
  const record = grants.codes.get(code);
  if (record === undefined) return { code: 70000, subject: 'the authorization code is not known' };
  const { grant } = record;
  const refused = refusedRedeemer(call, grant) ?? refusedOrigin(call, grant);
  if (refused !== undefined) return refused;
  if (record.redeemed) return { code: 54005, subject: '' };
  if (serviceNow(world) > record.expiresAt) return { code: 70008, subject: 'authorization code' };
  const redirectUri = form.get('redirect_uri');
  if (redirectUri === null) return { code: 900144, subject: 'redirect_uri' };
  if (redirectUri !== record.redirectUri) return { code: 50011, subject: redirectUri };
  const verifier = refusedVerifier(form, record);
  if (verifier !== undefined) return verifier;
  const graph = { name: 'graph', audience: `https://${grant.tenant.cloud.graphHost}` } as const;
  const wanted = oneResource(call, grant, record.asked.resources[0] ?? graph);
  if (isRefused(wanted)) return wanted;
  const user = refusedAccount(grant, grant.userId);
  if (isRefused(user)) return user;
  const access = refusedAccess(world, grant, wanted.permissions);
  if (access !== undefined) return access;
  record.redeemed = true;
  const { openid, offline } = record.asked;
  return issueForUser(call, grant, user, { resource: wanted.resource, openid, offline });
};

/** Entra page: Refresh tokens. Any resource the app has consent for may be asked for, one a request. */
export const refreshToken: GrantType = (call) => {
  const { world, grants, form } = call;
  const early = refusedEarly(call);
  if (early !== undefined) return early;
  const token = form.get('refresh_token');
  if (token === null || token === '') return { code: 900144, subject: 'refresh_token' };
  const record = grants.refreshTokens.get(token);
  if (record === undefined) return { code: 70000, subject: 'the refresh token is not known, or not whole' };
  const { grant } = record;
  const refused = refusedRedeemer(call, grant) ?? refusedOrigin(call, grant);
  if (refused !== undefined) return refused;
  const user = refusedAccount(grant, grant.userId);
  if (isRefused(user)) return user;
  const ended = refusedRefresh(world, record);
  if (ended !== undefined) return ended;
  const wanted = oneResource(call, grant, record.resource);
  if (isRefused(wanted)) return wanted;
  const access = refusedAccess(world, grant, wanted.permissions);
  if (access !== undefined) return access;
  if (!record.used) {
    record.used = true;
    const { parent } = record;
    if (parent !== undefined && world.options.strictRotation === true) {
      parent.diesAt ??= serviceNow(world) + rotationGrace * 1000;
    }
  }
  return issueForUser(call, grant, user, {
    resource: wanted.resource,
    openid: wanted.openid || record.openid,
    offline: true,
    parent: record,
  });
};
