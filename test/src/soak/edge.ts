import { createServer, type IncomingMessage } from 'node:http';
import { type EndpointName, type Simulator, simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import type { Dispatcher } from 'undici';

export interface EdgeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Whether an answer goes out as it is, or as another. */
export type Rewrite = (endpoint: EndpointName, answer: EdgeAnswer) => EdgeAnswer;

export interface Edge {
  readonly http: Dispatcher;
  rewrite(rewrite: Rewrite | undefined): void;
  close(): Promise<void>;
}

const readBody = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

/** Which resource a request is about, by its address alone. */
export const endpointOf = (host: string, target: string): EndpointName => {
  if (host.startsWith('login.')) return 'token';
  const path = target.split('?', 1)[0]?.replace('/v1.0/', '') ?? '';
  if (path === '$batch') return 'batch';
  if (path === 'subscribedSkus') return 'subscribedSkus';
  if (path === 'directory/subscriptions') return 'subscriptions';
  if (path === 'organization') return 'organization';
  if (path === 'users/delta') return 'users-delta';
  if (path === 'users') return target.includes('$count') ? 'users-count' : 'users';
  return 'unknown';
};

/** The simulator behind a door that may rewrite what comes out of it, byte by byte: no simulator would send it. */
export const openEdge = async (simulator: Simulator): Promise<Edge> => {
  let change: Rewrite | undefined;
  const server = createServer((message, response) => {
    void readBody(message).then((body) => {
      const host = (message.headers.host ?? '').replace(/:\d+$/, '');
      const target = message.url ?? '/';
      const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
      const reply = simulator.handle({ method: message.method ?? 'GET', host, target, headers, body });
      const answer = change?.(endpointOf(host, target), reply) ?? reply;
      response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
      response.end(answer.status === 204 ? undefined : answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const http = simulatorDispatcher(`http://127.0.0.1:${port}`);
  return {
    http,
    rewrite: (rewrite) => {
      change = rewrite;
    },
    close: async () => {
      await http.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
