import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import { type Client, createClient } from './client.ts';
import { built, type Ended, startNode } from './processes.ts';

type Mssql = Extract<DatabaseConnection, { dialect: 'mssql' }>;

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A process of the reference host that shares its database with others. */
export interface Node extends Client {
  readonly name: string;
  /** Stops it where it stands, as a paused machine does, until {@link Node.resume}. */
  suspend(): void;
  resume(): void;
  /** kill -9. */
  kill(): Promise<void>;
  /** Ends it as an administrator does. */
  end(): Promise<Ended>;
  log(): readonly LogLine[];
}

export interface NodeTimes {
  readonly heartbeatMs: number;
  readonly leaseMs: number;
}

export interface NodeOptions extends NodeTimes {
  readonly name: string;
  readonly skewSeconds?: number;
  /** Instead of the server's port: a proxy's. */
  readonly port?: number;
}

export interface NodesOptions {
  readonly folder: string;
  readonly simulatorUrl: string;
  readonly database: Mssql;
}

/** Starts nodes that have database and key in common, and nothing else. */
export interface Nodes {
  start(options: NodeOptions): Promise<Node>;
}

const administrator = { name: 'admin', password: 'correct horse battery staple' };

/** Not encrypted, so that a proxy can read along; with parameters that say so. */
const urlOf = ({ server, port, database, user, password, schema }: Mssql, proxy: number | undefined): string => {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const place = proxy === undefined ? `${server}:${port ?? 1433}` : `127.0.0.1:${proxy}`;
  return `mssql://${login}@${place}/${database}?encrypt=false&trustServerCertificate=true&schema=${schema ?? 'dbo'}`;
};

const signIn = async (url: string, tokenFile: string | undefined): Promise<Client> => {
  const path = tokenFile === undefined ? 'sign-in' : 'first-password';
  const token = tokenFile === undefined ? {} : { token: readFileSync(tokenFile, 'utf8').trim() };
  const answer = await fetch(`${url}/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...token, ...administrator }),
  });
  if (!answer.ok) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`);
  return createClient(`${url}/itsm`, { cookie: (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '' });
};

const logOf = (output: string): LogLine[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{"level"'))
    .map((line) => JSON.parse(line) as LogLine);

export const nodesOn = ({ folder, simulatorUrl, database }: NodesOptions): Nodes => {
  const key = randomBytes(32).toString('base64');
  let started = 0;
  return {
    async start({ name, heartbeatMs, leaseMs, skewSeconds = 0, port }) {
      started += 1;
      const process = startNode(
        built('tooling', 'test-host', 'dist', 'node.js'),
        [
          ...['--name', name, '--folder', join(folder, `${name}-${started}`), '--simulator', simulatorUrl],
          ...['--heartbeat-ms', String(heartbeatMs), '--lease-ms', String(leaseMs)],
          `--clock-skew-seconds=${skewSeconds}`,
        ],
        { env: { DATABASE_URL: urlOf(database, port), SECRETS_KEY: key } },
      );
      const [said = '{}'] = await process.says(/^\{"url".*$/m);
      const { url, tokenFile } = JSON.parse(said) as { readonly url: string; readonly tokenFile?: string };
      const { child } = process;
      return {
        ...(await signIn(url, tokenFile)),
        name,
        suspend: () => void child.kill('SIGSTOP'),
        resume: () => void child.kill('SIGCONT'),
        async kill() {
          child.kill('SIGKILL');
          await process.ended;
        },
        async end() {
          child.kill('SIGTERM');
          return process.ended;
        },
        log: () => logOf(process.output()),
      };
    },
  };
};
