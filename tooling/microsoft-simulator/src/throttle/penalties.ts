import type { RetryAfterFormat } from '../faults/table.ts';
import type { EndpointName } from '../http.ts';
import { announce } from '../retry-after.ts';
import type { Statistics } from '../statistics.ts';

/** Timers fire a moment before their time; that is not impatience. */
const tolerance = 30;

interface Sentence {
  readonly until: number;
  readonly seconds: number;
  readonly format: RetryAfterFormat;
}

interface Told {
  /** The HTTP request that was told to wait; the items of a batch share it. */
  readonly round: number;
  readonly told: Sentence;
  /** What was in force before that request, and still binds the other items of the same batch. */
  readonly earlier: Sentence | undefined;
}

type Headers = Readonly<Record<string, string>>;

/**
 * Remembers until when a caller was told to wait and answers impatience as Microsoft's dev-proxy does: refused again,
 * and the wait starts anew. Callers are app+tenant, for the token endpoint and Graph apart. Announced and enforced are
 * one and the same wait (RFC 9110 10.2.3): both come from here.
 */
export interface Penalties {
  /** A new number for each HTTP request. */
  round(): number;
  /** Makes the caller wait; gives the Retry-After header that says so. */
  impose(key: string, round: number, seconds: number, format?: RetryAfterFormat): Headers;
  /** The Retry-After header if the caller is too early (then counted as a violation), else undefined. */
  check(key: string, round: number, endpoint: EndpointName, tenantId: string | undefined): Headers | undefined;
  clear(): void;
}

export const createPenalties = (context: {
  readonly now: () => number;
  /** The time as the service believes it to be, for dates. */
  readonly serviceNow: () => number;
  readonly statistics: Statistics;
  readonly punish: boolean;
}): Penalties => {
  const { now, statistics } = context;
  const records = new Map<string, Told>();
  let rounds = 0;

  const binding = (key: string, round: number): Sentence | undefined => {
    const record = records.get(key);
    return record?.round === round ? record.earlier : record?.told;
  };

  const impose: Penalties['impose'] = (key, round, seconds, format = 'integer') => {
    const { headers, wait } = announce(seconds, format, context.serviceNow());
    // Without the header a client cannot know how long to wait, so it cannot be too early either.
    if (wait === undefined) return headers;
    const record = records.get(key);
    const next: Sentence = { until: now() + wait, seconds, format };
    // Items of one batch may be told differently; the longest wait counts. Graph page: JSON batching, throttling.
    const longer = record?.round === round && record.told.until > next.until;
    records.set(key, { round, told: longer ? record.told : next, earlier: binding(key, round) });
    return headers;
  };

  return {
    round: () => {
      rounds += 1;
      return rounds;
    },
    impose,
    check: (key, round, endpoint, tenantId) => {
      const sentence = binding(key, round);
      if (sentence === undefined) return undefined;
      const earlyBy = sentence.until - now();
      if (earlyBy <= tolerance) {
        if (records.get(key)?.round !== round) records.delete(key);
        return undefined;
      }
      statistics.countViolation({ kind: 'early-retry', endpoint, tenantId, at: now(), earlyBy });
      return context.punish ? impose(key, round, sentence.seconds, sentence.format) : undefined;
    },
    clear: () => records.clear(),
  };
};
