import {
  budgetOf,
  defaultRetryLimits,
  marginOf,
  type SharedCall,
  sharedCall,
  type TokenReply,
  waitBefore,
} from '@itsm-m365/graph-auth';
import type { KnownError } from '@itsm-m365/plugin-api';
import type { AccountSettings } from '../account-fields.ts';
import type { Resource } from './access.ts';
import { tokenErrors } from './errors.ts';
import { readGrant } from './grant-rows.ts';
import type { RenewableTokens } from './renewable.ts';
import { delegatedScopes, resourcesOf } from './resources.ts';
import { renewGrant, usableGrant, type VaultOptions } from './vault.ts';

/** Refusals that pass are waited for within a call only this long; whoever asked comes again by their own plan. */
const limits = { ...defaultRetryLimits, attempts: 3, totalMs: 60_000 };

interface Cached {
  readonly token: string;
  /** On the clock's monotonic scale. */
  readonly renewAt: number;
  /** The sign-in it was got with: another one, made on any node, ends it. */
  readonly signedInAt: number;
}

/**
 * Access tokens by a person's sign-in. Held in memory only; the row is read before each use, so that a sign-in which ended
 * on another node fails here at once too, with the same error.
 */
export const createDelegatedTokens = (options: VaultOptions, settings: AccountSettings): RenewableTokens => {
  const { account, registration, services } = options;
  const { db, clock, random } = services;
  const logger = services.logger.child({ account });
  const cached = new Map<Resource, Cached>();
  const calls = new Map<Resource, SharedCall<string>>();
  let blocked: { readonly until: number; readonly version: number; readonly error: KnownError } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const renew = async (resource: Resource, signal: AbortSignal): Promise<string> => {
    const scopes = delegatedScopes(settings, resource, registration.cloud);
    if (scopes.length === 0) throw tokenErrors.MAIL_RESOURCE_UNUSED({ resource });
    const budget = budgetOf(clock, limits);
    for (let failures = 1; ; failures += 1) {
      const row = usableGrant(await readGrant(db, account), registration);
      if (blocked !== undefined && blocked.version === row.version && clock.monotonic() < blocked.until)
        throw blocked.error;
      const sent = clock.monotonic();
      const answer = await renewGrant(options, scopes, signal);
      if (!('error' in answer)) return keep(resource, answer, sent, row.signed_in_at);
      const { error, retry, askedMs } = answer;
      const facts = { code: error.code, aadsts: error.details.aadsts, correlationId: error.details.correlationId };
      const wait = waitBefore(failures, askedMs, limits, random);
      if (!retry || failures >= limits.attempts || !budget.allows(wait)) {
        logger.warn(facts, 'No access token');
        if (retry && askedMs !== undefined)
          blocked = { until: clock.monotonic() + askedMs, version: row.version, error };
        throw error;
      }
      logger.info({ ...facts, waitMs: wait }, 'The renewal is tried again');
      await clock.sleep(wait, signal);
    }
  };

  const keep = (resource: Resource, reply: TokenReply, sent: number, signedInAt: number): string => {
    cached.set(resource, {
      token: reply.token,
      renewAt: sent + reply.lifetimeMs - marginOf(reply.lifetimeMs),
      signedInAt,
    });
    logger.debug({ lifetimeMs: reply.lifetimeMs, resource }, 'Renewed the sign-in');
    return reply.token;
  };

  /** Renewals for two resources of this process need not wait for the claim by the clock. */
  const inTurn = (resource: Resource, signal: AbortSignal): Promise<string> => {
    const mine = last.then(() => renew(resource, signal));
    last = mine.catch(() => undefined);
    return mine;
  };

  const callOf = (resource: Resource): SharedCall<string> => {
    const known = calls.get(resource);
    if (known !== undefined) return known;
    const made = sharedCall((signal) => inTurn(resource, signal));
    calls.set(resource, made);
    return made;
  };

  return {
    token: async (resource, { refused, signal } = {}) => {
      signal?.throwIfAborted();
      const row = usableGrant(await readGrant(db, account), registration);
      const held = cached.get(resource);
      const usable = held !== undefined && held.token !== refused && held.signedInAt === row.signed_in_at;
      if (usable && clock.monotonic() < held.renewAt) return held.token;
      return callOf(resource).join(signal);
    },
    renew: async (signal) => {
      const [resource] = resourcesOf(settings);
      if (resource === undefined) throw tokenErrors.MAIL_RESOURCE_UNUSED({ resource: '-' });
      await callOf(resource).join(signal);
    },
  };
};
