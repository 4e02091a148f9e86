import type { Clock, Database } from '@itsm-m365/plugin-api';
import { outbox } from '../tables.ts';
import { outboxErrors } from './errors.ts';

export type OutboxDecision = 'resend' | 'cancel';

/** What a person may decide in which state. What is being sent has to end first, and what was sent is gone. */
const decidable: Readonly<Record<OutboxDecision, readonly string[]>> = {
  resend: ['uncertain', 'held', 'refused', 'cancelled'],
  cancel: ['queued', 'uncertain', 'held', 'refused'],
};

/**
 * A person's word about one mail: `resend` queues the very same message again, for now; `cancel` keeps it from being sent.
 * A second call in the same state changes nothing and throws, as does one that comes after another person's.
 * @throws OUTBOX_MAIL_UNKNOWN, OUTBOX_MAIL_NOT_DECIDABLE
 */
export const decideMail = (
  { db, clock }: { readonly db: Database; readonly clock: Pick<Clock, 'now'> },
  named: { readonly account: string; readonly id: string },
  decision: OutboxDecision,
): Promise<void> =>
  db.write(async (trx) => {
    const at = { id: named.id.toLowerCase(), account: named.account.toLowerCase() };
    const found: { readonly state: string; readonly attempts: number }[] = await trx
      .from(outbox)
      .select('state', 'attempts')
      .where(at);
    const [mail] = found;
    if (mail === undefined) throw outboxErrors.OUTBOX_MAIL_UNKNOWN();
    const { state } = mail;
    const now = clock.now();
    const moved = { next_at: now, changed_at: now };
    // Counted anew, so that a mail that was given up is not given up again at the first hitch; from 1, so that it does not
    // count as a further mail to its recipients.
    const attempts = Math.min(Number(mail.attempts), 1);
    const change = decision === 'resend' ? { ...moved, state: 'queued', attempts } : { ...moved, state: 'cancelled' };
    const changed = decidable[decision].includes(state)
      ? await trx.update(outbox, change, (query) => query.where({ ...at, state }))
      : 0;
    if (changed !== 1) throw outboxErrors.OUTBOX_MAIL_NOT_DECIDABLE({ state });
  });
