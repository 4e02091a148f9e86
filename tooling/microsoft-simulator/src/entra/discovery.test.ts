import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { createSimulator } from '../index.ts';
import { accessToken, json } from '../testing/client.ts';

const simulator = createSimulator({ tenants: [{ users: 10 }, { users: 10, cloud: 'china' }] });
const get = (target: string, host = 'login.microsoftonline.com') =>
  simulator.handle({ method: 'GET', host, target, headers: {}, body: '' });

test('the configuration of a tenant names its endpoints under the real host, by id and by domain', () => {
  const { tenantId, domain } = simulator.tenant;
  const byId = json(get(`/${tenantId}/v2.0/.well-known/openid-configuration`));
  expect(byId).toMatchObject({
    issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
    token_endpoint: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
    msgraph_host: 'graph.microsoft.com',
  });
  expect(json(get(`/${domain}/v2.0/.well-known/openid-configuration`))).toEqual(byId);
  const shared = json(get('/common/v2.0/.well-known/openid-configuration'));
  expect(shared.issuer).toBe('https://login.microsoftonline.com/{tenantid}/v2.0');
});

test('the issuer of a Chinese tenant has another host than its endpoints', () => {
  const tenant = simulator.tenants[1];
  const target = `/${tenant?.tenantId}/v2.0/.well-known/openid-configuration`;
  expect(json(get(target, 'login.chinacloudapi.cn'))).toMatchObject({
    issuer: `https://login.partner.microsoftonline.cn/${tenant?.tenantId}/v2.0`,
    token_endpoint: `https://login.chinacloudapi.cn/${tenant?.tenantId}/oauth2/v2.0/token`,
  });
  expect(get(target).status).toBe(400);
});

test('an unknown tenant has no configuration', () => {
  const reply = get('/nowhere.example/v2.0/.well-known/openid-configuration');
  expect([reply.status, json(reply).error_codes]).toEqual([400, [90002]]);
});

test('the published keys verify an access token, checked with another implementation', async () => {
  const keys = json(get(`/${simulator.tenant.tenantId}/discovery/v2.0/keys`)) as unknown as JSONWebKeySet;
  const audience = 'https://graph.microsoft.com';
  const { payload } = await jwtVerify(accessToken(simulator), createLocalJWKSet(keys), { audience });
  expect(payload.tid).toBe(simulator.tenant.tenantId);
});

test('instance discovery knows the aliases of the clouds and refuses other authorities', () => {
  const ask = (authority: string) =>
    get(`/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(authority)}`);
  const reply = json(ask('https://login.chinacloudapi.cn/common/oauth2/v2.0/logout'));
  expect(reply.tenant_discovery_endpoint).toBe(
    'https://login.chinacloudapi.cn/common/v2.0/.well-known/openid-configuration',
  );
  expect(JSON.stringify(reply.metadata)).toContain('sts.windows.net');
  expect(ask('https://login.evil.example/common/oauth2/v2.0/logout').status).toBe(400);
  expect(get('/common/discovery/instance').status).toBe(400);
});

test('any other path of the login host is not found', () => {
  expect(get('/common/oauth2/v2.0/logout').status).toBe(404);
});
