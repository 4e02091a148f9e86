import { preferredLanguage } from '@itsm-m365/plugin-api';
import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { taskErrors } from '../errors.ts';
import type { ServerTasks } from '../server-tasks.ts';
import { parseJson } from './body.ts';
import type { Endpoint } from './endpoint.ts';
import { mount } from './mount.ts';
import { knownErrorOf, problemOf } from './problem.ts';
import { catalogueRoutes } from './routes/catalogue.ts';
import { operationRoutes } from './routes/operations.ts';
import { pluginRoutes } from './routes/plugin-routes.ts';
import { recordRoutes } from './routes/records.ts';
import { restoredRoutes } from './routes/restored.ts';
import { runRoutes } from './routes/runs.ts';
import { settingsRoutes } from './routes/settings.ts';
import { taskRoutes } from './routes/tasks.ts';
import { createStreams, type Streams } from './stream.ts';

export interface ServerTasksPluginOptions {
  readonly tasks: ServerTasks;
  /** Where the host mounts the API: `/itsm`. */
  readonly prefix?: string;
}

const endpointsOf = (tasks: ServerTasks, streams: Streams): readonly Endpoint[] => {
  const described: Endpoint[] = [
    ...catalogueRoutes(tasks),
    ...settingsRoutes(tasks),
    ...taskRoutes(tasks),
    ...runRoutes(tasks, streams),
    ...recordRoutes(tasks),
    ...restoredRoutes(tasks),
    ...pluginRoutes(tasks),
  ];
  described.push(...operationRoutes(tasks, () => described));
  return described;
};

/**
 * The API below the host's prefix. Everything that Fastify lets a scope have is this scope's own: parsers, error and
 * not-found handling, checking and serialising. The host's are not changed, and not relied on; its hooks run.
 */
const plugin = async (app: FastifyInstance, { tasks, prefix }: ServerTasksPluginOptions): Promise<void> => {
  const { logger, random } = tasks.services;

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const language = preferredLanguage(request.headers['accept-language']);
    const known = knownErrorOf(error, { logger, random, bodyLimit: request.routeOptions.bodyLimit });
    const problem = problemOf(known, language);
    if (problem.status >= 500) logger.warn({ code: known.code, url: request.routeOptions.url }, 'A request failed');
    return reply
      .code(problem.status)
      .headers({ 'content-language': language, vary: 'accept-language' })
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem));
  };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(String(body)));
    } catch (error) {
      done(error instanceof Error ? error : new Error('unreadable'));
    }
  });
  app.setErrorHandler((error: FastifyError, request, reply) => fail(error, request, reply));
  // Without a prefix the not-found handler is the host's.
  if (prefix !== undefined && prefix !== '' && prefix !== '/')
    app.setNotFoundHandler((request, reply) =>
      fail(taskErrors.NOT_FOUND({ path: request.url.split('?')[0]?.slice(0, 200) ?? '' }), request, reply),
    );
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
  });
  const streams = createStreams(tasks.core);
  app.addHook('preClose', async () => streams.close());
  for (const endpoint of endpointsOf(tasks, streams)) mount(app, tasks, endpoint);
};

const registration = { name: '@itsm-m365/server-tasks', fastify: '5.x', encapsulate: true } as const;

/** The same with its core bound: `app.register(tasks.fastifyPlugin, { prefix: '/itsm' })`. */
export const boundPlugin = (tasks: () => ServerTasks): FastifyPluginAsync<{ readonly prefix?: string }> =>
  fp(async (app, options: { readonly prefix?: string }) => plugin(app, { ...options, tasks: tasks() }), registration);

// Without `encapsulate` fastify-plugin would drop the prefix and put the handlers above into the host's own scope.
export default fp(plugin, registration);
