import { createHash } from 'node:crypto';
import type { Cloud } from './clouds.ts';
import { graphErrors } from './errors.ts';

const version = '/v1.0';

/** Longest link that is followed or stored. Graph's have some hundred characters; servers refuse more than 8 to 16 KB. */
const longestLink = 8192;

/**
 * The path of a link of Graph's, which is followed verbatim, but only by https and to exactly this host, without a port or
 * a user: else `GRAPH_FOREIGN_LINK`, before any token is attached.
 */
export const linkPathOf = (cloud: Cloud, address: string, requestId = '-'): string => {
  const prefix = `https://${cloud.graphHost}/`;
  // The text is compared, and not a parsed address, so that what is checked is what is sent.
  if (
    address.length <= longestLink &&
    address.slice(0, prefix.length).toLowerCase() === prefix &&
    /^[\x21-\x7e]+$/.test(address)
  )
    return address.slice(prefix.length - 1);
  const linkHost = URL.canParse(address) ? new URL(address).host.slice(0, 255) : 'an unreadable address';
  throw graphErrors.GRAPH_FOREIGN_LINK({ class: 'remote', linkHost, host: cloud.graphHost, requestId });
};

/** The path of an address: one of ours gets the version, and what may not stand in an address is encoded; else a link. */
export const pathOf = (cloud: Cloud, address: string, requestId = '-'): string =>
  address.startsWith('/') && !address.startsWith('//')
    ? `${version}${address}`.replace(/[^\x21-\x7e]+/g, encodeURIComponent)
    : linkPathOf(cloud, address, requestId);

/** Remembers followed links by 16 bytes each, so that a listing of a thousand pages costs 16 kB. */
export const createLoopGuard = (maxPages: number) => {
  const seen = new Set<string>();
  return (path: string, page: number, requestId: string): void => {
    const key = createHash('sha256').update(path).digest('base64').slice(0, 22);
    if (seen.has(key) || page > maxPages) throw graphErrors.GRAPH_PAGE_LOOP({ class: 'remote', page, requestId });
    seen.add(key);
  };
};
