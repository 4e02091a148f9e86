import swagger from '@fastify/swagger';
import serverTasks, { type ServerTasks } from '@itsm-m365/server-tasks';
import Fastify, { type FastifyInstance } from 'fastify';
import { personHeader } from './lend.ts';
import type { People } from './people.ts';

const Gadget = {
  type: 'object',
  required: ['size'],
  properties: { size: { type: 'integer' }, colour: { type: 'string', default: 'red' }, tags: { type: 'array' } },
} as const;

export interface ForeignServerOptions {
  readonly people: People;
  readonly prefix: string;
  /** Gets every route that Fastify was given, as `GET /path`. */
  readonly routes?: string[];
}

/**
 * The host's own application. Everything here that Fastify lets a host choose is chosen differently from what the plugins
 * expect: validation that removes, coerces and fills in, a small body limit, an envelope around answers, an error handler
 * of another shape, a swagger of its own.
 */
export const buildForeignServer = async (
  tasks: ServerTasks,
  { people, prefix, routes = [] }: ForeignServerOptions,
): Promise<FastifyInstance> => {
  const app = Fastify({
    logger: false,
    bodyLimit: 4096,
    routerOptions: { ignoreTrailingSlash: true, caseSensitive: false },
    ajv: { customOptions: { removeAdditional: 'all', coerceTypes: 'array', useDefaults: true, allErrors: false } },
    return503OnClosing: true,
    forceCloseConnections: true,
  });
  app.setReplySerializer((payload) => JSON.stringify({ envelope: payload }));
  app.setErrorHandler((error, _request, reply) => {
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
    return reply.code(status).send({ oops: error instanceof Error ? error.message : 'unknown' });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ oops: 'nowhere' }));
  await app.register(swagger, { openapi: { info: { title: 'Foreign host', version: '9' } } });

  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push(`${one} ${url}`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const name = request.headers[personHeader];
    if (name === 'banned') throw Object.assign(new Error('banned by the host'), { statusCode: 403 });
    reply.header('x-foreign-host', typeof name === 'string' && people.find(name) !== undefined ? 'known' : 'stranger');
  });

  app.post('/gadgets', { schema: { body: Gadget, summary: 'A gadget' } }, async (request) => request.body);
  app.get('/gadgets/broken', async () => {
    throw new Error('a gadget broke');
  });
  app.get('/documentation/json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(serverTasks, { prefix, tasks });
  return app;
};
