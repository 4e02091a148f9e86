import { type Actor, type Permission, type Problem, preferredLanguage, type Scope } from '@itsm-m365/plugin-api';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { taskErrors } from '../errors.ts';
import type { ServerTasks } from '../server-tasks.ts';
import { inputInvalid } from '../settings/invalid.ts';
import { fits, schemaProblems } from '../settings/validator.ts';
import { type Endpoint, Raw } from './endpoint.ts';

export const defaultBodyLimit = 1_048_576;

/** `/portals/:id` → `portal`: the kind of thing that a path parameter names. */
const scopeType = (path: string, parameter: string): string => {
  if (parameter !== 'id') return parameter;
  const before = /([a-z-]+)\/:id(\/|$)/.exec(path)?.[1] ?? '';
  return before.replace(/s$/, '');
};

/** What a path names, as scopes: a right for one of them lets the request in, and the handler asks again. */
export const scopesOf = (path: string, params: unknown): readonly Scope[] =>
  typeof params !== 'object' || params === null
    ? []
    : Object.entries(params).map(([name, id]) => ({ type: scopeType(path, name), id: String(id) }));

const checked = (schema: TSchema | undefined, value: unknown, place: string): unknown => {
  if (schema === undefined) return value;
  // Only text has to become numbers and flags; a body says itself what it means.
  const converted = place === 'body' ? value : Value.Convert(schema, value);
  const problems: readonly Problem[] = schemaProblems(schema, converted);
  if (problems.length === 0) return converted;
  throw inputInvalid(problems.map((problem) => ({ ...problem, path: `/${place}${problem.path}` })));
};

const abortedWith = (reply: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('The client went away'));
  });
  return controller.signal;
};

interface Asking {
  readonly granted: () => boolean;
  allows(permission: Permission, scope?: Scope): Promise<boolean>;
  require(permission: Permission, scope?: Scope): Promise<void>;
}

const asking = (tasks: ServerTasks, actor: Actor): Asking => {
  let granted = false;
  const allows = async (permission: Permission, scope?: Scope): Promise<boolean> => {
    const allowed = await tasks.host.permissions.allows(actor, permission.id, scope);
    granted ||= allowed;
    return allowed;
  };
  return {
    granted: () => granted,
    allows,
    async require(permission, scope) {
      if (!(await allows(permission, scope))) throw taskErrors.FORBIDDEN({ permission: permission.id });
    },
  };
};

const nobody: Actor = { id: 'anyone', name: 'anyone' };

const signedIn = async (tasks: ServerTasks, endpoint: Endpoint, request: FastifyRequest): Promise<Actor> => {
  if (endpoint.access === 'anyone') return nobody;
  const actor = await tasks.host.permissions.actor(request);
  if (actor === undefined) throw taskErrors.UNAUTHENTICATED();
  return actor;
};

/**
 * Asks for the endpoint's permission: for everything, or for a thing that the path names. A read may also begin without,
 * and is refused afterwards where its handler was granted nothing; a change may not.
 */
const admit = async (endpoint: Endpoint, ask: Asking, params: unknown): Promise<void> => {
  const { access } = endpoint;
  if (typeof access === 'string' || (await ask.allows(access))) return;
  for (const scope of scopesOf(endpoint.path, params)) if (await ask.allows(access, scope)) return;
  if (endpoint.method !== 'GET') throw taskErrors.FORBIDDEN({ permission: access.id });
};

/** Whoever was granted nothing learns nothing, not even from an error that there is no such thing. */
const handled = async (endpoint: Endpoint, ask: Asking, call: Parameters<Endpoint['handle']>[0]): Promise<unknown> => {
  try {
    return await endpoint.handle(call);
  } catch (error) {
    if (typeof endpoint.access === 'string' || ask.granted()) throw error;
    throw taskErrors.FORBIDDEN({ permission: endpoint.access.id });
  }
};

const respond = (endpoint: Endpoint, reply: FastifyReply, answer: unknown): FastifyReply => {
  reply.code(endpoint.status ?? 200);
  if (answer instanceof Raw) return reply.type(answer.type).send(answer.content);
  if (answer === undefined) return reply.code(204).send();
  if (endpoint.checked === true && endpoint.response !== undefined && !fits(endpoint.response, answer)) {
    // Undefined members are no JSON, and no fault either.
    const problems = schemaProblems(endpoint.response, JSON.parse(JSON.stringify(answer)));
    const paths = problems.map(({ path, code }) => `${path} ${code}`).join(', ');
    if (problems.length > 0)
      throw new Error(`${endpoint.method} ${endpoint.path} answered what its schema refuses: ${paths}`);
  }
  // Text passes the serialisers and hooks of a host unchanged.
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
};

const serve = async (tasks: ServerTasks, endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply) => {
  const actor = await signedIn(tasks, endpoint, request);
  const ask = asking(tasks, actor);
  const params = checked(endpoint.params, request.params, 'params');
  await admit(endpoint, ask, params);
  const answer = await handled(endpoint, ask, {
    params,
    query: checked(endpoint.query, request.query, 'query'),
    body: checked(endpoint.body, request.body, 'body'),
    actor,
    language: preferredLanguage(request.headers['accept-language']),
    signal: abortedWith(reply),
    request,
    reply,
    require: ask.require,
    allows: ask.allows,
  });
  if (endpoint.access !== 'anyone' && !ask.granted())
    throw taskErrors.FORBIDDEN({ permission: typeof endpoint.access === 'string' ? endpoint.tag : endpoint.access.id });
  return respond(endpoint, reply, answer);
};

/** Keeps a host's swagger from listing the route without its schemas; our own document has them. */
const hidden: FastifySchema & { readonly hide: boolean } = { hide: true };

/** Mounts an endpoint. Fastify gets no schema: what a host's validator, serialiser or swagger would make of it is not ours. */
export const mount = (app: FastifyInstance, tasks: ServerTasks, endpoint: Endpoint): void => {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    bodyLimit: endpoint.bodyLimit ?? defaultBodyLimit,
    exposeHeadRoute: false,
    schema: hidden,
    handler: (request, reply) => serve(tasks, endpoint, request, reply),
  });
};
