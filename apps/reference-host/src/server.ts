import serverTasks, { type ServerTasks } from '@itsm-m365/server-tasks';
import Fastify, { type FastifyInstance } from 'fastify';
import { registerApiPage } from './api-page.ts';
import type { Configuration } from './configuration.ts';
import { hostErrors } from './errors.ts';
import { pluginsPrefix } from './host.ts';
import { answerBadAddress, answerBadConnection, registerProblems } from './problems.ts';
import { registerSignIn } from './sign-in.ts';
import { registerStartPage } from './start-page.ts';
import type { Users } from './users.ts';

/** How long a client may take, milliseconds. Answers are not counted: an event stream lasts as long as its run. */
export interface Patience {
  /** For the head of a request. */
  readonly headers: number;
  /** For the whole request with its body. */
  readonly request: number;
  /** How often it is looked at, so that a slow one may live so much longer. */
  readonly check: number;
}

const patience: Patience = { headers: 15_000, request: 60_000, check: 5_000 };

export interface ServerOptions {
  readonly tasks: ServerTasks;
  readonly users: Users;
  readonly configuration: Configuration;
  /** Default: 15 s for the head, 60 s for the whole request. */
  readonly patience?: Patience;
}

/** The host's HTTP server: sign-in, the plugins under `/itsm`, the OpenAPI page under `/docs` behind the sign-in. */
export const buildServer = async (options: ServerOptions): Promise<FastifyInstance> => {
  const { tasks, users, configuration } = options;
  const { headers, request, check } = options.patience ?? patience;
  const app = Fastify({
    logger: false,
    bodyLimit: 1024 * 1024,
    requestTimeout: request,
    http: { headersTimeout: headers, connectionsCheckingInterval: check, maxHeaderSize: 16 * 1024 },
    // Ids in addresses have up to 200 characters; the router's own limit is 100.
    routerOptions: { maxParamLength: 300 },
    return503OnClosing: true,
    frameworkErrors: answerBadAddress(tasks.services.logger),
    clientErrorHandler: answerBadConnection,
  });
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
  // A page to sign in at is shown also while the database does not answer.
  registerStartPage(app, () => tasks.restored.isOn().catch(() => false));
  await registerApiPage(app, users);
  await app.register(serverTasks, { prefix: pluginsPrefix, tasks });
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
