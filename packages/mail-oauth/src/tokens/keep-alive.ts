import { type Instant, isKnownError, type KnownError, type Services } from '@itsm-m365/plugin-api';
import { grantsRenewedBefore } from './grant-rows.ts';
import type { RenewableTokens } from './renewable.ts';

/** Far from the 90 days after which Entra ends a refresh token that was not used (700082). */
export const renewAfterMs = 7 * 24 * 60 * 60_000;

export interface RenewDueOptions {
  readonly services: Pick<Services, 'db' | 'logger'>;
  readonly now: Instant;
  /** The tokens of an account; undefined where it is gone, or no longer signs in by a person. */
  readonly tokensOf: (account: string) => Promise<RenewableTokens | undefined>;
  readonly signal: AbortSignal;
}

export interface RenewalOutcome {
  readonly account: string;
  /** Undefined: renewed. */
  readonly error: KnownError | undefined;
}

/**
 * Renews every living sign-in that was not renewed for a week, one after the other, so that an account which rests loses
 * none. One that fails does not keep the others; what is no known error is a defect and ends the call. Safe to run twice.
 */
export const renewDue = async ({
  services,
  now,
  tokensOf,
  signal,
}: RenewDueOptions): Promise<readonly RenewalOutcome[]> => {
  const outcomes: RenewalOutcome[] = [];
  for (const { account } of await grantsRenewedBefore(services.db, now - renewAfterMs)) {
    signal.throwIfAborted();
    try {
      const tokens = await tokensOf(account);
      if (tokens === undefined) continue;
      await tokens.renew(signal);
      outcomes.push({ account, error: undefined });
    } catch (error) {
      signal.throwIfAborted();
      if (!isKnownError(error)) throw error;
      services.logger.warn({ account, code: error.code }, 'A sign-in could not be kept alive');
      outcomes.push({ account, error });
    }
  }
  return outcomes;
};
