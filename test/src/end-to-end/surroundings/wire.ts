import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface WireAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface WireRequest {
  readonly method: string;
  /** As it is: nothing is encoded, resolved or checked. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In pieces: sent without a length. */
  readonly body?: string | Buffer | readonly Buffer[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** A request that `fetch` would tidy up. A connection that ends before the answer has status 0. */
export const send = (origin: string, { method, path, headers = {}, body }: WireRequest): Promise<WireAnswer> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(origin);
    const sent = request({ hostname, port, method, path, headers: { ...headers }, agent }, (answer) => {
      const parts: Buffer[] = [];
      const done = () => {
        const type = answer.headers['content-type'] ?? '';
        resolve({ status: answer.statusCode ?? 0, type, text: Buffer.concat(parts).toString('utf8') });
      };
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('end', done);
      // The answer to too large a body may come while the body is still on its way.
      answer.once('error', done);
    });
    sent.once('error', () => resolve({ status: 0, type: '', text: '' }));
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) sent.end(body);
    else {
      for (const part of body) sent.write(part);
      sent.end();
    }
  });

/** An open connection that says what it is told to, and nothing else. */
export interface Line {
  readonly socket: Socket;
  say(text: string): void;
  /** The first piece that came. */
  readonly first: Promise<string>;
  /** Everything that came, once the other side has closed. */
  readonly closed: Promise<string>;
}

export const openLine = (origin: string): Promise<Line> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const socket = connect({ host: hostname, port: Number(port) });
    let heard = '';
    socket.on('data', (part: Buffer) => {
      heard += part.toString('latin1');
    });
    const first = new Promise<string>((begun) => socket.once('data', (part: Buffer) => begun(part.toString('latin1'))));
    const closed = new Promise<string>((over) => socket.once('close', () => over(heard)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve({ socket, say: (text) => void socket.write(text, 'latin1'), first, closed });
    });
  });
