import {
  ConfidentialClientApplication,
  type Configuration,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
} from '@azure/msal-node';
import { isKnownError } from '@itsm-m365/plugin-api';
import { checkCredential } from './credential.ts';
import { causeCode, graphErrors } from './errors.ts';
import { redactorOf } from './redact.ts';
import { EndpointFault, type EndpointReply, postEntra, type Refusal } from './token-endpoint.ts';
import { asSigningError, type ClientRequest, metadataOf, proofOf, type TokenRequest } from './token-proof.ts';

/** Servers refuse headers of more than 16 KB; Entra's tokens have two or three. */
const longestToken = 15_000;
/** Never sent in a header; the bound of the answer holds. */
const longestText = 200_000;

export interface TokenReply {
  readonly token: string;
  readonly lifetimeMs: number;
  /** Undefined where none was asked for or given, or it cannot be one. */
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
  /** The scopes granted, as the server wrote them; `''` where it did not. */
  readonly scope: string;
}

export type TokenAnswer = TokenReply | Refusal;

/** What can stand in a header: anything else is no token, and nothing to send. */
const tokenOf = (value: unknown, longest = longestToken): string | undefined =>
  typeof value === 'string' && value.length <= longest && /^[\x20-\x7e]+$/.test(value) ? value : undefined;

/** RFC 6749, 5.1 only recommends the lifetime; five minutes are short of any that Entra gives, a day is beyond it. */
const secondsOf = (value: unknown): number => {
  if (value === undefined) return 300;
  return typeof value === 'number' || typeof value === 'string' ? Math.min(Number(value), 86_400) : Number.NaN;
};

const replyOf = ({ status, fields, requestId }: EndpointReply, host: string): TokenReply => {
  const token = tokenOf(fields.access_token);
  const seconds = secondsOf(fields.expires_in);
  if (token !== undefined && seconds > 0)
    return {
      token,
      lifetimeMs: seconds * 1000,
      refreshToken: tokenOf(fields.refresh_token, longestText),
      idToken: tokenOf(fields.id_token, longestText),
      scope: tokenOf(fields.scope, longestText) ?? '',
    };
  // msal-node takes an empty object for a success with an empty token (7.2.1).
  const error = graphErrors.GRAPH_REPLY_UNREADABLE({
    class: 'local',
    host,
    status,
    cause: 'no access token',
    requestId,
  });
  throw new EndpointFault(error.code, { error, retry: true, askedMs: undefined });
};

/**
 * One request for a token by the grant that `acquire` chooses: at most one signed assertion, one POST, no cache and no
 * retry. `acquire` makes a new msal-node application of the configuration each time, since its throttling cache would
 * answer a second request itself, with another error than the server's, and keep tokens in memory (7.2.1). The answer is
 * read from the server's reply and not from msal-node's result, which holds no refresh token.
 * Never throws for a refusal; rejects only when the signal aborts, or for a defect.
 */
export const requestGrant = async (
  request: ClientRequest,
  acquire: (configuration: Configuration) => Promise<unknown>,
): Promise<TokenAnswer> => {
  const { cloud, tenantId, signal, credential } = request;
  const host = cloud.loginHost;
  const redact = redactorOf(credential, request.sent);
  let answer: TokenAnswer | undefined;
  const post = async <T>(address: string, options: NetworkRequestOptions = {}): Promise<NetworkResponse<T>> => {
    try {
      const reply = await postEntra(request, address, options, redact);
      answer = replyOf(reply, host);
      // The type parameter is msal-node's own promise about a body that only it reads.
      return { status: reply.status, headers: {}, body: reply.fields as T };
    } catch (error) {
      if (error instanceof EndpointFault && error.refusal !== undefined) answer = error.refusal;
      throw error;
    }
  };
  const network: INetworkModule = {
    sendGetRequestAsync: () => Promise.reject(new EndpointFault('no discovery is needed')),
    sendPostRequestAsync: post,
  };
  const failed = (error: unknown): never => {
    const known = isKnownError(error)
      ? error
      : graphErrors.ASSERTION_UNREADABLE({ class: 'local', reason: causeCode(error) });
    answer = { error: known, retry: false, askedMs: undefined };
    throw new EndpointFault(known.code, answer);
  };
  try {
    if (credential !== undefined) checkCredential(credential, request.now);
    await acquire({
      auth: {
        clientId: request.clientId,
        authority: `https://${host}/${tenantId}`,
        knownAuthorities: [host],
        authorityMetadata: metadataOf(cloud, tenantId),
        ...proofOf(request, failed),
      },
      system: { networkClient: network },
    });
  } catch (error) {
    signal.throwIfAborted();
    if (answer !== undefined) return answer;
    const known = asSigningError(error);
    if (isKnownError(known)) return { error: known, retry: false, askedMs: undefined };
    if (credential?.type !== 'certificate') throw error;
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

/** One request for a token by client credentials (RFC 6749, 4.4). See {@link requestGrant}. */
export const requestToken = (request: TokenRequest): Promise<TokenAnswer> =>
  requestGrant(request, (configuration) =>
    new ConfidentialClientApplication(configuration).acquireTokenByClientCredential({
      scopes: [request.scope],
      skipCache: true,
      correlationId: request.correlationId,
    }),
  );
