import type { Refusal, TokenReply } from '@itsm-m365/graph-auth';
import { isKnownError, type Services } from '@itsm-m365/plugin-api';
import type { GrantRow } from '../tables.ts';
import { takeClaim } from './claim.ts';
import { endedError, endingOf } from './ended.ts';
import { tokenErrors } from './errors.ts';
import { refreshTokenBinding, refreshTokenOf, releaseGrant, saveEnding, saveRenewed } from './grant-rows.ts';
import type { Registration } from './registration.ts';
import { requestRefresh } from './requests.ts';
import { ownerOf } from './token-owner.ts';

export interface VaultOptions {
  readonly account: string;
  readonly tokenUser: string;
  readonly registration: Registration;
  readonly services: Pick<Services, 'db' | 'secrets' | 'http' | 'clock' | 'random' | 'logger'>;
}

/** Times that a lost claim begins anew within one call. */
const attempts = 5;

/** The row of a sign-in that can be renewed; throws what has to be done instead. */
export const usableGrant = (row: GrantRow | undefined, { authority, clientId }: Registration): GrantRow => {
  if (row === undefined || row.refresh_token === '') throw tokenErrors.MAIL_SIGN_IN_MISSING();
  if (row.tenant !== authority || row.client !== clientId) throw tokenErrors.MAIL_SIGN_IN_OUTDATED();
  if (row.state !== 'ok') throw endedError({ code: row.failed_code, number: row.failed_number });
  return row;
};

/**
 * One renewal of an account's sign-in with its rotated refresh token saved before the access token is given away. Over all
 * nodes one at a time. Order: claim, reveal, ask, store the new secret, note it in the row by guard, remove the old secret.
 * Killed anywhere it loses no sign-in: until the row is changed the older refresh token stands there, which Entra keeps
 * valid; afterwards the newer one. What a kill can leave behind is one secret that no row names, the newer or the older one:
 * a host gives its reference only once it is stored, and lists none, so nothing finds it again.
 * An ended sign-in is noted as such, nothing else; everything else that fails leaves the row as it was.
 */
export const renewGrant = async (
  options: VaultOptions,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<TokenReply | Refusal> => {
  const { account, registration, services } = options;
  const { db, secrets, clock } = services;
  const logger = services.logger.child({ account });
  const binding = refreshTokenBinding(account, registration);

  const reveal = async (row: GrantRow): Promise<string> => {
    try {
      return await secrets.reveal(refreshTokenOf(row), binding);
    } catch (error) {
      // A host's own message may say more about its keys than belongs here.
      logger.warn({ code: isKnownError(error) ? error.code : 'other' }, 'The stored sign-in cannot be read');
      throw tokenErrors.MAIL_SIGN_IN_UNREADABLE();
    }
  };

  /** Undefined: the claim was lost meanwhile. */
  const save = async (row: GrantRow, former: string, reply: TokenReply): Promise<TokenReply | undefined> => {
    const rotated = reply.refreshToken !== undefined && reply.refreshToken !== former;
    const ref = rotated ? await secrets.store(reply.refreshToken ?? former, binding) : refreshTokenOf(row);
    const saved = await saveRenewed(db, row, ref, clock.now());
    if (rotated) await forget(saved ? refreshTokenOf(row) : ref);
    return saved ? reply : undefined;
  };

  /** A secret that no row names any more; that it stays is untidy and no more. */
  const forget = (ref: ReturnType<typeof refreshTokenOf>): Promise<void> =>
    secrets.remove(ref).catch(() => logger.warn({}, 'A replaced refresh token could not be removed'));

  const once = async (row: GrantRow): Promise<TokenReply | Refusal | undefined> => {
    const former = await reveal(row);
    const answer = await requestRefresh(registration, services, former, scopes, signal);
    if (!('error' in answer)) {
      const { authority, clientId } = registration;
      const expected = { authority, clientId, tokenUser: options.tokenUser, userId: row.user_id, now: clock.now() };
      ownerOf(answer, expected);
      return save(row, former, answer);
    }
    const ending = endingOf(answer.error);
    if (ending === undefined) return answer;
    logger.warn({ code: ending.code, aadsts: ending.number }, 'The sign-in has ended');
    if (!(await saveEnding(db, row, ending, clock.now()))) return undefined;
    return { error: endedError(ending), retry: false, askedMs: undefined };
  };

  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const row = await takeClaim(services, account, (found) => usableGrant(found, registration), signal);
    try {
      const answer = await once(row);
      if (answer !== undefined) return answer;
      logger.info({}, 'The renewal was taken over by another node');
    } finally {
      // Does nothing after a save. Where it fails the lease ends the claim.
      await releaseGrant(db, row).catch(() => undefined);
    }
  }
  throw tokenErrors.MAIL_RENEWAL_BUSY();
};
