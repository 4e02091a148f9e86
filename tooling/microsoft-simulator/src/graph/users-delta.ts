import { day } from '../clock.ts';
import type { SimReply } from '../http.ts';
import { randomGuid } from '../random.ts';
import { baseUrl, type GraphCall, graphError, ok, QueryProblem, strike } from './call.ts';
import { changeSlice, initialSlice, type Slice } from './delta-round.ts';
import { idFilter } from './filter.ts';
import { falsified, link } from './link.ts';
import { decodeToken, encodeToken, type PageToken } from './page-token.ts';
import { spellingFor } from './spelling.ts';
import { compileSelect, type Projection } from './user-properties.ts';

// Graph page: delta query overview, "Token duration": directory objects keep their state for seven days.
const tokenLifetime = 7 * day;

const untracked = new Set(['signInActivity']);

const selectFor = (select: string | undefined): Projection => {
  const projection = compileSelect(select, true);
  const bad = projection.names.filter((name) => untracked.has(name));
  if (bad.length > 0) {
    throw new QueryProblem(
      'BadRequest',
      `Invalid request for delta query: $expand/$select is not supported for the following properties: ${bad.join(',')}.`,
    );
  }
  return projection;
};

const lost = (call: GraphCall, status = 400, code = 'syncStateNotFound'): SimReply =>
  graphError(call, status, code, 'The sync state is not found; the data must be synchronized again.');

/** Where the round stands, from the token or from the options of a first request. */
const stateOf = (call: GraphCall): PageToken => {
  const { query } = call.target;
  const { tenantId } = call.tenant;
  const text = query.get('$skiptoken') ?? query.get('$deltatoken') ?? '';
  if (text !== '' && text.toLowerCase() !== 'latest') {
    const token = decodeToken(text, ['delta-page', 'delta-state'], tenantId);
    if (token.kind === 'delta-page') return token;
    return { ...token, position: 0, page: 0, to: newest(call) };
  }
  const option = ['$expand', '$orderby', '$search', '$count', '$skip'].find((name) => query.has(name));
  if (option !== undefined) {
    throw new QueryProblem('Request_UnsupportedQuery', `The query option '${option}' is not supported by delta.`);
  }
  const select = query.get('$select');
  const filter = query.get('$filter');
  return {
    kind: 'delta-page',
    tenantId,
    mintedAt: call.world.clock.now(),
    page: 0,
    position: 0,
    walk: randomGuid(call.world.random).slice(0, 8),
    to: newest(call),
    ...(select === undefined ? {} : { select }),
    ...(filter === undefined ? {} : { ids: idFilter(filter) }),
  };
};

const newest = (call: GraphCall): number =>
  call.tenant.directory.log.newest((call.world.options.deltaDelaySeconds ?? 0) * 1000);

const refuse = (call: GraphCall, state: PageToken): SimReply | undefined => {
  if (strike(call, 'delta-unsupported', state.page) !== undefined) {
    const message = 'Change enumeration is not supported for requested tenant.';
    return graphError(call, 400, 'Request_UnsupportedQuery', message);
  }
  const { query } = call.target;
  const continuing =
    Boolean(query.get('$skiptoken')) || (Boolean(query.get('$deltatoken')) && state.from !== undefined);
  if (!continuing) return undefined;
  if (strike(call, 'delta-gone', state.page) !== undefined) {
    const select = state.select === undefined ? [] : [['$select', state.select] as const];
    const location = link(call, '/users/delta', [['$deltatoken', ''], ...select]);
    const message = 'The sync state is gone; start over at the location given.';
    return graphError(call, 410, 'resyncRequired', message, { location });
  }
  const missing = strike(call, 'sync-state-not-found', state.page);
  if (missing !== undefined) return lost(call, missing.status, missing.code);
  if (call.world.clock.now() - state.mintedAt > tokenLifetime) return lost(call);
  if (state.kind === 'delta-page' && strike(call, 'expired-page-token', state.page) !== undefined) {
    return graphError(call, 400, 'Directory_ExpiredPageToken', 'The specified page token value has expired.');
  }
  if (state.fromRepeat === true && strike(call, 'page-token-not-found', state.page) !== undefined) {
    return graphError(call, 400, 'DirectoryPageTokenNotFoundException', 'The page token was not found.');
  }
  return undefined;
};

/** Changes since a token, or everything. Graph pages: user: delta, delta query overview. `$top` is ignored. */
export const deltaUsers = (call: GraphCall): SimReply => {
  const state = stateOf(call);
  const projection = selectFor(state.select);
  const refused = refuse(call, state);
  if (refused !== undefined) return refused;
  const latest = call.target.query.get('$deltatoken')?.toLowerCase() === 'latest';
  const size = call.world.options.deltaPageSize ?? 200;
  const empty = !latest && state.afterEmpty !== true && strike(call, 'empty-page', state.page) !== undefined;
  const slice: Slice = latest
    ? { items: [], next: undefined }
    : empty
      ? { items: [], next: state.position }
      : (state.from === undefined ? initialSlice : changeSlice)(
          call,
          state,
          size,
          projection,
          spellingFor(call, state.page),
        );
  const twice = slice.items.length > 0 && strike(call, 'delta-replay', state.page) !== undefined;
  const items = twice ? slice.items.flatMap((item) => [item, item]) : slice.items;
  const { afterEmpty: _, fromRepeat: __, ...base } = state;
  const mintedAt = call.world.clock.now();
  const pageLink = (position: number, page: number): string => {
    const marks = { ...(empty ? { afterEmpty: true } : {}), ...(call.repeated ? { fromRepeat: true } : {}) };
    const token = encodeToken({ ...base, ...marks, kind: 'delta-page', mintedAt, position, page });
    return link(call, '/users/delta', [['$skiptoken', token]]);
  };
  const { to: newestSequence = 0, ids, select } = base;
  const settled = encodeToken({
    kind: 'delta-state',
    tenantId: base.tenantId,
    mintedAt,
    page: 0,
    position: 0,
    walk: base.walk,
    from: newestSequence,
    ...(ids === undefined ? {} : { ids }),
    ...(select === undefined ? {} : { select }),
  });
  const ends = slice.next === undefined || strike(call, 'partial-listing', state.page) !== undefined;
  const target = ends
    ? link(call, '/users/delta', [['$deltatoken', settled]])
    : falsified(call, pageLink(slice.next ?? 0, state.page + 1), pageLink(state.position, state.page), state.page);
  const context = projection.selected === undefined ? '' : `(${projection.selected.join(',')})`;
  return ok(
    `{"@odata.context":"${baseUrl(call)}/$metadata#users${context}","@odata.${ends ? 'deltaLink' : 'nextLink'}":${JSON.stringify(target)},"value":[${items.join(',')}]}`,
  );
};
