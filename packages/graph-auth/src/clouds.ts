/** Microsoft's clouds. GCC belongs to `global`; `usgov-l4` is GCC High, `usgov-l5` the DoD. There is no custom cloud. */
export type CloudId = 'global' | 'usgov-l4' | 'usgov-l5' | 'china';

export interface Cloud {
  readonly id: CloudId;
  readonly loginHost: string;
  readonly graphHost: string;
  /** The scope of an app-only token for Graph. */
  readonly scope: string;
  /** Portal where an administrator registers applications. */
  readonly entraHost: string;
}

const cloud = (id: CloudId, loginHost: string, graphHost: string, entraHost: string): Cloud => ({
  id,
  loginHost,
  graphHost,
  scope: `https://${graphHost}/.default`,
  entraHost,
});

/** Hosts by cloud (Graph page "National cloud deployments"). Tokens of one cloud are worthless in another. */
export const clouds: Readonly<Record<CloudId, Cloud>> = {
  global: cloud('global', 'login.microsoftonline.com', 'graph.microsoft.com', 'entra.microsoft.com'),
  'usgov-l4': cloud('usgov-l4', 'login.microsoftonline.us', 'graph.microsoft.us', 'entra.microsoft.us'),
  'usgov-l5': cloud('usgov-l5', 'login.microsoftonline.us', 'dod-graph.microsoft.us', 'entra.microsoft.us'),
  china: cloud('china', 'login.chinacloudapi.cn', 'microsoftgraph.chinacloudapi.cn', 'entra.microsoftonline.cn'),
};

export const cloudIds: readonly CloudId[] = ['global', 'usgov-l4', 'usgov-l5', 'china'];

/** The hosts a firewall has to let through for a cloud, port 443: for help texts and for GERR-02's remedy. */
export const hostsOf = (id: CloudId): readonly string[] => [clouds[id].loginHost, clouds[id].graphHost];
