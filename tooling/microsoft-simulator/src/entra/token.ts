import { isLoginHostOf } from '../clouds.ts';
import { jsonReply, type SimReply, type SimRequest } from '../http.ts';
import { randomGuid } from '../random.ts';
import type { SimulatorApp } from '../tenant/apps.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';
import { checkAssertion } from './assertion.ts';
import { type EntraCode, entraError } from './errors.ts';
import { signToken } from './signing.ts';

export interface TokenDesk {
  issue(request: SimRequest, tenantName: string): SimReply;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const sharedEndpoints = new Set(['common', 'organizations', 'consumers']);

const basicCredentials = (header: string | undefined): readonly [string, string] | undefined => {
  if (header === undefined || !/^basic /i.test(header)) return undefined;
  const [id, ...rest] = Buffer.from(header.slice(6), 'base64').toString('utf8').split(':');
  try {
    // RFC 6749 2.3.1: both parts are form-encoded before they are joined.
    return [decodeURIComponent(id ?? ''), decodeURIComponent(rest.join(':'))];
  } catch {
    return undefined;
  }
};

const findTenant = (world: World, name: string): SimulatorTenant | undefined =>
  world.tenants.find((tenant) => tenant.tenantId === name.toLowerCase() || tenant.domain === name.toLowerCase());

const lifetime = (world: World): number => {
  const wanted = world.options.tokenLifetimeSeconds ?? 3599;
  if (typeof wanted === 'number') return wanted;
  return Math.round(wanted.minimum + world.random() * (wanted.maximum - wanted.minimum));
};

/** The token endpoint for app-only access. Entra page: OAuth 2.0 client credentials flow. */
export const createTokenDesk = (world: World): TokenDesk => {
  const seenAssertions = new Set<string>();
  const recentRequests = new Map<string, number[]>();

  const accessToken = (tenant: SimulatorTenant, app: SimulatorApp, seconds: number): string => {
    const now = Math.floor(serviceNow(world, site(tenant)) / 1000);
    return signToken({
      aud: `https://${tenant.cloud.graphHost}`,
      iss: `https://${tenant.cloud.issuerHost}/${tenant.tenantId}/v2.0`,
      iat: now,
      nbf: now,
      exp: now + seconds,
      appid: app.clientId,
      app_displayname: app.displayName,
      idtyp: 'app',
      oid: app.objectId,
      sub: app.objectId,
      tid: tenant.tenantId,
      roles: [...app.roles],
      uti: randomGuid(world.random).replaceAll('-', '').slice(0, 22),
      ver: '1.0',
    });
  };

  const refusedCredential = (
    form: URLSearchParams,
    secret: string | undefined,
    app: SimulatorApp,
    audiences: readonly string[],
    tenantId: string,
  ): { readonly code: EntraCode; readonly subject: string } | undefined => {
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      if (form.get('client_assertion_type') !== assertionType)
        return { code: 900144, subject: 'client_assertion_type' };
      const refusesReplay = world.faults.strike('assertion-replay-refused', { endpoint: 'token', tenantId });
      const replayed = (jti: string): boolean => {
        const seen = seenAssertions.has(jti);
        if (seenAssertions.size > 10_000) seenAssertions.clear();
        seenAssertions.add(jti);
        return seen && refusesReplay !== undefined;
      };
      const times = { endpoint: 'token', tenantId } as const;
      const timesCode = (): 700024 | 500133 =>
        world.faults.strike('assertion-expired-as-500133', times) === undefined ? 700024 : 500133;
      return checkAssertion(assertion, { app, audiences, now: serviceNow(world, times), replayed, timesCode });
    }
    if (secret === undefined || secret === '') return { code: 7000218, subject: '' };
    const known = app.secrets.find((entry) => entry.value === secret);
    if (known === undefined) return { code: 7000215, subject: app.clientId };
    const expired = known.expiresAt !== undefined && known.expiresAt <= serviceNow(world);
    return expired ? { code: 7000222, subject: app.clientId } : undefined;
  };

  /** A scope is one resource and `/.default`; a resource of another cloud is unknown here. */
  const refusedScope = (
    scope: string,
    tenant: SimulatorTenant,
  ): { readonly code: EntraCode; readonly subject: string } | undefined => {
    if (scope.includes(' ') || !scope.endsWith('/.default')) return { code: 70011, subject: scope };
    const resource = scope.slice(0, -'/.default'.length).replace(/\/$/, '');
    return resource === `https://${tenant.cloud.graphHost}` ? undefined : { code: 500011, subject: resource };
  };

  const overLimit = (key: string): boolean => {
    const limit = world.options.tokenRequestsPerMinute;
    if (limit === undefined) return false;
    const since = world.clock.now() - 60_000;
    const times = (recentRequests.get(key) ?? []).filter((at) => at > since);
    recentRequests.set(key, [...times, world.clock.now()]);
    return times.length >= limit;
  };

  const issue = (request: SimRequest, tenantName: string): SimReply => {
    const form = new URLSearchParams(
      request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? request.body : '',
    );
    const basic = basicCredentials(request.headers.authorization);
    const context = {
      host: request.host,
      correlationId: request.headers['client-request-id'] ?? form.get('client-request-id') ?? undefined,
    };
    const refuse = (code: EntraCode, subject: string): SimReply => entraError(world, code, subject, context);

    if (request.method !== 'POST') return refuse(900561, request.method);
    const grant = form.get('grant_type');
    if (grant === null) return refuse(900144, 'grant_type');
    if (grant !== 'client_credentials') return refuse(70003, grant);
    const clientId = basic?.[0] ?? form.get('client_id');
    if (clientId === null || clientId === '') return refuse(900144, 'client_id');
    const scope = form.get('scope');
    if (scope === null || scope === '') return refuse(900144, 'scope');
    if (sharedEndpoints.has(tenantName)) return refuse(9001023, tenantName);
    const tenant = findTenant(world, tenantName);
    if (tenant === undefined) return refuse(90002, tenantName);
    if (!isLoginHostOf(tenant.cloud, request.host)) return refuse(900382, tenantName);

    const key = `token ${tenant.tenantId} ${clientId.toLowerCase()}`;
    const round = world.penalties.round();
    const throttled = (): Readonly<Record<string, string>> | undefined => {
      const early = world.penalties.check(key, round, 'token', tenant.tenantId);
      if (early !== undefined) return early;
      if (overLimit(key)) return world.penalties.impose(key, round, 30);
      const fault = world.faults.strike('token-too-many-requests', site(tenant));
      if (fault === undefined) return undefined;
      return world.penalties.impose(key, round, fault.retryAfterSeconds ?? 5, fault.retryAfterFormat);
    };
    const retryAfter = throttled();
    if (retryAfter !== undefined) return entraError(world, 90055, tenantName, context, retryAfter);

    const app = tenant.apps.find((entry) => entry.clientId === clientId.toLowerCase());
    if (app === undefined) return refuse(700016, clientId);
    if (app.disabled) return refuse(7000112, clientId);
    const audiences = [tenantName, tenant.tenantId, tenant.domain].flatMap((name) =>
      [tenant.cloud.loginHost, tenant.cloud.issuerHost].map((host) => `https://${host}/${name}/oauth2/v2.0/token`),
    );
    const secret = basic?.[1] ?? form.get('client_secret') ?? undefined;
    const refused = refusedScope(scope, tenant) ?? refusedCredential(form, secret, app, audiences, tenant.tenantId);
    if (refused !== undefined) return refuse(refused.code, refused.subject);

    const seconds = lifetime(world);
    world.statistics.countToken();
    const expiry = { expires_in: seconds, ext_expires_in: seconds };
    const withoutExpiry = world.faults.strike('token-without-expiry', site(tenant)) !== undefined;
    return jsonReply(
      200,
      { token_type: 'Bearer', ...(withoutExpiry ? {} : expiry), access_token: accessToken(tenant, app, seconds) },
      { 'cache-control': 'no-store, no-cache', pragma: 'no-cache', 'x-ms-request-id': randomGuid(world.random) },
    );
  };

  return { issue };
};

const site = (tenant: SimulatorTenant) => ({ endpoint: 'token', tenantId: tenant.tenantId }) as const;
