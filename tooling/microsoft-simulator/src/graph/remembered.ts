import { gzipSync } from 'node:zlib';
import type { SimReply } from '../http.ts';
import { type GraphCall, isAdvanced } from './call.ts';

/**
 * Keeps the pages of a listing as they were sent, compressed, until a user of the tenant changes: a measured client shall
 * not share the machine with the making of its pages. Nothing is kept, and nothing kept is given, while a fault is on; who
 * takes no gzip, or asks an advanced query, gets a page made anew.
 */
export const rememberPages = (list: (call: GraphCall) => SimReply): ((call: GraphCall) => SimReply) => {
  const kept = new Map<string, { readonly sequence: number; readonly pages: Map<string, SimReply> }>();
  return (call) => {
    const { tenant, target, headers, world } = call;
    const takesGzip = /\bgzip\b/.test(headers['accept-encoding'] ?? '');
    if (!takesGzip || isAdvanced(call) || world.faults.active().length > 0) return list(call);
    const sequence = tenant.directory.log.newest(0);
    let known = kept.get(tenant.tenantId);
    if (known?.sequence !== sequence) {
      known = { sequence, pages: new Map() };
      kept.set(tenant.tenantId, known);
    }
    const key = JSON.stringify([...target.query]);
    const before = known.pages.get(key);
    if (before !== undefined) return before;
    const made = list(call);
    if (made.status !== 200) return made;
    const page: SimReply = {
      ...made,
      headers: { ...made.headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
      body: '',
      // Level 1, as the server compresses.
      bytes: gzipSync(made.body, { level: 1 }),
      uncompressed: true,
    };
    known.pages.set(key, page);
    return page;
  };
};
