import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';

const expand = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

export interface TransportRequest {
  readonly method: 'GET' | 'POST';
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** Bound of the body, before and after decompression. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether an answer with this status is dropped with its connection, unread. Graph wants a retry after a 503 on a new
   * connection (Graph page "Best practices", G21), and undici has no other way of not using a connection again.
   */
  readonly drops?: (status: number, headers: Headers) => boolean;
}

/** Header names in lower case; of repeated headers the first. */
export type Headers = Readonly<Record<string, string>>;

export interface TransportReply {
  readonly status: number;
  readonly headers: Headers;
  /** Empty where the answer was dropped, or could not be unpacked. */
  readonly text: string;
  /** Bytes on the wire. */
  readonly bytes: number;
  readonly dropped: boolean;
}

/** The body exceeds its bound: local, and never retried. */
export class OversizeError extends Error {
  readonly code = 'BODY_TOO_LARGE';
}

class TimeoutError extends Error {
  readonly code = 'TIMEOUT';
}

class DroppedError extends Error {}

const headersOf = (raw: Readonly<Record<string, string | string[] | undefined>>): Headers => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name.toLowerCase()] = first;
  }
  return headers;
};

interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: Buffer[];
  readonly bytes: number;
  readonly dropped: boolean;
}

/** A bare dispatch: it answers at once to a failing status, before the parser has given the connection back. */
const dispatch = (http: Dispatcher, request: TransportRequest): Promise<Raw> =>
  new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Headers = {};
    let bytes = 0;
    const chunks: Buffer[] = [];
    // The machine's timer and not the clock passed in: it guards a socket, which knows no other time.
    const timer = setTimeout(() => stop(new TimeoutError('The answer did not come in time')), request.timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
    };
    const stop = (reason: Error) => {
      settle();
      reject(reason);
      controller?.abort(reason);
    };
    const onAbort = () => stop(request.signal?.reason);
    if (request.signal?.aborted) return onAbort();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        // Aborted while it waited for a connection.
        if (request.signal?.aborted) started.abort(request.signal.reason);
      },
      onResponseStart(started, code, raw) {
        if (code < 200) return;
        status = code;
        headers = headersOf(raw);
        if (!request.drops?.(status, headers)) return;
        settle();
        resolve({ status, headers, chunks, bytes, dropped: true });
        started.abort(new DroppedError('dropped'));
      },
      onResponseData(started, chunk) {
        bytes += chunk.length;
        if (bytes <= request.maxBytes) chunks.push(chunk);
        else {
          stop(new OversizeError('The body is larger than allowed'));
          started.abort(new DroppedError('oversize'));
        }
      },
      onResponseEnd() {
        settle();
        resolve({ status, headers, chunks, bytes, dropped: false });
      },
      onResponseError(_, error) {
        settle();
        reject(error);
      },
    };
    http.dispatch(
      {
        origin: `https://${request.host}`,
        path: request.path,
        method: request.method,
        headers: { ...request.headers },
        body: request.body ?? null,
        headersTimeout: request.timeoutMs,
        bodyTimeout: request.timeoutMs,
      },
      handler,
    );
  });

/** Undefined where it cannot be unpacked: then the answer is as unreadable as any other that makes no sense. */
const decompress = async (
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer | undefined> => {
  const name = encoding?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return body;
  if (name !== 'gzip' && name !== 'deflate' && name !== 'br') return undefined;
  try {
    return await expand[name](body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new OversizeError('The decompressed body is larger than allowed');
    return undefined;
  }
};

/**
 * One HTTP exchange over the dispatcher passed in: always https, no redirection, gzip asked for, bounded in time and size.
 * Rejects with the network's error (a `code`), an {@link OversizeError}, or the signal's reason, at once when it aborts.
 */
export const exchange = async (http: Dispatcher, request: TransportRequest): Promise<TransportReply> => {
  const { chunks, ...reply } = await dispatch(http, {
    ...request,
    headers: { accept: 'application/json', 'accept-encoding': 'gzip', ...request.headers },
  });
  const whole = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  const body = await decompress(whole, reply.headers['content-encoding'], request.maxBytes);
  return { ...reply, text: body?.toString('utf8') ?? '' };
};
