import type { Services } from '@itsm-m365/plugin-api';
import type { GrantRow } from '../tables.ts';
import { tokenErrors } from './errors.ts';
import { claimGrant, readGrant } from './grant-rows.ts';

/** A claim that does not change for so long on the waiter's own clock is taken over: its holder has died. */
export const leaseMs = 60_000;
const firstPauseMs = 500;
const longestPauseMs = 5000;
/** Longest time that is waited for others. */
const patienceMs = 5 * 60_000;

/**
 * Takes the right to renew a sign-in, over all nodes, and gives the row as it stands then. Whoever does not get it waits and
 * reads again. Times of two nodes are never compared: a waiter watches, on its own monotonic clock, how long one claim on
 * one version lasts. `usable` throws where the row cannot be renewed (missing, ended).
 * Throws `MAIL_RENEWAL_BUSY` after five minutes, and the signal's reason at once.
 */
export const takeClaim = async (
  { db, clock, random, logger }: Pick<Services, 'db' | 'clock' | 'random' | 'logger'>,
  account: string,
  usable: (row: GrantRow | undefined) => GrantRow,
  signal: AbortSignal,
): Promise<GrantRow> => {
  const ticket = random.uuid();
  const begun = clock.monotonic();
  let watched: { readonly claim: string; readonly version: number; readonly since: number } | undefined;
  let pause = firstPauseMs;
  for (;;) {
    signal.throwIfAborted();
    const row = usable(await readGrant(db, account));
    const now = clock.monotonic();
    if (watched?.claim !== row.claim || watched.version !== row.version)
      watched = { claim: row.claim, version: row.version, since: now };
    const left = row.claim !== '' && now - watched.since >= leaseMs;
    if ((row.claim === '' || left) && (await claimGrant(db, row, ticket))) {
      if (left) logger.warn({ account }, 'Took over the renewal of a sign-in from a node that does not answer');
      return { ...row, claim: ticket };
    }
    if (now - begun >= patienceMs) throw tokenErrors.MAIL_RENEWAL_BUSY();
    await clock.sleep(pause, signal);
    pause = Math.min(pause * 2, longestPauseMs);
  }
};
