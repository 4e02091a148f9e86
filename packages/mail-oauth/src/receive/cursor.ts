import type { Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import type { MailboxFacts, Position } from '../channels/channel.ts';
import { mailStates, messages, type StoredPosition } from '../tables.ts';
import { receiveErrors } from './errors.ts';

/** Why a mailbox is not the one that was read before. */
const moveReasons = ['uid-validity', 'uid-next', 'mailbox', 'folder', 'protocol'] as const;

export type MoveReason = (typeof moveReasons)[number];

export type CursorVerdict =
  | { readonly kind: 'go-on' }
  | { readonly kind: 'first-time' }
  | { readonly kind: 'moved'; readonly reason: MoveReason };

/** What was found in place of the mailbox that was read; stored as JSON in `cursor_detail`. */
export interface MoveDetail {
  readonly reason: MoveReason;
  readonly uidValidity: string;
  readonly uidNext: number;
  readonly messages: number;
}

/**
 * `mail_state.cursor_state`. `moved`: a person has to answer. `from-now` and `fetch-all`: the answers, until a fetch has
 * carried them out; in `fetch-all` everything is listed from the beginning, and what was probably taken before is held back.
 */
export type CursorState = '' | 'moved' | 'from-now' | 'fetch-all';

/** RFC 9051, 5.1: INBOX is the one name whose case does not matter; no name at all means it too. */
const folderOf = (name: string): string => (/^(inbox)?$/i.test(name.trim()) ? 'INBOX' : name.trim());

const moved = (reason: MoveReason): CursorVerdict => ({ kind: 'moved', reason });

/**
 * Tells whether a stored position still means something in the mailbox that was opened (MAIL-04, MAIL-05, MAIL-06). UIDs
 * belong to one UIDVALIDITY (RFC 9051, 2.3.1.1), and UIDNEXT never falls while it stays the same; where it is not above the
 * stored UID, new mail would not be seen, silently, until there is more of it than there was. Another folder or protocol
 * names messages differently, so that everything would look new; another mailbox (`mailbox`: its address) may name them
 * alike, or be read on by the link of the former one. Pure.
 */
export const judgeCursor = (stored: StoredPosition | null, facts: MailboxFacts, mailbox: string): CursorVerdict => {
  if (stored === null) return { kind: 'first-time' };
  if ((stored.mailbox ?? mailbox) !== mailbox) return moved('mailbox');
  if (stored.kind !== facts.protocol) return moved('protocol');
  if (stored.kind === 'pop') return { kind: 'go-on' };
  if (folderOf(stored.folder) !== folderOf(facts.folder)) return moved('folder');
  if (stored.kind === 'graph') return { kind: 'go-on' };
  if (stored.uidValidity !== facts.uidValidity) return moved('uid-validity');
  return facts.uidNext !== undefined && facts.uidNext <= stored.uid ? moved('uid-next') : { kind: 'go-on' };
};

export const detailOf = (reason: MoveReason, facts: MailboxFacts): MoveDetail => ({
  reason,
  uidValidity: (facts.uidValidity ?? '').slice(0, 40),
  uidNext: facts.uidNext ?? 0,
  messages: facts.messages,
});

export const writeDetail = (detail: MoveDetail): string => JSON.stringify(detail);

/** Undefined where the detail was written by another version, or is none. */
export const readDetail = (stored: string): MoveDetail | undefined => {
  try {
    const value: unknown = JSON.parse(stored);
    const fields = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
    const reason = moveReasons.find((one) => one === fields.get('reason'));
    const uidNext = fields.get('uidNext');
    const count = fields.get('messages');
    if (reason === undefined || typeof uidNext !== 'number' || typeof count !== 'number') return undefined;
    return { reason, uidValidity: String(fields.get('uidValidity')), uidNext, messages: count };
  } catch {
    return undefined;
  }
};

/**
 * Where *from now* begins: at what was last seen of the mailbox, so that nothing that came after the answer is left out.
 * Undefined where that does not tell, and the mailbox itself has to be asked.
 */
export const positionFromNow = (detail: MoveDetail | undefined, facts: MailboxFacts): Position | undefined => {
  const { protocol, folder, uidValidity } = facts;
  if (protocol !== 'imap' || uidValidity === undefined || detail === undefined) return undefined;
  if (detail.uidValidity !== uidValidity || detail.uidNext < 1) return undefined;
  return { kind: 'imap', folder, uidValidity, uid: detail.uidNext - 1 };
};

/** Of a name that was taken from a row: no folder's key has this form. */
const retired = { start: 'retired;', form: /^retired;[0-9a-f-]{36}$/i, like: `retired;${'_'.repeat(36)}` } as const;

/** Whether a key names nothing in a mailbox any more. */
export const isRetired = (key: string): boolean => retired.form.test(key);

/**
 * Takes their names from the rows of an account. UIDs that are given again, under a UIDVALIDITY that was there before, would
 * else be taken for the messages that had them, and new mail be passed over silently (MAIL-05). What the rows tell of the
 * messages stays: by it they are recognised under their new names.
 */
const retireKeys = (trx: Transaction, account: string): Promise<number> => {
  const { start, like } = retired;
  const joined = trx.dialect === 'mssql' ? `concat(N'${start}', id)` : `'${start}' || id`;
  return trx.execute(`update ?? set message_key = ${joined} where account = ? and message_key not like '${like}'`, [
    trx.name(messages),
    account,
  ]);
};

/**
 * A person's answer to a mailbox that was moved (MAIL-06: self-service). It is carried out by the next fetch. Throws
 * `MAIL_CURSOR_NOT_MOVED` where there is nothing to answer, and so does the second of two answers.
 *
 * `fetch-all` forgets what was too large or unreadable: it is met again under its new name.
 */
export const answerCursor = (
  db: Database,
  account: string,
  answer: 'from-now' | 'fetch-all',
  now: Instant,
): Promise<void> =>
  db.write(async (trx) => {
    const [before] = await trx.rows(mailStates, (query) => query.where({ account }));
    const patch = answer === 'fetch-all' ? { position: null, position_at: now } : {};
    const changed = await trx.update(mailStates, { cursor_state: answer, ...patch }, (query) =>
      query.where({ account, cursor_state: 'moved' }),
    );
    if (changed === 0) throw receiveErrors.MAIL_CURSOR_NOT_MOVED({ account });
    const reason = readDetail(before?.cursor_detail ?? '')?.reason;
    // In another folder keys go on meaning what they meant.
    if (reason !== 'folder') await retireKeys(trx, account);
    if (answer === 'fetch-all') {
      await trx.remove(messages, (query) => query.where({ account }).whereIn('state', ['large', 'unreadable']));
    }
  });
