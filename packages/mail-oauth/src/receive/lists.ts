import type { Database, Instant } from '@itsm-m365/plugin-api';
import { type MessageRow, messages } from '../tables.ts';
import { receiveErrors } from './errors.ts';
import type { MessageState } from './records.ts';

/** A message as a screen shows it. Subject and sender are a stranger's words. */
export interface ListedMessage {
  readonly id: string;
  readonly key: string;
  readonly state: MessageState;
  readonly class: string;
  readonly attempts: number;
  readonly messageId: string;
  readonly subject: string;
  readonly sender: string;
  /** Bytes; 0 where the server did not tell. */
  readonly size: number;
  readonly seenAt: Instant;
  readonly changedAt: Instant;
  readonly failedCode: string;
  /** Whether a person may hand it over or skip it now. */
  readonly open: boolean;
}

/** States in which a person decides. A message that is being handed over is not among them, nor one that is taken. */
export const openStates = ['failed', 'aside', 'large', 'unreadable', 'suspect'] as const satisfies MessageState[];

const isOpen = (state: string): boolean => openStates.some((open) => open === state);

const itemOf = (row: MessageRow): ListedMessage => ({
  id: row.id,
  key: row.message_key,
  state: row.state as MessageState,
  class: row.class,
  attempts: row.attempts,
  messageId: row.message_id,
  subject: row.subject,
  sender: row.sender,
  size: row.size,
  seenAt: row.seen_at,
  changedAt: row.changed_at,
  failedCode: row.failed_code,
  open: isOpen(row.state),
});

export interface ListPage {
  /** From 0. */
  readonly offset: number;
  /** At most 200 are given. */
  readonly limit: number;
}

/** Messages of an account in some states, newest first, and how many there are in all. */
export const listMessages = (
  db: Database,
  account: string,
  states: readonly MessageState[],
  { offset, limit }: ListPage,
): Promise<{ readonly items: readonly ListedMessage[]; readonly total: number }> =>
  db.read(async (trx) => {
    const [counted] = await trx
      .from(messages)
      .where({ account })
      .whereIn('state', [...states])
      .count({ total: '*' });
    const rows = await trx.rows(messages, (query) =>
      query
        .where({ account })
        .whereIn('state', [...states])
        .orderBy([
          { column: 'seen_at', order: 'desc' },
          { column: 'message_key', order: 'asc' },
        ])
        .limit(Math.min(Math.max(1, limit), 200))
        .offset(Math.max(0, offset)),
    );
    return { items: rows.map(itemOf), total: Number(counted?.total ?? 0) };
  });

/**
 * A person's word about one message (`ListedMessage.id`). `handOver`: the next fetch reads it again, whatever kept it back,
 * and hands it over; what is still too large is listed again. `skip`: it stays in the mailbox and is never handed over.
 * Throws `MAIL_MESSAGE_DECIDED` where the message does not wait for a decision, and so does the second of two decisions of
 * `skip`. Harmless while a fetch runs.
 */
export const decideMessage = (
  db: Database,
  account: string,
  id: string,
  decision: 'handOver' | 'skip',
  now: Instant,
): Promise<void> =>
  db.write(async (trx) => {
    const patch =
      decision === 'skip'
        ? { state: 'skipped', changed_at: now }
        : { state: 'failed', failed_code: '', changed_at: now };
    const changed = await trx.update(messages, patch, (query) =>
      query.where({ account, id }).whereIn('state', [...openStates]),
    );
    if (changed === 0) throw receiveErrors.MAIL_MESSAGE_DECIDED();
  });
