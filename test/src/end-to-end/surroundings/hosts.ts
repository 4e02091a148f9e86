import { readFileSync } from 'node:fs';
import type { OutboundTcp, Services } from '@itsm-m365/plugin-api';
import { allPlugins, createServerTasks } from '@itsm-m365/server-tasks';
import { personHeader, type Right, startTestHost } from '@itsm-m365/test-host';
import type { Dispatcher } from 'undici';
import { describe } from 'vitest';
// The reference host is an application: it has no entry for others, so its parts are taken by their place.
import { readConfiguration } from '../../../../apps/reference-host/src/configuration.ts';
import { openHost } from '../../../../apps/reference-host/src/host.ts';
import { buildServer, listen, type Patience } from '../../../../apps/reference-host/src/server.ts';
import type { HostTickets } from '../../../../apps/reference-host/src/tickets.ts';
import { type Client, createClient, type SignedIn } from './client.ts';

export interface HostOptions {
  readonly folder: string;
  readonly http: Dispatcher;
  /** How long the reference host waits for a slow client. */
  readonly patience?: Patience;
  /** Where mail servers are; default: the public ones. */
  readonly tcp?: OutboundTcp;
  /** Where browsers reach the reference host. */
  readonly publicUrl?: string;
}

/** A host as the suite sees it: an address, and people who may sign in. */
export interface RunningHost extends Client {
  /** Where the plugins' API begins. */
  readonly url: string;
  /** The headers of the one who may do everything. */
  readonly everything: SignedIn;
  signIn(name: string, rights: readonly Right[]): Promise<SignedIn>;
  /** Everything that the host was told apart from HTTP: log, monitor, notifications. */
  told(): string;
  close(): Promise<void>;
}

export type StartHost = (options: HostOptions) => Promise<RunningHost>;

const password = 'correct horse battery staple';

const cookieOf = (answer: Response): string => (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';

const send = async (url: string, method: string, body: object, headers: SignedIn = {}): Promise<Response> => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
};

const writing = (lines: string[]) => {
  const line =
    (bound: object) =>
    (fields: object, message = '') => {
      lines.push(JSON.stringify({ ...bound, ...fields, message }, withErrors));
    };
  const logger = (bound: object) => ({
    debug: line(bound),
    info: line(bound),
    warn: line(bound),
    error: line(bound),
    child: (fields: object) => logger({ ...bound, ...fields }),
  });
  return logger({});
};

const withErrors = (_: string, value: unknown): unknown =>
  value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value;

/** The reference host with its own parts, for tests that look into them. */
export interface RunningReferenceHost extends RunningHost {
  readonly services: Services;
  readonly tickets: HostTickets;
}

/** The reference host, signed in with the one-time token: the administrator by cookie, others by bearer token. */
export const startReferenceHost = async ({
  folder,
  http,
  patience,
  tcp,
  publicUrl,
}: HostOptions): Promise<RunningReferenceHost> => {
  const environment = publicUrl === undefined ? {} : { PUBLIC_URL: publicUrl };
  const configuration = readConfiguration(['--data', folder, '--port', '0'], environment);
  const lines: string[] = [];
  const parts = { logger: writing(lines), http, ...(tcp === undefined ? {} : { tcp }) };
  const reference = await openHost(configuration, parts);
  const { restored } = reference;
  const tasks = await createServerTasks(reference.host, allPlugins, restored === undefined ? {} : { restored });
  const app = await buildServer({
    tasks,
    users: reference.users,
    configuration,
    ...(patience === undefined ? {} : { patience }),
  });
  const url = await listen(app, configuration.listen);
  const first = await reference.users.prepareFirstPassword();
  const administrator = { name: 'admin', password };
  const signedIn =
    first === undefined
      ? await send(`${url}/auth/sign-in`, 'POST', administrator)
      : await send(`${url}/auth/first-password`, 'POST', {
          token: readFileSync(first.tokenFile, 'utf8').trim(),
          ...administrator,
        });
  const everything = { cookie: cookieOf(signedIn) };
  return {
    ...createClient(`${url}/itsm`, everything),
    url: `${url}/itsm`,
    services: tasks.services,
    tickets: reference.tickets,
    everything,
    async signIn(name, grants) {
      await send(`${url}/auth/users`, 'PUT', { name, password, grants }, everything);
      const answer = await send(`${url}/auth/sign-in`, 'POST', { name, password });
      return { authorization: `Bearer ${cookieOf(answer).split('=')[1] ?? ''}` };
    },
    told: () => lines.join('\n'),
    async close() {
      await app.close();
      await tasks.stop();
      await reference.close();
    },
  };
};

/** The foreign host, whose scheduler is called as a cron job would, by nobody but the test. */
export const startForeignHost: StartHost = async ({ folder, http }) => {
  const host = await startTestHost({ folder, http });
  const everything = { [personHeader]: 'root' };
  const url = `${host.url}${host.prefix}`;
  return {
    ...createClient(url, everything),
    url,
    everything,
    async signIn(name, rights) {
      host.people.hire(name, rights);
      return { [personHeader]: name };
    },
    told: () => JSON.stringify([host.log, host.changes, host.told], withErrors),
    close: () => host.close(),
  };
};

const hosts: readonly (readonly [string, StartHost])[] = [
  ['reference host', startReferenceHost],
  ['foreign host', startForeignHost],
];

/** The same tests on both hosts. */
export const hostSuite = (name: string, tests: (startHost: StartHost) => void): void =>
  describe.each(hosts)(`${name} on the %s`, (_, startHost) => tests(startHost));
