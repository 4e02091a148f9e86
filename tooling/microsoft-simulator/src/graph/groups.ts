import type { SimReply } from '../http.ts';
import type { Group } from '../tenant/model.ts';
import { baseUrl, type GraphCall, graphError, isAdvanced, ok, QueryProblem, strike } from './call.ts';
import { falsified } from './link.ts';
import { pageLinks, pageSize, refusedPageToken } from './listing.ts';
import { decodeToken } from './page-token.ts';
import { project } from './project.ts';

const groupProperties = ['id', 'displayName', 'description', 'securityEnabled', 'mailEnabled', 'groupTypes', 'mail'];
// Real Graph knows some of these; the simulator does not, and says so rather than answering something else.
const unsupportedOptions = ['$skip', '$expand', '$search', '$orderby', '$filter'] as const;

const entryOf = (group: Group) => ({ ...group, securityEnabled: true, mailEnabled: false, groupTypes: [], mail: null });

const contextOf = (call: GraphCall): string => {
  const select = call.target.query.get('$select');
  return `${baseUrl(call)}/$metadata#groups${select === undefined ? '' : `(${select})`}`;
};

/** Lists groups page by page. Graph pages: List groups, Paging. */
export const listGroups = (call: GraphCall): SimReply => {
  const { query } = call.target;
  const option = unsupportedOptions.find((name) => query.has(name));
  if (option !== undefined) {
    throw new QueryProblem('Request_UnsupportedQuery', `The query option '${option}' is not supported here.`);
  }
  const top = pageSize(call, 999);
  const text = query.get('$skiptoken');
  const token = text === undefined ? undefined : decodeToken(text, ['groups'], call.tenant.tenantId);
  const refused = token === undefined ? undefined : refusedPageToken(call, token);
  if (refused !== undefined) return refused;
  const { groups } = call.tenant;
  const number = token?.page ?? 0;
  const start = token?.position ?? 0;
  const empty = token?.afterEmpty !== true && strike(call, 'empty-page', number) !== undefined;
  const end = empty ? start : start + top;
  const entries = groups.slice(start, end).map(entryOf);
  const value = project(entries, query.get('$select'), groupProperties, 'group');
  const ends = end >= groups.length || strike(call, 'partial-listing', number) !== undefined;
  const linkTo = pageLinks(call, '/groups', 'groups', token, empty);
  const counted = token === undefined && isAdvanced(call) && query.get('$count') === 'true';
  return ok(
    JSON.stringify({
      '@odata.context': contextOf(call),
      ...(counted ? { '@odata.count': groups.length } : {}),
      ...(ends ? {} : { '@odata.nextLink': falsified(call, linkTo(end, number + 1), linkTo(start, number), number) }),
      value,
    }),
  );
};

/** `/groups/{id}`: where a product assigned through a group gets the group's name from. */
export const readGroup = (call: GraphCall, id: string): SimReply => {
  const group = call.tenant.groups.find((entry) => entry.id === id.toLowerCase());
  if (group === undefined) {
    return graphError(call, 404, 'Request_ResourceNotFound', `Resource '${id}' does not exist.`);
  }
  const [projected] = project([entryOf(group)], call.target.query.get('$select'), groupProperties, 'group');
  return ok(JSON.stringify({ '@odata.context': `${contextOf(call)}/$entity`, ...(projected as object) }));
};
