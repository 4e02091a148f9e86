/** The four Microsoft clouds a tenant can live in; names follow the product's setting. Graph page: National cloud deployments. */
export type CloudName = 'global' | 'usgov' | 'dod' | 'china';

export interface Cloud {
  readonly name: CloudName;
  readonly loginHost: string;
  readonly graphHost: string;
  /** Host in the `iss` claim: differs from the login host in China (MSAL's built-in metadata). */
  readonly issuerHost: string;
}

export const clouds: Readonly<Record<CloudName, Cloud>> = {
  global: {
    name: 'global',
    loginHost: 'login.microsoftonline.com',
    graphHost: 'graph.microsoft.com',
    issuerHost: 'login.microsoftonline.com',
  },
  usgov: {
    name: 'usgov',
    loginHost: 'login.microsoftonline.us',
    graphHost: 'graph.microsoft.us',
    issuerHost: 'login.microsoftonline.us',
  },
  dod: {
    name: 'dod',
    loginHost: 'login.microsoftonline.us',
    graphHost: 'dod-graph.microsoft.us',
    issuerHost: 'login.microsoftonline.us',
  },
  china: {
    name: 'china',
    loginHost: 'login.chinacloudapi.cn',
    graphHost: 'microsoftgraph.chinacloudapi.cn',
    issuerHost: 'login.partner.microsoftonline.cn',
  },
};

export const cloudNames = Object.keys(clouds) as readonly CloudName[];

/** China has two names for its login host: the documented one, and the one MSAL asks instead (its built-in metadata). */
export const isLoginHostOf = (cloud: Cloud, host: string): boolean =>
  host === cloud.loginHost || host === cloud.issuerHost;

export const loginHosts: ReadonlySet<string> = new Set(
  Object.values(clouds).flatMap((cloud) => [cloud.loginHost, cloud.issuerHost]),
);

/** Every host the dispatcher routes to the simulator; any other host does not resolve. */
export const microsoftHosts: ReadonlySet<string> = new Set([
  ...loginHosts,
  ...Object.values(clouds).map((cloud) => cloud.graphHost),
]);

export const cloudOfGraphHost = (host: string): Cloud | undefined =>
  Object.values(clouds).find((cloud) => cloud.graphHost === host);
