import type { EndpointName } from '../http.ts';
import type { Statistics } from '../statistics.ts';

/** Timers fire a moment before their time; that is not impatience. */
const tolerance = 30;

interface Sentence {
  readonly until: number;
  readonly seconds: number;
}

/**
 * Remembers until when a caller was told to wait and answers impatience as Microsoft's dev-proxy does: refused again,
 * and the wait starts anew. Callers are app+tenant, for the token endpoint and Graph apart.
 */
export interface Penalties {
  impose(key: string, seconds: number): void;
  /** Seconds still to wait if the caller is too early (then counted as a violation), else undefined. */
  check(key: string, endpoint: EndpointName, tenantId: string | undefined): number | undefined;
  clear(): void;
}

export const createPenalties = (now: () => number, statistics: Statistics, punish: boolean): Penalties => {
  const sentences = new Map<string, Sentence>();
  return {
    impose: (key, seconds) => {
      sentences.set(key, { until: now() + seconds * 1000, seconds });
    },
    check: (key, endpoint, tenantId) => {
      const sentence = sentences.get(key);
      if (sentence === undefined) return undefined;
      const earlyBy = sentence.until - now();
      if (earlyBy <= tolerance) {
        sentences.delete(key);
        return undefined;
      }
      statistics.countViolation({ kind: 'early-retry', endpoint, tenantId, at: now(), earlyBy });
      if (!punish) return undefined;
      sentences.set(key, { until: now() + sentence.seconds * 1000, seconds: sentence.seconds });
      return sentence.seconds;
    },
    clear: () => sentences.clear(),
  };
};
