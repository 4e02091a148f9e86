import serverTasks, { type ServerTasks } from '@itsm-m365/server-tasks';
import Fastify, { type FastifyInstance } from 'fastify';
import { registerApiPage } from './api-page.ts';
import type { Configuration } from './configuration.ts';
import { hostErrors } from './errors.ts';
import { registerProblems } from './problems.ts';
import { registerSignIn } from './sign-in.ts';
import { registerStartPage } from './start-page.ts';
import type { Users } from './users.ts';

export interface ServerOptions {
  readonly tasks: ServerTasks;
  readonly users: Users;
  readonly configuration: Configuration;
}

/** The host's HTTP server: sign-in, the plugins under `/itsm`, the OpenAPI page under `/docs` behind the sign-in. */
export const buildServer = async ({ tasks, users, configuration }: ServerOptions): Promise<FastifyInstance> => {
  const app = Fastify({ logger: false, bodyLimit: 1024 * 1024, requestTimeout: 60_000, return503OnClosing: true });
  const origins = (): ReadonlySet<string> => {
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : configuration.listen.port;
    return new Set([
      ...['127.0.0.1', 'localhost', '[::1]'].map((name) => `http://${name}:${port}`),
      ...(configuration.publicUrl === undefined ? [] : [new URL(configuration.publicUrl).origin]),
    ]);
  };
  const secureCookie = configuration.publicUrl?.startsWith('https:') ?? false;
  registerProblems(app, tasks.services.logger);
  await registerSignIn(app, { users, origins, secureCookie });
  registerStartPage(app);
  await registerApiPage(app, users);
  await app.register(serverTasks, { prefix: '/itsm', tasks });
  return app;
};

/** Listens; a port in use gets a clear error. Returns the address. */
export const listen = async (app: FastifyInstance, { host, port }: Configuration['listen']): Promise<string> => {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw hostErrors.PORT_IN_USE({ port }, { cause });
    throw cause;
  }
};
