import { isKnownError, type KnownError, type Logger } from '@itsm-m365/plugin-api';
import { isChannelFault } from '../channels/fault.ts';
import type { DeliverDeps, Hold, SendingAccount } from './account.ts';
import { type LookupOutcome, planLookup } from './plan-lookup.ts';
import { dueUncertain, type OutboxStore, settleUncertain } from './store.ts';

export interface Resolved {
  readonly sent: number;
  readonly held: number;
  readonly again: number;
  /** A grant that is dead says nothing about the mail: all of it waits for the new sign-in. */
  readonly stopped: KnownError | undefined;
}

interface Answer {
  readonly outcome: LookupOutcome;
  readonly error: KnownError | undefined;
  readonly waitMs: number;
}

const lookUp = async (deps: DeliverDeps, { findSent }: SendingAccount, messageId: string): Promise<Answer> => {
  if (findSent === undefined) return { outcome: 'impossible', error: undefined, waitMs: 0 };
  try {
    return { outcome: (await findSent(messageId)) ? 'found' : 'missing', error: undefined, waitMs: 0 };
  } catch (error) {
    const known = isChannelFault(error) ? deps.faultError(error) : error;
    if (!isKnownError(known)) throw error;
    const waitMs = isChannelFault(error) ? error.facts.waitMs : 0;
    if (waitMs > 0) return { outcome: 'busy', error: known, waitMs };
    return { outcome: known.kind === 'configuration' ? 'impossible' : 'failed', error: known, waitMs };
  }
};

/**
 * Looks up what is due of the mails with an unknown outcome in Sent Items, by the Message-ID that only we gave them, and
 * lets the account's policy decide about what is not there. Reads nothing but whether it is there. A mailbox that could not
 * be asked about one mail is not asked about the next ones. Safe to run again: a decision is noted only where nobody has
 * decided since.
 */
export const resolveUncertain = async (
  deps: DeliverDeps,
  store: OutboxStore,
  account: SendingAccount,
  hold: Hold,
  logger: Logger,
): Promise<Resolved> => {
  const counts = { sent: 0, held: 0, again: 0, later: 0 };
  let away: Answer | undefined;
  for (const row of await dueUncertain(store, hold.most ?? 1000)) {
    hold.signal.throwIfAborted();
    const answer = away ?? (await lookUp(deps, account, row.message_id));
    const { outcome, error, waitMs } = answer;
    hold.signal.throwIfAborted();
    if (error?.kind === 'credentials') return { ...counts, stopped: error };
    // The policy decides about no mail that was not itself asked for.
    if (error !== undefined) away = outcome === 'failed' ? { ...answer, outcome: 'busy' } : answer;
    const { change, decided } = planLookup(row, outcome, account.unknownOutcome, store.clock.now(), waitMs);
    if (!(await settleUncertain(store, row, change))) continue;
    counts[decided] += 1;
    logger.info({ mail: row.id, outcome, decided, code: error?.code }, 'Mail with unknown outcome was looked up');
  }
  return { ...counts, stopped: undefined };
};
