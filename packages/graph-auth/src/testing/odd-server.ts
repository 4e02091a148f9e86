import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import type { Dispatcher } from 'undici';

export interface OddServer {
  readonly http: Dispatcher;
  /** Requests seen: method, host, path, headers, and the number of the connection. */
  readonly seen: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
    readonly connection: number;
  }[];
  close(): Promise<void>;
}

/** A server for bytes that no simulator sends; it answers for all of Microsoft's hosts. */
export const oddServer = async (
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<OddServer> => {
  const seen: OddServer['seen'] = [];
  const connections = new Map<unknown, number>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const connection = connections.get(request.socket) ?? connections.size + 1;
      connections.set(request.socket, connection);
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body, connection });
      answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const http = simulatorDispatcher(`http://127.0.0.1:${port}`);
  return {
    http,
    seen,
    close: async () => {
      await http.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Answers JSON. */
export const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
