import type { NetworkRequestOptions } from '@azure/msal-node';
import { isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import { type Cloud, hostsOf } from './clouds.ts';
import { entraRefusal, entraReplyOf } from './entra-refusal.ts';
import { causeCode, graphErrors, plainCause } from './errors.ts';
import { retryAfterMs } from './retry.ts';
import { exchange, OversizeError, type TransportReply } from './transport.ts';

const maxBytes = 256 * 1024;

/** What one POST to Entra needs to know. */
export interface EndpointRequest {
  readonly cloud: Cloud;
  readonly http: Dispatcher;
  readonly now: number;
  readonly correlationId: string;
  /** For one POST, milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Refusal {
  readonly error: KnownError;
  /** Asking again, later, can help. */
  readonly retry: boolean;
  /** Milliseconds that the server asks to wait. */
  readonly askedMs: number | undefined;
}

/** Ends an exchange inside msal-node with our error, which it must not replace. */
export class EndpointFault extends Error {
  readonly refusal: Refusal | undefined;

  constructor(reason: string, refusal?: Refusal) {
    super(reason);
    this.refusal = refusal;
  }
}

export interface Fields {
  readonly [name: string]: unknown;
}

export interface EndpointReply {
  readonly status: number;
  readonly fields: Fields;
  readonly requestId: string;
}

/** Reads a reply of the token endpoint; a body that is no JSON object is GERR-03 or GERR-04 by its status. */
const fieldsOf = (reply: TransportReply, details: { host: string; requestId: string }): Fields => {
  const contentType = (reply.headers['content-type'] ?? 'no content type').slice(0, 100);
  const broken = reply.status < 300 && /^application\/json\b/i.test(contentType);
  const facts = { class: 'local', status: reply.status, cause: broken ? 'broken JSON' : contentType, ...details };
  const unreadable = reply.status < 300 ? graphErrors.GRAPH_REPLY_UNREADABLE : graphErrors.GRAPH_ERROR_UNREADABLE;
  try {
    const body: unknown = JSON.parse(reply.text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return Object.fromEntries(Object.entries(body));
  } catch {
    // The parser's message quotes the body.
  }
  throw unreadable(facts);
};

const fail = (error: KnownError, retry = false, askedMs?: number): never => {
  throw new EndpointFault(error.code, { error, retry, askedMs });
};

/**
 * One POST to the cloud's login host and nowhere else, without a retry. Throws an {@link EndpointFault} with the refusal:
 * Entra's own by its number, an unreadable answer, or no answer. Rejects with the signal's reason when it aborts.
 * `redact` takes out of Entra's words what was sent there.
 */
export const postEntra = async (
  request: EndpointRequest,
  address: string,
  options: NetworkRequestOptions,
  redact: (text: string) => string,
): Promise<EndpointReply> => {
  const { cloud, correlationId, signal } = request;
  const host = cloud.loginHost;
  const url = new URL(address);
  if (url.protocol !== 'https:' || url.host !== host) throw new EndpointFault('foreign host');
  let reply: TransportReply;
  try {
    reply = await exchange(request.http, {
      method: 'POST',
      host,
      path: `${url.pathname}${url.search}`,
      headers: { ...options.headers },
      body: options.body ?? '',
      timeoutMs: request.timeoutMs,
      maxBytes,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof OversizeError) {
      const bound = `${maxBytes} bytes`;
      return fail(graphErrors.GRAPH_REPLY_TOO_LARGE({ class: 'local', host, bound, requestId: correlationId }));
    }
    const details = { class: 'local', host, hosts: hostsOf(cloud.id).join(', '), cause: causeCode(error) };
    return fail(graphErrors.GRAPH_UNREACHABLE(details, { cause: plainCause(error) }), true);
  }
  const { status } = reply;
  const requestId = reply.headers['x-ms-request-id'] ?? correlationId;
  const askedMs = retryAfterMs(reply.headers, request.now);
  if (status >= 300 && status < 400)
    return fail(graphErrors.GRAPH_REDIRECTED({ class: 'local', host, status, hosts: hostsOf(cloud.id).join(', ') }));
  let fields: Fields;
  try {
    fields = fieldsOf(reply, { host, requestId });
  } catch (error) {
    if (!isKnownError(error)) throw error;
    // A success that broke on its way comes whole the next time.
    return fail(error, status < 300 || status === 429 || status >= 500, askedMs);
  }
  if (status < 300) return { status, fields, requestId };
  const refusal = entraReplyOf(fields);
  if (refusal === undefined) {
    const details = { class: 'local', host, status, cause: 'no OAuth error', requestId };
    return fail(graphErrors.GRAPH_ERROR_UNREADABLE(details), status === 429 || status >= 500, askedMs);
  }
  const shown = { ...refusal, description: redact(refusal.description) };
  const { error, retry } = entraRefusal(shown, status, correlationId);
  return fail(error, retry, askedMs);
};
