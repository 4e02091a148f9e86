import type { Instant } from '@itsm-m365/plugin-api';
import type { OutboxRow } from '../tables.ts';
import { longestServerWaitMs, type UnknownPolicy } from './plan-send.ts';

/**
 * What Sent Items told of a mail whose outcome is unknown. `impossible`: they cannot be asked. `failed`: not now. `busy`: the
 * server asks to wait.
 */
export type LookupOutcome = 'found' | 'missing' | 'impossible' | 'failed' | 'busy';

export interface LookupStep {
  readonly change: Partial<Pick<OutboxRow, 'state' | 'next_at' | 'failed_code' | 'sent_at'>>;
  /** What was decided; `later`: nothing yet. */
  readonly decided: 'sent' | 'held' | 'again' | 'later';
}

const minute = 60_000;

/**
 * How long a copy may be missing before that means something, and how long the mailbox may be out of reach. Exchange files
 * the copy after it answered; a queue inside of it has been seen to take minutes.
 */
export const lookupLimits = { settleMs: 10 * minute, patienceMs: 60 * minute, everyMs: 4 * minute } as const;

/**
 * What is next with an uncertain mail. It counts as sent only where its Message-ID was found; else the account's policy
 * decides: `hold` never doubles a mail, `resend` never loses one. `row.changed_at`: when it became uncertain. `waitMs`: what a
 * busy server asks for. A look-up that fails long after it was due is the first in a while: the host was down and has not
 * been patient at all, so that nothing is decided yet.
 */
export const planLookup = (
  row: Pick<OutboxRow, 'changed_at' | 'next_at'>,
  outcome: LookupOutcome,
  policy: UnknownPolicy,
  now: Instant,
  waitMs = 0,
): LookupStep => {
  const age = now - row.changed_at;
  if (outcome === 'found')
    return { change: { state: 'sent', sent_at: row.changed_at, next_at: now, failed_code: '' }, decided: 'sent' };
  const waits =
    outcome === 'busy' ||
    (outcome === 'missing' && age < lookupLimits.settleMs) ||
    (outcome === 'failed' && (age < lookupLimits.patienceMs || now - row.next_at >= lookupLimits.patienceMs));
  if (waits) {
    const next_at = now + Math.max(lookupLimits.everyMs, Math.min(waitMs, longestServerWaitMs));
    return { change: { next_at }, decided: 'later' };
  }
  const failed_code = 'OUTBOX_OUTCOME_UNKNOWN';
  return policy === 'hold'
    ? { change: { state: 'held', next_at: now, failed_code }, decided: 'held' }
    : { change: { state: 'queued', next_at: now, failed_code }, decided: 'again' };
};
