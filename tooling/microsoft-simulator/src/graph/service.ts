import { type Cloud, clouds } from '../clouds.ts';
import { type EndpointName, parseTarget, type SimReply, type SimRequest, type Target } from '../http.ts';
import { randomGuid } from '../random.ts';
import { createBuckets } from '../throttle/buckets.ts';
import { serviceNow, type World } from '../world.ts';
import { authenticate } from './authenticate.ts';
import { runBatch } from './batch.ts';
import { errorBody, type GraphCall, graphError, QueryProblem } from './call.ts';
import { resourceUnits } from './costs.ts';
import { listGroups, readGroup } from './groups.ts';
import { listOrganization, listSubscribedSkus, listSubscriptions } from './licences.ts';
import { createMailRoutes } from './mail.ts';
import { pageOf } from './page-token.ts';
import { isPermitted } from './permissions.ts';
import { rememberPages } from './remembered.ts';
import { statusFault } from './status-faults.ts';
import { countUsers, listUsers, readUser } from './users.ts';
import { deltaUsers } from './users-delta.ts';

/** An answer and where it was given, for statistics and for faults that strike afterwards. */
export interface Answered {
  readonly endpoint: EndpointName;
  readonly reply: SimReply;
  readonly tenantId?: string;
  readonly page?: number;
}

export interface GraphService {
  answer(cloud: Cloud, request: SimRequest): Answered;
}

interface Route {
  readonly endpoint: EndpointName;
  readonly run: (call: GraphCall) => SimReply;
  /** Default: GET alone. */
  readonly methods?: readonly string[];
}

const partsOf = (path: string): readonly string[] =>
  path
    .replace(/^\/v1\.0/i, '')
    .split('/')
    .filter((part) => part !== '');

const routeOf = (parts: readonly string[]): Route | undefined => {
  const [first = '', second, ...rest] = parts;
  switch (rest.length > 0 ? '' : `${first.toLowerCase()}${second === undefined ? '' : `/${second.toLowerCase()}`}`) {
    case '':
      return undefined;
    case 'users':
      return { endpoint: 'users', run: listUsers };
    case 'users/delta':
    case 'users/delta()':
    case 'users/microsoft.graph.delta':
    case 'users/microsoft.graph.delta()':
      return { endpoint: 'users-delta', run: deltaUsers };
    case 'users/$count':
      return { endpoint: 'users-count', run: countUsers };
    case 'groups':
      return { endpoint: 'groups', run: listGroups };
    case 'organization':
      return { endpoint: 'organization', run: listOrganization };
    case 'subscribedskus':
      return { endpoint: 'subscribedSkus', run: listSubscribedSkus };
    case 'directory/subscriptions':
      return { endpoint: 'subscriptions', run: listSubscriptions };
  }
  if (second === undefined) return undefined;
  if (first.toLowerCase() === 'users') return { endpoint: 'user', run: (call) => readUser(call, second) };
  if (first.toLowerCase() === 'groups') return { endpoint: 'group', run: (call) => readGroup(call, second) };
  return undefined;
};

export const createGraphService = (world: World): GraphService => {
  const buckets = createBuckets(world.clock.now, world.options.throttle);
  const mailRouteOf = createMailRoutes();
  const usersKept = world.options.rememberListings === true ? rememberPages(listUsers) : listUsers;
  const seenTokens = new Set<string>();

  /** Notes a $skiptoken; true when it came before. Only while the fault that needs it is on, to stay flat in memory. */
  const isRepeated = (endpoint: EndpointName, tenantId: string, target: Target): boolean => {
    const site = { endpoint, tenantId, page: Number.POSITIVE_INFINITY };
    if (world.faults.inForce('page-token-not-found', site) === undefined) return false;
    const token = target.query.get('$skiptoken');
    if (token === undefined) return false;
    const seen = seenTokens.has(token);
    if (seenTokens.size > 10_000) seenTokens.clear();
    seenTokens.add(token);
    return seen;
  };

  const throttled = (call: GraphCall, retryAfter: Readonly<Record<string, string>>): SimReply =>
    graphError(call, 429, 'TooManyRequests', 'Too many requests; retry later.', {
      ...retryAfter,
      'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${call.clientId}/${call.tenant.tenantId}`,
      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
    });

  const guarded = (call: GraphCall, run: Route['run']): SimReply => {
    try {
      return run(call);
    } catch (problem) {
      if (problem instanceof QueryProblem) return graphError(call, problem.status, problem.code, problem.message);
      throw problem;
    }
  };

  /** Mail is not counted in resource units but by mailbox: see mail-limits.ts. */
  const unmetered = (route: Route): boolean => route.endpoint === 'send-mail' || /^(mail|message)/.test(route.endpoint);

  const metered = (call: GraphCall, route: Route, item: boolean, round: number): SimReply => {
    // An item of a batch is part of another answer, and cannot be compressed by itself.
    const run = route.run === listUsers && !item ? usersKept : route.run;
    const { penalties } = world;
    const key = `graph ${call.tenant.tenantId} ${call.clientId}`;
    const keys = [key, `${key} ${call.endpoint}`];
    for (const name of keys) {
      const retryAfter = penalties.check(name, round, call.endpoint, call.tenant.tenantId);
      if (retryAfter !== undefined) return throttled(call, retryAfter);
    }
    const fault = statusFault(call, item, (seconds, format) =>
      penalties.impose(`${key} ${call.endpoint}`, round, seconds, format),
    );
    if (fault !== undefined) return fault;
    if (unmetered(route)) return guarded(call, run);
    const units = resourceUnits(call.endpoint, call.target);
    const wait = buckets.take(key, units, call.tenant.directory.liveCount());
    if (wait !== undefined) return throttled(call, penalties.impose(key, round, wait));
    if (!isPermitted(call.endpoint, call.roles)) {
      buckets.refund(key, units);
      const message = 'Insufficient privileges to complete the operation.';
      return graphError(call, 403, 'Authorization_RequestDenied', message);
    }
    const reply = guarded(call, run);
    if (reply.status >= 400) {
      buckets.refund(key, units);
      return reply;
    }
    world.statistics.countUnits(units);
    // Delta was never seen to state its cost; see the measurements in the reference.
    if (call.endpoint === 'users-delta' || call.endpoint === 'batch') return reply;
    return { ...reply, headers: { ...reply.headers, 'x-ms-resource-unit': String(units) } };
  };

  const bare = (status: number, code: string, message: string, request: SimRequest, id: string): SimReply => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: errorBody(world, code, message, id, request.headers['client-request-id']),
  });

  /** `batch` is the round of the batch a request is an item of; the items of a batch are one round. */
  const handle = (cloud: Cloud, request: SimRequest, requestId: string, batch: number | undefined): Answered => {
    const item = batch !== undefined;
    const round = batch ?? world.penalties.round();
    const target = parseTarget(request.target);
    if (target === undefined) {
      const reply = bare(400, 'BadRequest', 'The request URL is malformed.', request, requestId);
      return { endpoint: 'unknown', reply };
    }
    const isBatch = /^\/v1\.0\/\$batch\/?$/i.test(target.path);
    const route: Route | undefined = isBatch
      ? {
          endpoint: 'batch',
          methods: ['POST'],
          run: (call) => runBatch(call, request.body, (inner) => answerAs(cloud, inner, round)),
        }
      : (mailRouteOf(partsOf(target.path)) ?? routeOf(partsOf(target.path)));
    const endpoint = route?.endpoint ?? 'unknown';
    const page = pageOf(target);
    const caller = authenticate(world, cloud, request.headers.authorization, serviceNow(world, { endpoint, page }));
    if ('message' in caller) {
      const reply = bare(401, 'InvalidAuthenticationToken', caller.message, request, requestId);
      const challenge = `Bearer realm="", authorization_uri="https://${cloud.loginHost}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`;
      return { endpoint, page, reply: { ...reply, headers: { ...reply.headers, 'www-authenticate': challenge } } };
    }
    if (!/^\/v1\.0(\/|$)/i.test(target.path)) {
      return { endpoint, reply: bare(400, 'BadRequest', 'Invalid version.', request, requestId) };
    }
    if (route === undefined || (item && isBatch)) {
      const reply = bare(400, 'BadRequest', `Resource not found for the segment '${target.path}'.`, request, requestId);
      return { endpoint, reply };
    }
    if (!(route.methods ?? ['GET']).includes(request.method)) {
      const message = 'Specified HTTP method is not allowed for the request target.';
      return { endpoint, reply: bare(405, 'Request_BadRequest', message, request, requestId) };
    }
    const repeated = isRepeated(endpoint, caller.tenant.tenantId, target);
    const { method, headers, body } = request;
    const finished = request.onFinished === undefined ? {} : { onFinished: request.onFinished };
    const asked = { method, target, headers, body, requestId, repeated, ...finished };
    const call: GraphCall = { world, endpoint, cloud, ...caller, ...asked };
    return { endpoint, reply: metered(call, route, item, round), tenantId: caller.tenant.tenantId, page };
  };

  const answerAs = (cloud: Cloud, request: SimRequest, batch?: number): Answered => {
    const requestId = randomGuid(world.random);
    const answered = handle(cloud, request, requestId, batch);
    const { reply } = answered;
    const clientRequestId = request.headers['client-request-id'];
    const date = new Date(serviceNow(world, answered)).toUTCString();
    // In force since the request came; counted where it has had its effect.
    world.faults.strike('clock-skew', answered);
    const headers: Record<string, string> = {
      'cache-control': 'no-cache',
      ...reply.headers,
      ...(batch !== undefined
        ? {}
        : {
            'request-id': requestId,
            'client-request-id': clientRequestId ?? requestId,
            'x-ms-ags-diagnostic': '{"ServerInfo":{"DataCenter":"Simulated","Ring":"0","RoleInstance":"SIM"}}',
            date,
          }),
    };
    return { ...answered, reply: { ...reply, headers } };
  };

  return { answer: (cloud, request) => answerAs(cloud, request) };
};

export const isGraphHost = (host: string): boolean => Object.values(clouds).some((cloud) => cloud.graphHost === host);
