import type { KnownError } from '@itsm-m365/plugin-api';
import { type Cloud, hostsOf } from './clouds.ts';
import { graphErrors } from './errors.ts';
import { type GraphFault, graphFaultOf, graphRefusal } from './graph-refusal.ts';
import type { GraphLimits, GraphObject } from './graph-types.ts';
import { DepthError, parseObject } from './json.ts';
import { retryAfterMs } from './retry.ts';
import type { TransportReply } from './transport.ts';

export interface CallResult {
  readonly body: GraphObject;
  readonly requestId: string;
}

/** What follows a failure: nothing, a new token, the wait of a throttle, another try, or the few of an unreadable success. */
export type RetryKind = 'no' | 'token' | 'throttle' | 'failure' | 'unreadable';

export interface Failure {
  readonly error: KnownError;
  readonly retry: RetryKind;
  readonly askedMs: number | undefined;
}

export type Outcome = { readonly result: CallResult } | Failure;

export interface Sent {
  readonly cloud: Cloud;
  readonly limits: GraphLimits;
  /** Without its query: that holds tokens of paging, and may hold a person's name. */
  readonly path: string;
  readonly clientRequestId: string;
  readonly attempts: number;
  readonly now: number;
}

/** Statuses of an outage: tried again on a new connection. */
export const transient: readonly number[] = [500, 502, 503, 504];

const unread: GraphFault = { code: '', message: '', codes: [] };

const retryOf = (status: number): RetryKind => {
  if (status === 401) return 'token';
  // 424 is what a batch throttled as a whole has been seen with (Graph page "Throttling guidance").
  if (status === 429 || status === 424) return 'throttle';
  return transient.includes(status) ? 'failure' : 'no';
};

/** The parsed body; undefined for what is no JSON object. The parser's message is dropped, as it quotes the body. */
const bodyOf = (text: string, maxDepth: number): GraphObject | DepthError | undefined => {
  try {
    return parseObject(text, maxDepth);
  } catch (error) {
    return error instanceof DepthError ? error : undefined;
  }
};

/** What an answer of Graph means (GERR-01, -03, -04, -07). */
export const judge = (reply: TransportReply, sent: Sent): Outcome => {
  const { status, headers } = reply;
  const { cloud, limits, path, clientRequestId, attempts } = sent;
  const host = cloud.graphHost;
  const requestId = headers['request-id'] ?? '-';
  const limit = Math.round(limits.totalMs / 1000);
  const facts = { status, path, clientRequestId, attempts, limit, host, requestId };
  const failure = (error: KnownError): Failure => ({
    error,
    retry: retryOf(status),
    askedMs: retryAfterMs(headers, sent.now),
  });
  if (reply.dropped) return failure(graphRefusal(unread, facts));
  if (status >= 300 && status < 400)
    return failure(graphErrors.GRAPH_REDIRECTED({ ...facts, class: 'local', hosts: hostsOf(cloud.id).join(', ') }));
  const body = bodyOf(reply.text, limits.maxDepth);
  if (body instanceof DepthError)
    return failure(graphErrors.GRAPH_REPLY_TOO_LARGE({ ...facts, class: 'local', bound: `${limits.maxDepth} levels` }));
  const cause = (headers['content-type'] ?? 'no content type').slice(0, 100);
  if (status < 300) {
    // Graph is known to send an error under status 200, where a stream broke after its head was sent.
    if (body !== undefined && !('error' in body)) return { result: { body, requestId } };
    const isJson = /^application\/json\b/i.test(cause);
    const seen = body !== undefined ? 'an error inside a success' : isJson ? 'broken JSON' : cause;
    const error = graphErrors.GRAPH_REPLY_UNREADABLE({ ...facts, class: 'local', cause: seen });
    return { error, retry: 'unreadable', askedMs: undefined };
  }
  // 410 is the answer, whatever its body: start over (Graph page "Delta query overview").
  const fault = graphFaultOf(body) ?? (status === 410 ? unread : undefined);
  if (fault === undefined) return failure(graphErrors.GRAPH_ERROR_UNREADABLE({ ...facts, class: 'local', cause }));
  return failure(graphRefusal(fault, { ...facts, requestId: headers['request-id'] ?? fault.requestId ?? '-' }));
};
