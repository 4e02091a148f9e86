import type { Route, RouteRequest, ServerPlugin, StaticPage } from '@itsm-m365/plugin-api';
import type { TSchema } from 'typebox';
import { audit } from '../../core.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import { type Endpoint, Raw } from '../endpoint.ts';

const endpointOf = (tasks: ServerTasks, plugin: ServerPlugin, route: Route): Endpoint => ({
  method: route.method,
  path: `/${plugin.id}${route.path}`,
  summary: route.summary,
  tag: plugin.id,
  access: route.permission,
  response: route.response,
  checked: true,
  ...part('params', route.params),
  ...part('query', route.query),
  ...part('body', route.body),
  ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
  handle: ({ params, query, body, actor, signal, require, allows }) => {
    const request: RouteRequest<unknown, unknown, unknown> = {
      params,
      query,
      body,
      actor,
      signal,
      require,
      allows,
      audit: (entry) => audit(tasks.core, { ...entry, actor }),
    };
    return route.handle(request, tasks.services);
  },
});

const part = <Name extends string>(name: Name, schema: TSchema | undefined) =>
  (schema === undefined ? {} : { [name]: schema }) as { readonly [N in Name]?: TSchema };

const pageEndpoint = (plugin: ServerPlugin, page: StaticPage): Endpoint => ({
  method: 'GET',
  path: `/${plugin.id}${page.path}`,
  summary: page.summary,
  tag: plugin.id,
  access: 'anyone',
  produces: page.contentType,
  async handle({ reply }) {
    // The address that led here may hold a secret of a sign-in, and is nobody else's.
    reply.headers({
      'content-security-policy': page.policy,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    return new Raw(page.contentType, page.content);
  },
});

/** The routes and pages that plugins bring, below their ids; what routes answer is checked against their schema. */
export const pluginRoutes = (tasks: ServerTasks): readonly Endpoint[] => [
  ...tasks.core.registry.routes.map(({ plugin, value }) => endpointOf(tasks, plugin, value)),
  ...tasks.plugins.started.flatMap((plugin) => (plugin.staticPages ?? []).map((page) => pageEndpoint(plugin, page))),
];
