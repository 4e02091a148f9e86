import { sendBatch } from './batch.ts';
import { graphErrors } from './errors.ts';
import { createCaller } from './graph-call.ts';
import { createLoopGuard, linkPathOf, pathOf } from './graph-links.ts';
import type { CallResult } from './graph-reply.ts';
import type { GraphClient, GraphClientOptions, GraphOptions, GraphPage, PagesOptions } from './graph-types.ts';

const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Reads the envelope of a listing; undefined where it is none. */
const pageOf = ({ body, requestId }: CallResult): GraphPage | undefined => {
  const value = body.value;
  if (!Array.isArray(value)) return undefined;
  const nextLink = stringOf(body['@odata.nextLink']);
  const deltaLink = stringOf(body['@odata.deltaLink']);
  const count = body['@odata.count'];
  return {
    value,
    requestId,
    ...(nextLink === undefined ? {} : { nextLink }),
    ...(deltaLink === undefined ? {} : { deltaLink }),
    ...(typeof count === 'number' ? { count } : {}),
  };
};

/** Makes a Graph client for one cloud and one application; it holds no connection of its own and needs no closing. */
export const createGraphClient = (options: GraphClientOptions): GraphClient => {
  const caller = createCaller(options);
  const { cloud, limits } = caller;

  const read = (path: string, { headers = {}, signal }: GraphOptions): Promise<CallResult> =>
    caller.call({ method: 'GET', path, headers, signal });

  async function* pages(path: string, wanted: PagesOptions = {}): AsyncGenerator<GraphPage, void, undefined> {
    const left = new AbortController();
    const signal = wanted.signal === undefined ? left.signal : AbortSignal.any([wanted.signal, left.signal]);
    const guard = createLoopGuard(limits.maxPages);
    const fetchPage = async (next: string, number: number, requestId: string): Promise<GraphPage> => {
      guard(next, number, requestId);
      const result = await read(next, { ...wanted, signal });
      const page = pageOf(result);
      // A delta link is stored and followed days later: one that leads elsewhere has to fail now.
      if (page?.deltaLink !== undefined) linkPathOf(cloud, page.deltaLink, page.requestId);
      if (page !== undefined) return page;
      throw graphErrors.GRAPH_REPLY_UNREADABLE({
        class: 'local',
        host: cloud.graphHost,
        cause: 'a listing without a list',
        requestId: result.requestId,
      });
    };
    try {
      let coming: Promise<GraphPage> | undefined = fetchPage(pathOf(cloud, path), 1, '-');
      for (let number = 2; coming !== undefined; number += 1) {
        const page: GraphPage = await coming;
        const link = page.nextLink;
        const follow =
          link === undefined
            ? undefined
            : async () => fetchPage(linkPathOf(cloud, link, page.requestId), number, page.requestId);
        coming = wanted.prefetch === false ? undefined : follow?.();
        // The consumer may leave before it looks at a page that fails; nobody would handle that rejection.
        coming?.catch(() => undefined);
        yield page;
        coming ??= follow?.();
      }
    } finally {
      left.abort(new Error('the listing was left'));
    }
  }

  return {
    get: async (path, wanted = {}) => (await read(pathOf(cloud, path), wanted)).body,
    pages,
    batch: (requests, wanted = {}) => sendBatch(caller, requests, wanted, options.clock, options.random),
    statistics: () => caller.statistics(),
  };
};
