import type { SimReply } from '../http.ts';
import type { UserRecord } from '../tenant/model.ts';
import { baseUrl, type GraphCall, graphError, isAdvanced, ok, QueryProblem, strike } from './call.ts';
import { compileFilter, type UserFilter } from './filter.ts';
import { falsified } from './link.ts';
import { expiredPageToken, pageLinks, pageSize, refusedPageToken } from './listing.ts';
import { decodeToken, type PageToken } from './page-token.ts';
import { signInActivityRole } from './permissions.ts';
import { spellingFor } from './spelling.ts';
import { compileSelect, type Projection } from './user-properties.ts';

const unsupportedOptions = ['$skip', '$expand', '$search', '$orderby'] as const;
const refuseSignInActivity = (call: GraphCall): SimReply | undefined => {
  if (!call.tenant.premium) {
    const code = 'Authentication_RequestFromNonPremiumTenantOrB2CTenant';
    return graphError(call, 403, code, 'The tenant is not premium, or it is a B2C tenant.');
  }
  if (call.roles.has(signInActivityRole)) return undefined;
  return graphError(call, 403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
};

const refuseToken = (call: GraphCall, token: PageToken, filter: UserFilter | undefined): SimReply | undefined => {
  const lost =
    filter?.onLicences === true &&
    !isAdvanced(call) &&
    strike(call, 'expired-page-token-on-licence-filter', token.page) !== undefined;
  return lost ? expiredPageToken(call) : refusedPageToken(call, token);
};

interface Walk {
  readonly call: GraphCall;
  readonly matches: ((user: UserRecord) => boolean) | undefined;
  readonly lag: number;
}

/** The next matching user at or after a place. */
const seek = ({ call, matches, lag }: Walk, from: number): UserRecord | undefined => {
  const { directory } = call.tenant;
  for (let index = from; index < directory.places(); index += 1) {
    const user = directory.at(index, lag);
    if (user !== undefined && (matches === undefined || matches(user))) return user;
  }
  return undefined;
};

const previous = ({ call, matches, lag }: Walk, before: number, wanted: number): UserRecord[] => {
  const found: UserRecord[] = [];
  for (let index = before - 1; index >= 0 && found.length < wanted; index -= 1) {
    const user = call.tenant.directory.at(index, lag);
    if (user !== undefined && (matches === undefined || matches(user))) found.unshift(user);
  }
  return found;
};

const countMatches = (walk: Walk): number => {
  if (walk.matches === undefined && walk.lag === 0) return walk.call.tenant.directory.liveCount();
  let count = 0;
  for (let user = seek(walk, 0); user !== undefined; user = seek(walk, user.index + 1)) count += 1;
  return count;
};

const walkFor = (call: GraphCall, filter: UserFilter | undefined): Walk => ({
  call,
  matches: filter?.matches,
  lag: isAdvanced(call) ? (call.world.options.indexLagSeconds ?? 0) * 1000 : 0,
});

const filterOf = (call: GraphCall, advanced: boolean): UserFilter | undefined => {
  const filter = call.target.query.get('$filter');
  return filter === undefined ? undefined : compileFilter(filter, advanced);
};

const contextOf = (call: GraphCall, projection: Projection): string =>
  `${baseUrl(call)}/$metadata#users${projection.selected === undefined ? '' : `(${projection.selected.join(',')})`}`;

/** Lists users page by page. Graph pages: List users, Paging, Advanced query capabilities. */
export const listUsers = (call: GraphCall): SimReply => {
  const { query } = call.target;
  const option = unsupportedOptions.find((name) => query.has(name));
  if (option !== undefined) {
    throw new QueryProblem('Request_UnsupportedQuery', `The query option '${option}' is not supported here.`);
  }
  const projection = compileSelect(query.get('$select'));
  const wantsSignIn = projection.names.includes('signInActivity');
  const refused = wantsSignIn ? refuseSignInActivity(call) : undefined;
  if (refused !== undefined) return refused;
  const top = pageSize(call, wantsSignIn ? 500 : 999);
  const wantsCount = query.get('$count') === 'true';
  const filter = filterOf(call, isAdvanced(call) && wantsCount);
  const text = query.get('$skiptoken');
  const token = text === undefined ? undefined : decodeToken(text, ['list'], call.tenant.tenantId);
  const refusedToken = token === undefined ? undefined : refuseToken(call, token, filter);
  if (refusedToken !== undefined) return refusedToken;
  return page(call, projection, walkFor(call, filter), token, top, wantsCount && isAdvanced(call));
};

const page = (
  call: GraphCall,
  projection: Projection,
  walk: Walk,
  token: PageToken | undefined,
  top: number,
  counted: boolean,
): SimReply => {
  const number = token?.page ?? 0;
  const start = token?.position ?? 0;
  const spelling = spellingFor(call, number);
  const nothing = number === 0 && strike(call, 'empty-users') !== undefined;
  const empty = !nothing && token?.afterEmpty !== true && strike(call, 'empty-page', number) !== undefined;
  const repeat = number > 0 ? strike(call, 'duplicate-users', number) : undefined;
  const items = repeat === undefined ? [] : previous(walk, start, Math.min(repeat.count ?? 1, top - 1));
  // One growing text: joining a thousand parts would copy the page once more.
  let value = items.map((user) => projection.write(user, spelling)).join(',');
  let written = items.length;
  let next = nothing ? undefined : seek(walk, start);
  while (!empty && next !== undefined && written < top) {
    value += `${written === 0 ? '' : ','}${projection.write(next, spelling)}`;
    written += 1;
    next = seek(walk, next.index + 1);
  }
  const ends = next === undefined || strike(call, 'partial-listing', number) !== undefined;
  const linkTo = pageLinks(call, '/users', 'list', token, empty);
  let json = `{"@odata.context":"${contextOf(call, projection)}"`;
  if (counted && token === undefined) json += `,"@odata.count":${countMatches(walk)}`;
  if (!ends && next !== undefined) {
    const target = falsified(call, linkTo(next.index, number + 1), linkTo(start, number), number);
    json += `,"@odata.nextLink":${JSON.stringify(target)}`;
  }
  return ok(`${json},"value":[${value}]}`);
};

/** `/users/$count`: plain text, advanced queries only. */
export const countUsers = (call: GraphCall): SimReply => {
  if (!isAdvanced(call)) throw new QueryProblem('Request_BadRequest', '$count is not currently supported.');
  return ok(String(countMatches(walkFor(call, filterOf(call, true)))), 'text/plain');
};

/** `/users/{id or userPrincipalName}`. */
export const readUser = (call: GraphCall, key: string): SimReply => {
  const projection = compileSelect(call.target.query.get('$select'), false);
  const refused = projection.names.includes('signInActivity') ? refuseSignInActivity(call) : undefined;
  if (refused !== undefined) return refused;
  const place = call.tenant.directory.place(key);
  const user = place === undefined ? undefined : call.tenant.directory.at(place);
  if (user === undefined) {
    const message = `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`;
    return graphError(call, 404, 'Request_ResourceNotFound', message);
  }
  const context = JSON.stringify(`${contextOf(call, projection)}/$entity`);
  return ok(`{"@odata.context":${context},${projection.write(user, spellingFor(call)).slice(1)}`);
};
