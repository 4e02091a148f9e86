import { createHash } from 'node:crypto';
import type { Cloud } from './clouds.ts';
import { graphErrors } from './errors.ts';

const version = '/v1.0';

/**
 * The path of an address on the cloud's Graph host. A path of ours gets the version, and what may not stand in an address is encoded; a link of Graph's is followed
 * verbatim, but only by https and to exactly this host, without a port or a user: else `GRAPH_FOREIGN_LINK`, before any
 * token is attached.
 */
export const pathOf = (cloud: Cloud, address: string, requestId = '-'): string => {
  if (address.startsWith('/') && !address.startsWith('//'))
    return `${version}${address}`.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  const prefix = `https://${cloud.graphHost}/`;
  // The text is compared, and not a parsed address, so that what is checked is what is sent.
  if (address.slice(0, prefix.length).toLowerCase() === prefix && /^[\x21-\x7e]+$/.test(address))
    return address.slice(prefix.length - 1);
  const linkHost = URL.canParse(address) ? new URL(address).host.slice(0, 255) : 'an unreadable address';
  throw graphErrors.GRAPH_FOREIGN_LINK({ class: 'remote', linkHost, host: cloud.graphHost, requestId });
};

/** Remembers followed links by 16 bytes each, so that a listing of a thousand pages costs 16 kB. */
export const createLoopGuard = (maxPages: number) => {
  const seen = new Set<string>();
  return (path: string, page: number, requestId: string): void => {
    const key = createHash('sha256').update(path).digest('base64').slice(0, 22);
    if (seen.has(key) || page > maxPages) throw graphErrors.GRAPH_PAGE_LOOP({ class: 'remote', page, requestId });
    seen.add(key);
  };
};
