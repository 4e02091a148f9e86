import type { Clock, KnownError, Logger, Randomness } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import { type CloudId, clouds } from './clouds.ts';
import type { Credential } from './credential.ts';
import { graphErrors } from './errors.ts';
import { budgetOf, defaultRetryLimits, type RetryLimits, waitBefore } from './retry.ts';
import { sharedCall } from './shared-call.ts';
import { requestToken, type TokenAnswer } from './token-request.ts';

export interface TokenSourceOptions {
  readonly cloud: CloudId;
  /** Directory (tenant) ID, or a verified domain. */
  readonly tenantId: string;
  /** Application (client) ID. */
  readonly clientId: string;
  readonly credential: Credential;
  /** Of the resource the tokens are for. Default: the cloud's Graph. Exchange: `https://outlook.office365.com/.default`. */
  readonly scope?: string;
  readonly http: Dispatcher;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly logger: Logger;
  /** For one POST, milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryLimits>;
}

/** Access tokens of one application in one tenant. */
export interface TokenSource {
  /**
   * A token that is valid for a while: the cached one until shortly before its end, else a new one. Any number of callers
   * share one request. Rejects at once when `signal` aborts; the request goes on while another caller waits for it.
   * Throws `ENTRA_*`, `GRAPH_UNREACHABLE`, `GRAPH_REPLY_UNREADABLE`, `GRAPH_ERROR_UNREADABLE`, `TOKEN_SIGNING_FAILED`,
   * `CERTIFICATE_THUMBPRINT_UNREADABLE` and what `checkCredential` throws, the last without touching the network.
   */
  get(signal?: AbortSignal): Promise<string>;
  /** A token other than `refused`, which Graph has answered with 401. Safe to call twice: the first call renews. */
  renew(refused: string, signal?: AbortSignal): Promise<string>;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domain = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/i;

/** Throws where the two ids cannot be right; they become part of an address, so nothing else may be in them. */
export const checkIds = (tenantId: string, clientId: string): void => {
  if (!guid.test(tenantId) && !domain.test(tenantId)) throw graphErrors.TENANT_INVALID({ class: 'local' });
  if (!guid.test(clientId)) throw graphErrors.CLIENT_INVALID({ class: 'local' });
};

interface Cached {
  readonly token: string;
  /** On the clock's monotonic scale. */
  readonly renewAt: number;
}

/** Milliseconds before its end that a token is renewed: five minutes, less for tokens that live shortly. */
export const marginOf = (lifetimeMs: number): number => Math.min(5 * 60_000, lifetimeMs / 10);

/**
 * A source of access tokens by client credentials (RFC 6749, 4.4; AUTH-01, -16, -17). Refusals that pass by themselves
 * are tried again within the limits, after what `Retry-After` asks; if they do not pass, later calls fail with the same
 * error, without a request, until that time is over.
 */
export const createTokenSource = (options: TokenSourceOptions): TokenSource => {
  const { clock, random } = options;
  const limits = { ...defaultRetryLimits, attempts: 4, totalMs: 5 * 60_000, ...options.retry };
  const cloud = clouds[options.cloud];
  const logger = options.logger.child({ tenant: options.tenantId, host: cloud.loginHost });
  let cached: Cached | undefined;
  let blocked: { readonly until: number; readonly error: KnownError } | undefined;

  const ask = (signal: AbortSignal): Promise<TokenAnswer> =>
    requestToken({
      cloud,
      tenantId: options.tenantId,
      clientId: options.clientId,
      credential: options.credential,
      scope: options.scope ?? cloud.scope,
      http: options.http,
      now: clock.now(),
      correlationId: random.uuid(),
      timeoutMs: options.timeoutMs ?? 30_000,
      signal,
    });

  const waitForBlock = async (allows: (ms: number) => boolean, signal: AbortSignal): Promise<void> => {
    if (blocked === undefined) return;
    const rest = blocked.until - clock.monotonic();
    if (rest > 0 && !allows(rest)) throw blocked.error;
    if (rest > 0) await clock.sleep(rest, signal);
    blocked = undefined;
  };

  const acquire = async (signal: AbortSignal): Promise<string> => {
    checkIds(options.tenantId, options.clientId);
    const budget = budgetOf(clock, limits);
    await waitForBlock(budget.allows, signal);
    for (let failures = 1; ; failures += 1) {
      const sent = clock.monotonic();
      const answer = await ask(signal);
      if ('token' in answer) {
        cached = { token: answer.token, renewAt: sent + answer.lifetimeMs - marginOf(answer.lifetimeMs) };
        logger.debug({ lifetimeMs: answer.lifetimeMs }, 'Obtained an access token');
        return answer.token;
      }
      const { error, retry, askedMs } = answer;
      const wait = waitBefore(failures, askedMs, limits, random);
      const facts = {
        code: error.code,
        class: error.details.class,
        aadsts: error.details.aadsts,
        correlationId: error.details.correlationId,
      };
      if (!retry || failures >= limits.attempts || !budget.allows(wait)) {
        logger.warn(facts, 'No access token');
        if (retry && askedMs !== undefined) blocked = { until: clock.monotonic() + askedMs, error };
        throw error;
      }
      logger.info({ ...facts, waitMs: wait }, 'Token request is tried again');
      await clock.sleep(wait, signal);
    }
  };

  const shared = sharedCall(acquire);

  return {
    get: async (signal) => {
      signal?.throwIfAborted();
      return cached !== undefined && clock.monotonic() < cached.renewAt ? cached.token : shared.join(signal);
    },
    renew: async (refused, signal) => {
      if (cached?.token === refused) cached = undefined;
      signal?.throwIfAborted();
      return cached !== undefined && clock.monotonic() < cached.renewAt ? cached.token : shared.join(signal);
    },
  };
};
