import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { microsoftHosts } from './clouds.ts';
import type { SimReply, SimRequest } from './http.ts';
import type { SimulatorOptions } from './options.ts';
import { createSimulator, type Simulator } from './simulator.ts';

export interface StartOptions extends SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Serve this one instead of creating another. */
  readonly simulator?: Simulator;
}

export interface RunningSimulator {
  readonly url: string;
  readonly simulator: Simulator;
  /** Stops listening and ends open connections, hanging ones included. */
  close(): Promise<void>;
}

const bodyLimit = 4 * 1024 * 1024;
const worthCompressing = 600;

const readBody = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > bodyLimit) throw new Error('The request body is too large.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const hostOf = (message: IncomingMessage): string => {
  const own = (message.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  const forwarded = message.headers['x-forwarded-host'];
  return microsoftHosts.has(own) || typeof forwarded !== 'string' ? own : forwarded.toLowerCase();
};

const toRequest = async (message: IncomingMessage, response: ServerResponse): Promise<SimRequest> => ({
  method: message.method ?? 'GET',
  host: hostOf(message),
  target: message.url ?? '/',
  headers: Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  ),
  body: message.method === 'GET' ? '' : await readBody(message),
  onFinished: (listener) => response.once('close', listener),
});

const compressed = (body: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // Level 1: the simulator must not be the slow part of a load test.
    gzip(body, { level: 1 }, (error, result) => (error === null ? resolve(result) : reject(error)));
  });

const sendSlowly = (response: ServerResponse, body: Buffer, milliseconds: number): void => {
  const steps = 10;
  const size = Math.ceil(body.length / steps);
  let sent = 0;
  const step = (): void => {
    if (response.destroyed) return;
    response.write(body.subarray(sent, sent + size));
    sent += size;
    if (sent >= body.length) response.end();
    else setTimeout(step, milliseconds / steps);
  };
  step();
};

const send = async (simulator: Simulator, message: IncomingMessage, response: ServerResponse, reply: SimReply) => {
  if (reply.wire?.kind === 'hang') return;
  if (reply.wire?.kind === 'drop') {
    message.socket.destroy();
    return;
  }
  const plain = reply.bytes ?? Buffer.from(reply.body);
  const accepts = /\bgzip\b/.test(String(message.headers['accept-encoding'] ?? ''));
  const zips = accepts && reply.uncompressed !== true && plain.length >= worthCompressing;
  const body = zips ? await compressed(plain) : plain;
  simulator.statistics.countWireBytes(body.length);
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(zips ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    'content-length': body.length,
  });
  if (reply.wire?.kind === 'reset') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
      // The first half must have left before the connection dies, else the client sees no headers.
      setImmediate(() => message.socket.resetAndDestroy());
    });
  } else if (reply.wire?.kind === 'slow') sendSlowly(response, body, reply.wire.milliseconds);
  else response.end(body);
};

/** Serves a simulator on a local port for all Microsoft hosts, told apart by the Host header. */
export const startSimulator = async (options: StartOptions = {}): Promise<RunningSimulator> => {
  const simulator = options.simulator ?? createSimulator(options);
  const server = createServer((message, response) => {
    toRequest(message, response)
      .then((request) => send(simulator, message, response, simulator.handle(request)))
      .catch((error: unknown) => {
        // A defect of the simulator must not look like Graph failing: it says so and is not JSON.
        if (response.headersSent) response.destroy();
        else response.writeHead(599, { 'content-type': 'text/plain' }).end(`Simulator defect: ${String(error)}`);
      });
  });
  server.keepAliveTimeout = 30_000;
  const address = options.address ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, address, resolve);
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `http://${address}:${port}`,
    simulator,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
