import type { Cloud } from '../clouds.ts';

/** What a token can be asked for: one of the two services the simulator has. */
export type ResourceName = 'graph' | 'exchange';

export interface Resource {
  readonly name: ResourceName;
  /** As requested, and as the token's audience. */
  readonly audience: string;
}

/** Audience of delegated tokens. Exchange page: Authenticate an IMAP, POP or SMTP connection using OAuth. */
export const exchangeAudience = 'https://outlook.office.com';

/** Audience of app-only tokens; the same page insists on this name for client credentials. */
export const exchangeAppAudience = 'https://outlook.office365.com';

const trimmed = (uri: string): string => uri.replace(/\/+$/, '').toLowerCase();

/** The service behind a resource URI; undefined: Entra knows none of that name in this cloud. Exchange: global only. */
export const resourceOf = (cloud: Cloud, uri: string): Resource | undefined => {
  const audience = trimmed(uri);
  if (audience === `https://${cloud.graphHost}`) return { name: 'graph', audience };
  const exchange = audience === exchangeAudience || audience === exchangeAppAudience;
  return exchange && cloud.name === 'global' ? { name: 'exchange', audience } : undefined;
};
