import type { Readable } from 'node:stream';
import { type Cloud, type CloudId, clouds } from '@itsm-m365/graph-auth';
import { isKnownError } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import { limitsOf } from '../../transport/deadline.ts';
import { codeOf, faultsOf, type MakeFault } from '../../transport/peer.ts';
import { shownReply } from '../../transport/shown-reply.ts';
import type { ChannelContext, Login } from '../channel.ts';
import type { ChannelFault, Stage } from '../fault.ts';
import { errorOf, parsedObject, waitOf } from './answer.ts';

/** Where Graph is. */
export interface GraphPlace {
  /** Default `global`. */
  readonly cloud?: CloudId;
}

export interface GraphRequest {
  readonly stage: Stage;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the host, with the version. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => string | Readable;
  readonly bodyBytes?: number;
}

export interface GraphReply {
  readonly status: number;
  readonly body: Dispatcher.ResponseData['body'];
}

export interface GraphCaller {
  readonly cloud: Cloud;
  readonly fault: MakeFault;
  /** The path of something of the mailbox; what is put in is encoded. */
  path(parts: readonly string[], query?: Readonly<Record<string, string>>): string;
  /** An answer below 300, its body unread. Throws a fault for any other, or what the token vault throws. */
  open(request: GraphRequest): Promise<GraphReply>;
  /** The same with the body read as a JSON object; an empty body is an empty object. */
  json(request: GraphRequest): Promise<Readonly<Record<string, unknown>>>;
}

/** A page of 200 ids has 50 kB. */
const maxBytes = 8 * 1024 * 1024;
/** Waits for what Graph asks, where it asks for little: a listing would begin again otherwise. */
const shortWait = { milliseconds: 30_000, times: 3 } as const;

const networkStage = (code: string, stage: Stage): Stage => {
  if (/^(ENOTFOUND|EAI_|ENODATA|ADDRESS_REFUSED)/.test(code)) return 'address';
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EACCES|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) return 'connect';
  return /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO$)/.test(code) ? 'tls' : stage;
};

const textOf = async (body: GraphReply['body'], late: () => ChannelFault): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (bytes > maxBytes) throw late();
  }
  return Buffer.concat(chunks).toString('utf8');
};

/**
 * Calls Graph v1.0 about one mailbox, that of the login's `user`, with reading and writing that `@itsm-m365/graph-auth`'s client, which lists only and
 * waits by itself, does not do. Bounded in size and time; follows no redirection; a refused token is replaced once.
 */
export const graphCaller = (login: Login, context: ChannelContext, place: GraphPlace): GraphCaller => {
  const cloud = clouds[place.cloud ?? 'global'];
  const fault = faultsOf('graph', { host: cloud.graphHost, port: 443 });
  if (login.kind !== 'oauth') throw fault('settings', { code: 'OAUTH_NEEDED' });
  const mailbox = login.user;
  const { connectMs, answerMs } = limitsOf(context);
  const { signal, clock } = context;

  const broken = (error: unknown, stage: Stage): unknown => {
    if (signal.aborted) return signal.reason;
    if (isKnownError(error) && error.code !== 'ADDRESS_REFUSED') return error;
    const found = codeOf(error);
    const code = /^UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT$/.test(found) ? 'TIMEOUT' : found;
    return fault(networkStage(found, stage), { code });
  };

  const attempt = async (request: GraphRequest, token: string): Promise<Dispatcher.ResponseData> => {
    try {
      return await context.http.request({
        origin: `https://${cloud.graphHost}`,
        path: request.path,
        method: request.method,
        headers: {
          accept: 'application/json',
          // RFC 9110, 12.5.3: nothing has to be unpacked then, and nothing can grow while it is.
          'accept-encoding': 'identity',
          // Ids that stay when a message is moved (Graph page "Immutable identifiers").
          prefer: 'IdType="ImmutableId"',
          ...request.headers,
          ...(request.bodyBytes === undefined ? {} : { 'content-length': String(request.bodyBytes) }),
          authorization: `Bearer ${token}`,
        },
        body: request.body?.() ?? null,
        headersTimeout: Math.max(connectMs, answerMs),
        bodyTimeout: answerMs,
        signal,
      });
    } catch (error) {
      throw broken(error, request.stage);
    }
  };

  const refusal = async (
    request: GraphRequest,
    { statusCode, headers, body }: Dispatcher.ResponseData,
    token: string,
  ) => {
    // What an unreadable body says is lost; the status is not.
    const text = await textOf(body, () => fault(request.stage, { code: 'TOO_LARGE' })).catch(() => '');
    const { code, message } = errorOf(text);
    const stage = statusCode === 401 ? 'login' : request.stage;
    const reply = shownReply(message || code || `HTTP ${statusCode}`, [token]);
    const waitMs = waitOf(headers['retry-after'], headers.date, clock.now());
    return fault(stage, { status: statusCode, reason: code, reply, waitMs });
  };

  const open = async (request: GraphRequest): Promise<GraphReply> => {
    let refused: string | undefined;
    for (let waits = 0; ; ) {
      signal.throwIfAborted();
      const token = await login.token({ signal, ...(refused === undefined ? {} : { refused }) });
      const answer = await attempt(request, token);
      if (answer.statusCode >= 200 && answer.statusCode < 300) return { status: answer.statusCode, body: answer.body };
      const failure = await refusal(request, answer, token);
      signal.throwIfAborted();
      const { status, waitMs } = failure.facts;
      if (status === 401 && refused === undefined) {
        refused = token;
        continue;
      }
      const waitable = [429, 503].includes(status) && waitMs > 0 && waitMs <= shortWait.milliseconds;
      // A message is never sent a second time in here: the outbox knows when.
      if (!waitable || request.stage === 'data' || waits >= shortWait.times) throw failure;
      waits += 1;
      await clock.sleep(waitMs, signal);
    }
  };

  return {
    cloud,
    fault,
    open,
    path: (parts, query = {}) => {
      const encoded = ['users', mailbox, ...parts]
        .map((part) => encodeURIComponent(part).replaceAll('%24', '$'))
        .join('/');
      const asked = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      return `/v1.0/${encoded}${asked.length === 0 ? '' : `?${asked.join('&')}`}`;
    },
    json: async (request) => {
      const { body } = await open(request);
      const large = fault(request.stage, { code: 'REPLY_TOO_LARGE' });
      const text = await textOf(body, () => large).catch((error: unknown) => {
        throw error === large ? error : broken(error, request.stage);
      });
      const parsed = parsedObject(text);
      if (parsed === undefined) throw fault(request.stage, { code: 'REPLY_UNREADABLE' });
      return parsed;
    },
  };
};
