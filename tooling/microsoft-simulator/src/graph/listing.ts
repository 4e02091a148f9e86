import type { SimReply } from '../http.ts';
import { randomGuid } from '../random.ts';
import { type GraphCall, graphError, QueryProblem, strike } from './call.ts';
import { link } from './link.ts';
import { encodeToken, type PageToken } from './page-token.ts';

const carriedOptions = ['$select', '$filter', '$top', '$count', '$format'] as const;

/** `$top` of a listing: 100 unless asked otherwise. */
export const pageSize = (call: GraphCall, maximum: number): number => {
  const text = call.target.query.get('$top');
  if (text === undefined) return 100;
  const top = /^\d+$/.test(text) ? Number(text) : 0;
  if (top < 1) throw new QueryProblem('BadRequest', `Invalid value '${text}' for $top query option found.`);
  const most = Math.min(maximum, call.world.options.userPageSize ?? maximum);
  if (top <= maximum) return Math.min(top, most);
  if (strike(call, 'top-over-maximum-refused') === undefined) return most;
  throw new QueryProblem(
    'Request_UnsupportedQuery',
    `Invalid page size specified: '${top}'. Must be between 1 and ${maximum} inclusive.`,
  );
};

export const expiredPageToken = (call: GraphCall): SimReply =>
  graphError(call, 400, 'Directory_ExpiredPageToken', 'The specified page token value has expired.');

export const refusedPageToken = (call: GraphCall, token: PageToken): SimReply | undefined => {
  const { pageTokenLifetimeSeconds } = call.world.options;
  const outlived =
    pageTokenLifetimeSeconds !== undefined && call.world.clock.now() - token.mintedAt > pageTokenLifetimeSeconds * 1000;
  if (outlived || strike(call, 'expired-page-token', token.page) !== undefined) return expiredPageToken(call);
  if (token.fromRepeat === true && strike(call, 'page-token-not-found', token.page) !== undefined) {
    return graphError(call, 400, 'DirectoryPageTokenNotFoundException', 'The page token was not found.');
  }
  return undefined;
};

/** Makes the links of one answer of a listing; the query options are carried along. */
export const pageLinks = (
  call: GraphCall,
  path: string,
  kind: PageToken['kind'],
  token: PageToken | undefined,
  empty: boolean,
): ((position: number, page: number) => string) => {
  const carried = carriedOptions.flatMap((name) => {
    const value = call.target.query.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return (position, page) => {
    const skipToken = encodeToken({
      kind,
      tenantId: call.tenant.tenantId,
      mintedAt: call.world.clock.now(),
      page,
      position,
      walk: token?.walk ?? randomGuid(call.world.random).slice(0, 8),
      ...(empty ? { afterEmpty: true } : {}),
      ...(call.repeated ? { fromRepeat: true } : {}),
    });
    return link(call, path, [...carried, ['$skiptoken', skipToken]]);
  };
};
