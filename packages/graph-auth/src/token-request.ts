import {
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
} from '@azure/msal-node';
import { isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import { hostsOf } from './clouds.ts';
import { checkCredential } from './credential.ts';
import { entraRefusal, entraReplyOf } from './entra-refusal.ts';
import { causeCode, graphErrors, plainCause } from './errors.ts';
import { redactorOf } from './redact.ts';
import { retryAfterMs } from './retry.ts';
import { asSigningError, metadataOf, proofOf, type TokenRequest } from './token-proof.ts';
import { exchange, OversizeError, type TransportReply } from './transport.ts';

const maxBytes = 256 * 1024;
/** Servers refuse headers of more than 16 KB; Entra's tokens have two or three. */
const longestToken = 15_000;

export type TokenAnswer =
  | { readonly token: string; readonly lifetimeMs: number }
  | { readonly error: KnownError; readonly retry: boolean; readonly askedMs: number | undefined };

/** Ends the exchange inside msal-node with our error, which it must not replace. */
class Failed extends Error {}

interface Fields {
  readonly [name: string]: unknown;
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

/** What can stand in a header: anything else is no token, and nothing to send. */
const tokenOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= longestToken && /^[\x20-\x7e]+$/.test(value) ? value : undefined;

/** RFC 6749, 5.1 only recommends the lifetime; five minutes are short of any that Entra gives, a day is beyond it. */
const secondsOf = (value: unknown): number => {
  if (value === undefined) return 300;
  return typeof value === 'number' || typeof value === 'string' ? Math.min(Number(value), 86_400) : Number.NaN;
};

/**
 * One request for a token: one signed assertion, one POST, no cache and no retry. A new msal-node application each time,
 * since its throttling cache would answer a second request itself, with another error than the server's (7.2.1).
 * Never throws for a refusal; rejects only when the signal aborts, or for a defect.
 */
export const requestToken = async (request: TokenRequest): Promise<TokenAnswer> => {
  const { cloud, tenantId, correlationId, http, signal } = request;
  const host = cloud.loginHost;
  const redact = redactorOf(request.credential);
  let answer: TokenAnswer | undefined;
  const fail = (error: KnownError, retry = false, askedMs?: number): never => {
    answer = { error, retry, askedMs };
    throw new Failed(error.code);
  };
  const send = async (address: string, options: NetworkRequestOptions = {}): Promise<TransportReply> => {
    const url = new URL(address);
    if (url.protocol !== 'https:' || url.host !== host) throw new Failed('foreign host');
    const body = options.body ?? '';
    const path = `${url.pathname}${url.search}`;
    const headers = { ...options.headers };
    try {
      return await exchange(http, {
        method: 'POST',
        host,
        path,
        headers,
        body,
        timeoutMs: request.timeoutMs,
        maxBytes,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OversizeError)
        return fail(
          graphErrors.GRAPH_REPLY_TOO_LARGE({
            class: 'local',
            host,
            bound: `${maxBytes} bytes`,
            requestId: correlationId,
          }),
        );
      const details = { class: 'local', host, hosts: hostsOf(cloud.id).join(', '), cause: causeCode(error) };
      return fail(graphErrors.GRAPH_UNREACHABLE(details, { cause: plainCause(error) }), true);
    }
  };
  const post = async <T>(address: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> => {
    const reply = await send(address, options);
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
    if (status >= 300) {
      const refusal = entraReplyOf(fields);
      if (refusal === undefined) {
        const details = { class: 'local', host, status, cause: 'no OAuth error', requestId };
        return fail(graphErrors.GRAPH_ERROR_UNREADABLE(details), status === 429 || status >= 500, askedMs);
      }
      const shown = { ...refusal, description: redact(refusal.description) };
      const { error, retry } = entraRefusal(shown, status, correlationId);
      return fail(error, retry, askedMs);
    }
    const token = tokenOf(fields.access_token);
    const seconds = secondsOf(fields.expires_in);
    // msal-node takes an empty object for a success with an empty token (7.2.1).
    if (token === undefined || !(seconds > 0))
      return fail(
        graphErrors.GRAPH_REPLY_UNREADABLE({ class: 'local', host, status, cause: 'no access token', requestId }),
        true,
      );
    answer = { token, lifetimeMs: seconds * 1000 };
    // The type parameter is msal-node's own promise about a body that only it reads.
    return { status, headers: {}, body: fields as T };
  };
  const network: INetworkModule = {
    sendGetRequestAsync: () => Promise.reject(new Failed('no discovery is needed')),
    sendPostRequestAsync: post,
  };
  const failed = (error: unknown): never => {
    if (isKnownError(error)) return fail(error);
    return fail(graphErrors.ASSERTION_UNREADABLE({ class: 'local', reason: causeCode(error) }));
  };
  try {
    checkCredential(request.credential, request.now);
    const application = new ConfidentialClientApplication({
      auth: {
        clientId: request.clientId,
        authority: `https://${host}/${tenantId}`,
        knownAuthorities: [host],
        authorityMetadata: metadataOf(cloud, tenantId),
        ...proofOf(request, failed),
      },
      system: { networkClient: network },
    });
    await application.acquireTokenByClientCredential({ scopes: [cloud.scope], skipCache: true, correlationId });
  } catch (error) {
    signal.throwIfAborted();
    if (answer !== undefined) return answer;
    const known = asSigningError(error);
    if (isKnownError(known)) return { error: known, retry: false, askedMs: undefined };
    if (request.credential.type !== 'certificate') throw error;
    const cause = new Error(error instanceof Error ? redact(error.message).slice(0, 200) : 'unknown');
    return {
      error: graphErrors.TOKEN_SIGNING_FAILED({ class: 'local' }, { cause }),
      retry: false,
      askedMs: undefined,
    };
  }
  if (answer === undefined) throw new Error('msal-node answered without a request');
  return answer;
};
