import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import type { Language } from '@itsm-m365/plugin-api';
import { allPlugins, createServerTasks, type ServerTasks, type ServerTasksOptions } from '@itsm-m365/server-tasks';
import type { FastifyInstance } from 'fastify';
import { type LendOptions, type Lent, lendHost, personHeader } from './lend.ts';
import { buildForeignServer } from './server.ts';

export interface TestHostOptions extends LendOptions {
  /** Microsoft's hosts lead there; instead of `http`. */
  readonly simulatorUrl?: string;
  readonly core?: ServerTasksOptions;
}

export interface CallOptions {
  readonly body?: unknown;
  /** Default `root`, who may do everything; undefined: nobody. */
  readonly actor?: string | undefined;
  readonly language?: Language;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface TestHost extends Omit<Lent, 'close'> {
  /** The server's address, and where on it the plugins are. */
  readonly url: string;
  readonly prefix: string;
  /** Every route of the server, as `GET /path`. */
  readonly routes: readonly string[];
  readonly app: FastifyInstance;
  readonly tasks: ServerTasks;
  /** Calls the plugins' API below the prefix. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Ends server, core and the host's own store, in this order. */
  close(): Promise<void>;
}

const prefix = '/products/licensing';

const bodyOf = (text: string, type: string): unknown =>
  /json/.test(type) && text !== '' ? (JSON.parse(text) as unknown) : text;

/** Starts the foreign host with every plugin, listening on a free port of this machine. */
export const startTestHost = async ({ simulatorUrl, core, ...lend }: TestHostOptions): Promise<TestHost> => {
  const http = simulatorUrl === undefined ? undefined : simulatorDispatcher(simulatorUrl);
  const lent = await lendHost({ ...(http === undefined ? {} : { http }), ...lend });
  lent.people.hire('root', [{ permission: '*' }]);
  const tasks = await createServerTasks(lent.host, allPlugins, core).catch(async (error: unknown) => {
    await lent.close();
    throw error;
  });
  const routes: string[] = [];
  const app = await buildForeignServer(tasks, { people: lent.people, prefix, routes });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    ...lent,
    url,
    prefix,
    routes,
    app,
    tasks,
    async call(method, path, options = {}) {
      const actor = 'actor' in options ? options.actor : 'root';
      const answer = await fetch(`${url}${prefix}${path}`, {
        method,
        headers: {
          ...(actor === undefined ? {} : { [personHeader]: actor }),
          ...(options.language === undefined ? {} : { 'accept-language': options.language }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
      const headers = Object.fromEntries(answer.headers);
      return { status: answer.status, headers, body: bodyOf(await answer.text(), headers['content-type'] ?? '') };
    },
    async close() {
      await app.close();
      await tasks.stop();
      await lent.close();
      await http?.close();
    },
  };
};
