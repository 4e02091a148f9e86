import type { SimReply } from '../http.ts';
import { type GraphCall, graphError, strike } from './call.ts';

// Graph page: Throttling limits, Outlook service limits: per app and mailbox.
const concurrentRequests = 4;
const windowMilliseconds = 600_000;
const requestsPerWindow = 10_000;

/** Limits of one app on one mailbox. Only requests over a connection have a duration, so only they count as concurrent. */
export interface MailLimits {
  refused(call: GraphCall, address: string): SimReply | undefined;
}

export const createMailLimits = (): MailLimits => {
  const running = new Map<string, number>();
  const windows = new Map<string, { readonly since: number; count: number }>();

  const tooMany = (call: GraphCall, limit: string, retryAfter: Readonly<Record<string, string>>): SimReply =>
    graphError(call, 429, 'ApplicationThrottled', `Application is over its ${limit} limit.`, retryAfter);

  return {
    refused: (call, address) => {
      const { world, clientId, tenant } = call;
      const key = `mail ${tenant.tenantId} ${clientId} ${address.toLowerCase()}`;
      const round = world.penalties.round();
      const early = world.penalties.check(key, round, call.endpoint, tenant.tenantId);
      if (early !== undefined) return tooMany(call, 'RequestCount', early);
      const fault = strike(call, 'mailbox-concurrency');
      const now = running.get(key) ?? 0;
      if (fault !== undefined || now >= concurrentRequests) {
        // No penalty for coming early: the limit is over as soon as a request ends.
        return tooMany(call, 'MailboxConcurrency', { 'retry-after': String(fault?.retryAfterSeconds ?? 1) });
      }
      const time = world.clock.now();
      const known = windows.get(key);
      const window =
        known === undefined || time - known.since >= windowMilliseconds ? { since: time, count: 0 } : known;
      windows.set(key, window);
      if (window.count >= (world.options.mailboxRequestsPerTenMinutes ?? requestsPerWindow)) {
        const seconds = Math.ceil((window.since + windowMilliseconds - time) / 1000);
        return tooMany(call, 'RequestCount', world.penalties.impose(key, round, seconds));
      }
      window.count += 1;
      call.onFinished?.(() => running.set(key, Math.max(0, (running.get(key) ?? 1) - 1)));
      if (call.onFinished !== undefined) running.set(key, now + 1);
      return undefined;
    },
  };
};
