import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';

/** Where the web host of a name is: a plain port of this machine, one that is spoken to by TLS, or nowhere. */
export type WebHost = { readonly plain: number } | { readonly tls: number } | 'unknown';

const notFound = (hostname: string): Error =>
  Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });

/** A way out to the web that leads these hosts elsewhere, and all others to where `others` is. Close it after use. */
export const webHosts = (hosts: Readonly<Record<string, WebHost>>, others: number): Dispatcher => {
  const secure = buildConnector({});
  return new Agent({
    connect: (options, callback) => {
      const place = hosts[options.hostname] ?? { plain: others };
      if (place === 'unknown') {
        setImmediate(() => callback(notFound(options.hostname), null));
        return;
      }
      if ('tls' in place) {
        secure({ ...options, hostname: '127.0.0.1', port: `${place.tls}`, servername: options.hostname }, callback);
        return;
      }
      const socket = connect({ host: '127.0.0.1', port: place.plain, noDelay: true });
      const failed = (error: Error): void => callback(error, null);
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        callback(null, socket);
      });
    },
  });
};

export interface ScriptedWeb {
  readonly port: number;
  close(): Promise<void>;
}

/** A web server that gives one answer to everything, as JSON. */
export const scriptedWeb = async (status: number, body: object): Promise<ScriptedWeb> => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
