import { clouds, isLoginHostOf, loginHosts } from '../clouds.ts';
import { jsonReply, type SimReply } from '../http.ts';
import type { World } from '../world.ts';
import { entraError } from './errors.ts';

const entries = [
  ['login.microsoftonline.com', 'login.windows.net', ['login.windows.net', 'login.microsoft.com', 'sts.windows.net']],
  ['login.partner.microsoftonline.cn', 'login.partner.microsoftonline.cn', ['login.chinacloudapi.cn']],
  ['login.microsoftonline.us', 'login.microsoftonline.us', ['login.usgovcloudapi.net']],
] as const;

/** Which host names mean the same authority. Entra page: national clouds; read by MSAL before it trusts an authority. */
export const instanceDiscovery = (world: World, host: string, authorizationEndpoint: string | undefined): SimReply => {
  let authorityHost: string | undefined;
  try {
    authorityHost = new URL(authorizationEndpoint ?? '').host;
  } catch {
    authorityHost = undefined;
  }
  const known = entries.some(
    ([network, , aliases]) => network === authorityHost || aliases.some((a) => a === authorityHost),
  );
  if (!known) return entraError(world, 900144, 'authorization_endpoint', { host });
  const tenantPart = new URL(authorizationEndpoint ?? '').pathname.split('/')[1] ?? 'common';
  return jsonReply(200, {
    tenant_discovery_endpoint: `https://${authorityHost}/${tenantPart}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: entries.map(([network, cache, aliases]) => ({
      preferred_network: network,
      preferred_cache: cache,
      aliases: [network, ...aliases],
    })),
  });
};

/** OpenID Connect Discovery 1.0 for one tenant (or `common`). An unknown tenant answers AADSTS90002. */
export const openidConfiguration = (world: World, host: string, tenantName: string): SimReply => {
  const name = tenantName.toLowerCase();
  const shared = name === 'common' || name === 'organizations';
  const tenant = world.tenants.find(
    (entry) => (entry.tenantId === name || entry.domain === name) && isLoginHostOf(entry.cloud, host),
  );
  if (tenant === undefined && !shared) return entraError(world, 90002, tenantName, { host });
  const cloud = tenant?.cloud ?? Object.values(clouds).find((entry) => isLoginHostOf(entry, host)) ?? clouds.global;
  const id = tenant?.tenantId ?? name;
  const base = `https://${host}/${id}`;
  return jsonReply(200, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `https://${cloud.issuerHost}/${tenant === undefined ? '{tenantid}' : id}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
    tenant_region_scope: null,
    cloud_instance_name: host.replace(/^login\./, ''),
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: cloud.graphHost,
  });
};

export const isLoginHost = (host: string): boolean => loginHosts.has(host);
