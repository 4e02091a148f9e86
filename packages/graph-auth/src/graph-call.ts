import { type Cloud, clouds, hostsOf } from './clouds.ts';
import { causeCode, graphErrors, plainCause } from './errors.ts';
import { type CallResult, judge, type Outcome, transient } from './graph-reply.ts';
import type { GraphClientOptions, GraphLimits, GraphStatistics } from './graph-types.ts';
import { budgetOf, defaultRetryLimits, retryAfterMs, waitBefore } from './retry.ts';
import { exchange, OversizeError } from './transport.ts';

export const defaultGraphLimits: GraphLimits = {
  ...defaultRetryLimits,
  timeoutMs: 100_000,
  maxBytes: 32 * 1024 * 1024,
  maxDepth: 32,
  maxPages: 20_000,
};

export interface Call {
  readonly method: 'GET' | 'POST';
  /** Path and query on the Graph host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal | undefined;
}

export interface Caller {
  readonly cloud: Cloud;
  readonly limits: GraphLimits;
  call(call: Call): Promise<CallResult>;
  /** Waits, and keeps every other request of this client waiting with it: a throttle counts for the application. */
  pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
  countRetries(count: number): void;
  statistics(): GraphStatistics;
}

/** A body that broke on its way comes whole the next time; a page that a proxy sends instead comes again and again. */
const mostUnreadable = 3;

/** Paths are reported without their query: it holds tokens of paging, and may hold a person's name. */
const withoutQuery = (path: string): string => path.split('?', 1)[0] ?? path;

/** Sends single requests to Graph, with the token, its renewal, and every retry. */
export const createCaller = (options: GraphClientOptions): Caller => {
  const { clock, random, token, http } = options;
  const cloud = clouds[options.cloud];
  const limits = { ...defaultGraphLimits, ...options.limits };
  const logger = options.logger.child({ host: cloud.graphHost });
  let statistics = { requests: 0, retries: 0, waitedMs: 0, bytes: 0 };
  let pausedUntil = 0;

  const sleep = async (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
    const begun = clock.monotonic();
    await clock.sleep(milliseconds, signal);
    statistics = { ...statistics, waitedMs: statistics.waitedMs + (clock.monotonic() - begun) };
  };

  const pause = async (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
    pausedUntil = Math.max(pausedUntil, clock.monotonic() + milliseconds);
    await sleep(milliseconds, signal);
  };

  const attempt = async (
    call: Call,
    bearer: string,
    attempts: number,
    drops: (status: number, headers: Readonly<Record<string, string>>) => boolean,
  ): Promise<Outcome> => {
    const clientRequestId = random.uuid();
    const path = withoutQuery(call.path);
    statistics = { ...statistics, requests: statistics.requests + 1 };
    try {
      const reply = await exchange(http, {
        method: call.method,
        host: cloud.graphHost,
        path: call.path,
        headers: {
          'x-ms-throttle-priority': 'Low',
          ...call.headers,
          'client-request-id': clientRequestId,
          authorization: `Bearer ${bearer}`,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: call.body }),
        timeoutMs: limits.timeoutMs,
        maxBytes: limits.maxBytes,
        signal: call.signal,
        drops,
      });
      statistics = { ...statistics, bytes: statistics.bytes + reply.bytes };
      return judge(reply, { cloud, limits, path, clientRequestId, attempts, now: clock.now() });
    } catch (error) {
      call.signal?.throwIfAborted();
      // A header or path that cannot be sent is a defect of ours, and no outage.
      if (causeCode(error) === 'UND_ERR_INVALID_ARG') throw plainCause(error);
      const facts = { class: 'local', host: cloud.graphHost, path, clientRequestId, attempts };
      if (error instanceof OversizeError) {
        const details = { ...facts, requestId: '-', bound: `${limits.maxBytes} bytes` };
        return { error: graphErrors.GRAPH_REPLY_TOO_LARGE(details), retry: 'no', askedMs: undefined };
      }
      const details = { ...facts, hosts: hostsOf(cloud.id).join(', '), cause: causeCode(error) };
      const unreachable = graphErrors.GRAPH_UNREACHABLE(details, { cause: plainCause(error) });
      return { error: unreachable, retry: 'failure', askedMs: undefined };
    }
  };

  const call = async (wanted: Call): Promise<CallResult> => {
    const { signal } = wanted;
    const budget = budgetOf(clock, limits);
    let refused: string | undefined;
    let failures = 0;
    let throttles = 0;
    for (let attempts = 1; ; attempts += 1) {
      signal?.throwIfAborted();
      for (let rest = pausedUntil - clock.monotonic(); rest > 0; rest = pausedUntil - clock.monotonic())
        await sleep(rest, signal);
      // After the wait, which may outlast a token.
      const bearer = refused === undefined ? await token.get(signal) : await token.renew(refused, signal);
      // A failing connection is dropped, and its text lost, only where another attempt follows for certain.
      const follows = (asked: number | undefined) =>
        failures + 1 < limits.attempts && budget.allows(Math.max(asked ?? 0, limits.maxBackoffMs));
      const outcome = await attempt(wanted, bearer, attempts, (status, headers) =>
        transient.includes(status) ? follows(retryAfterMs(headers, clock.now())) : false,
      );
      if ('result' in outcome) return outcome.result;
      const { error, retry, askedMs } = outcome;
      if (retry === 'token' && refused === undefined) {
        refused = bearer;
        statistics = { ...statistics, retries: statistics.retries + 1 };
        continue;
      }
      if (retry === 'failure' || retry === 'unreadable') failures += 1;
      if (retry === 'throttle') throttles += 1;
      const wait = waitBefore(retry === 'throttle' ? throttles : failures, askedMs, limits, random);
      const most = retry === 'unreadable' ? Math.min(mostUnreadable, limits.attempts) : limits.attempts;
      const repeatable = retry === 'throttle' || (retry !== 'no' && retry !== 'token' && failures < most);
      const again = repeatable && budget.allows(wait);
      const { code, details } = error;
      const facts = {
        code,
        class: details.class,
        status: details.status,
        path: details.path,
        graphCode: details.graphCode,
        requestId: details.requestId,
        clientRequestId: details.clientRequestId,
      };
      if (!again) {
        logger.warn({ ...facts, attempts }, 'Graph request failed');
        throw error;
      }
      logger.info({ ...facts, waitMs: wait }, 'Graph request is tried again');
      statistics = { ...statistics, retries: statistics.retries + 1 };
      await (retry === 'throttle' ? pause(wait, signal) : sleep(wait, signal));
    }
  };

  return {
    cloud,
    limits,
    call,
    pause,
    countRetries: (count) => {
      statistics = { ...statistics, retries: statistics.retries + count };
    },
    statistics: () => statistics,
  };
};
