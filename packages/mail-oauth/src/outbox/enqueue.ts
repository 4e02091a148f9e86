import { type Clock, type Database, isKnownError, type Randomness, type Transaction } from '@itsm-m365/plugin-api';
import { type OutboxRow, outbox } from '../tables.ts';
import { checkedAddress, distinctAddresses, domainOf } from './addresses.ts';
import { composeMail, type MailContent } from './compose.ts';
import { outboxErrors } from './errors.ts';

export interface OutboxMail extends MailContent {
  readonly account: string;
  /** The host's name for what happened, 1 to 200 characters: the same key again is the same mail. */
  readonly eventKey: string;
  /** Get the mail without being named in it. */
  readonly bcc?: readonly string[];
}

export interface OutboxLimits {
  /** Of the whole message. Default 25 MiB: Exchange takes 35 MB, other servers often 25. */
  readonly maxBytes: number;
  /** Default 100, which every server has to take (RFC 5321, 4.5.3.1.8); Exchange takes 500. */
  readonly maxRecipients: number;
}

export const defaultOutboxLimits: OutboxLimits = { maxBytes: 25 * 1024 * 1024, maxRecipients: 100 };

export interface EnqueueDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly limits?: Partial<OutboxLimits>;
}

/** What became of a mail that was handed over. `added` is false where the event's mail was in the outbox already. */
export interface Enqueued {
  readonly id: string;
  readonly messageId: string;
  readonly state: string;
  readonly added: boolean;
}

/**
 * Writes a mail as it will be sent, each time the same: its Message-ID, under the sender's domain, is what tells later
 * whether it went (RFC 5322, 3.6.4). Touches no database.
 * @throws OUTBOX_ADDRESS_INVALID, OUTBOX_RECIPIENTS_INVALID, OUTBOX_MAIL_TOO_LARGE, OUTBOX_KEY_INVALID
 */
export const prepareMail = async (deps: Omit<EnqueueDeps, 'db'>, mail: OutboxMail): Promise<OutboxRow> => {
  const { maxBytes, maxRecipients } = { ...defaultOutboxLimits, ...deps.limits };
  if (mail.eventKey === '' || mail.eventKey.length > 200) throw outboxErrors.OUTBOX_KEY_INVALID();
  const from = checkedAddress(mail.from);
  const given = [...mail.to, ...(mail.cc ?? []), ...(mail.bcc ?? [])];
  const refuse = (count: number) => outboxErrors.OUTBOX_RECIPIENTS_INVALID({ count, most: maxRecipients });
  // Before anything is done with each: a list may be endless.
  if (given.length === 0 || given.length > maxRecipients) throw refuse(given.length);
  const bytes = mail.text.length + (mail.html?.length ?? 0);
  if (bytes > maxBytes) throw outboxErrors.OUTBOX_MAIL_TOO_LARGE({ bytes, most: maxBytes });
  const id = deps.random.uuid();
  const messageId = `<${id}@${domainOf(from)}>`;
  const now = deps.clock.now();
  const mime = await composeMail({ ...mail, messageId, date: now });
  if (mime.length > maxBytes) throw outboxErrors.OUTBOX_MAIL_TOO_LARGE({ bytes: mime.length, most: maxBytes });
  return {
    id,
    account: mail.account.toLowerCase(),
    event_key: mail.eventKey,
    message_id: messageId,
    from_address: from,
    recipients: distinctAddresses(given),
    subject: mail.subject.replace(/\p{Cc}+/gu, ' ').slice(0, 500),
    mime: mime.toString('utf8'),
    size: mime.length,
    automatic: mail.automatic,
    state: 'queued',
    attempts: 0,
    next_at: now,
    created_at: now,
    changed_at: now,
    sent_at: null,
    failed_code: '',
    reply: '',
    claim: '',
  };
};

const enqueuedOf = (row: Pick<OutboxRow, 'id' | 'message_id' | 'state'>, added: boolean): Enqueued => ({
  id: row.id,
  messageId: row.message_id,
  state: row.state,
  added,
});

/** Without the message itself, which may have megabytes. */
const find = async (trx: Transaction, account: string, eventKey: string): Promise<Enqueued | undefined> => {
  const found: Pick<OutboxRow, 'id' | 'message_id' | 'state'>[] = await trx
    .from(outbox)
    .select('id', 'message_id', 'state')
    .where({ account: account.toLowerCase(), event_key: eventKey });
  return found[0] === undefined ? undefined : enqueuedOf(found[0], false);
};

/** Puts a prepared mail into the outbox within the host's transaction: it is sent if, and only if, that commits. */
export const enqueueRow = async (trx: Transaction, row: OutboxRow): Promise<Enqueued> => {
  const known = await find(trx, row.account, row.event_key);
  if (known !== undefined) return known;
  await trx.insert(outbox, [row]);
  return enqueuedOf(row, true);
};

/**
 * Puts a mail into the outbox. The same event key of the same account again, also at the same time on another node,
 * answers with the mail that is there already and changes nothing. Sends nothing; needs no network.
 * @throws OUTBOX_ADDRESS_INVALID, OUTBOX_RECIPIENTS_INVALID, OUTBOX_MAIL_TOO_LARGE, OUTBOX_KEY_INVALID, DATABASE_*
 */
export const enqueue = async (deps: EnqueueDeps, mail: OutboxMail): Promise<Enqueued> => {
  const known = await deps.db.read((trx) => find(trx, mail.account, mail.eventKey));
  if (known !== undefined) return known;
  const row = await prepareMail(deps, mail);
  try {
    return await deps.db.write((trx) => enqueueRow(trx, row));
  } catch (error) {
    // Another node was faster: the unique index on the event's key decides.
    const other = isKnownError(error, 'DATABASE_CONSTRAINT')
      ? await deps.db.read((trx) => find(trx, mail.account, mail.eventKey))
      : undefined;
    if (other === undefined) throw error;
    return other;
  }
};
