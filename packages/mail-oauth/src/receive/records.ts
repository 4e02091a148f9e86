import type { Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import { type MessageRow, messages } from '../tables.ts';
import { shown } from './headers.ts';
import type { ReadMessage } from './message.ts';

/** `mail_message.state`; see the table. */
export type MessageState = 'handing' | 'taken' | 'failed' | 'aside' | 'large' | 'unreadable' | 'suspect' | 'skipped';

export type Fence = (trx: Transaction) => Promise<void>;

/** Which of these keys have a row, in whatever state. */
export const knownKeys = async (db: Database, account: string, keys: readonly string[]): Promise<Set<string>> => {
  if (keys.length === 0) return new Set();
  const rows = await db.read((trx) =>
    trx.rows(messages, (query) => query.where({ account }).whereIn('message_key', [...keys])),
  );
  return new Set(rows.map(({ message_key }) => message_key));
};

/** Rows of the states, oldest first. */
export const rowsIn = (
  db: Database,
  account: string,
  states: readonly MessageState[],
  most: number,
  { acknowledged, offset = 0 }: { readonly acknowledged?: boolean; readonly offset?: number } = {},
): Promise<MessageRow[]> =>
  db.read((trx) =>
    trx.rows(messages, (query) => {
      query.where({ account }).whereIn('state', [...states]);
      if (acknowledged !== undefined) query.where('acknowledged', trx.encode('flag', acknowledged));
      return query.orderBy(['seen_at', 'message_key']).limit(most).offset(offset);
    }),
  );

/** Rows of the same message: the same words of the sender, and the same bytes. */
export const twinsOf = (db: Database, account: string, content: string, messageId: string): Promise<MessageRow[]> =>
  db.read((trx) => trx.rows(messages, (query) => query.where({ account, content, message_id: messageId })));

export interface SeenFacts {
  readonly account: string;
  readonly key: string;
  readonly id: string;
  readonly now: Instant;
  /** Bytes. */
  readonly size: number;
}

/** A row for a message that was never seen before. */
export const seenRow = ({ account, key, id, now, size }: SeenFacts, state: MessageState, code = ''): MessageRow => ({
  account,
  message_key: key,
  id,
  state,
  attempts: 0,
  class: '',
  message_id: '',
  subject: '',
  sender: '',
  content: '',
  size,
  seen_at: now,
  changed_at: now,
  failed_code: code,
  // Nothing but a taken message is ever acknowledged; the rest stays as it lies.
  acknowledged: state !== 'taken',
});

/** What a list shows of a message, cut to the columns. */
export const shownOf = (message: ReadMessage, content: string, size: number) => ({
  class: message.class,
  message_id: shown(message.messageId, 998),
  subject: shown(message.subject, 500),
  sender: shown(message.from[0]?.address ?? '', 320),
  content,
  size,
});

/** Inserts a row in a transaction of its own. */
export const record = (db: Database, fence: Fence, row: MessageRow): Promise<void> =>
  db.write(async (trx) => {
    await fence(trx);
    await trx.insert(messages, [row]);
  });

/** Changes a row that is still as it was read; false where somebody decided meanwhile. */
export const change = (
  db: Database,
  fence: Fence,
  row: Pick<MessageRow, 'account' | 'message_key' | 'state' | 'attempts'>,
  patch: Partial<MessageRow>,
): Promise<boolean> =>
  db.write(async (trx) => {
    await fence(trx);
    const { account, message_key, state, attempts } = row;
    const changed = await trx.update(messages, patch, (query) =>
      query.where({ account, message_key, state, attempts }),
    );
    return changed > 0;
  });

export const markAcknowledged = (
  db: Database,
  fence: Fence,
  account: string,
  keys: readonly string[],
  now: Instant,
): Promise<void> =>
  db.write(async (trx) => {
    await fence(trx);
    await trx.update(messages, { acknowledged: true, changed_at: now }, (query) =>
      query.where({ account, state: 'taken' }).whereIn('message_key', [...keys]),
    );
  });
