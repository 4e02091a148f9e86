import type { Clock, Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import { type OutboxRow, outbox } from '../tables.ts';
import { countRecipients, forgetHours } from './recipient-rate.ts';

/** The outbox of one account as one hold of its task sees it. */
export interface OutboxStore {
  readonly db: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly account: string;
  /** Stands in every row that this hold is sending. */
  readonly ticket: string;
  /** First statement of every write; throws where another node has taken the account over. */
  readonly fence: (trx: Transaction) => Promise<void>;
}

/** An uncertain mail as looking it up needs it, without its content. */
export type UncertainRow = Pick<OutboxRow, 'id' | 'message_id' | 'changed_at' | 'next_at'>;

const write = <T>({ db, fence }: OutboxStore, work: (trx: Transaction) => Promise<T>): Promise<T> =>
  db.write(async (trx) => {
    await fence(trx);
    return work(trx);
  });

/**
 * Finds what a hold that is gone was sending when it went: nobody knows whether that mail was taken, so it becomes
 * uncertain. The fence makes sure that no other hold lives, and this one has not begun, so every such row is an orphan.
 */
export const adoptOrphans = (store: OutboxStore): Promise<number> =>
  write(store, async (trx) => {
    const now = store.clock.now();
    await forgetHours(trx, store.account, now);
    // `changed_at` stays: it is when the attempt began, and the look-up counts from there.
    const change = { state: 'uncertain', claim: '', next_at: now, failed_code: 'OUTBOX_OUTCOME_UNKNOWN' };
    return trx.update(outbox, change, (query) => query.where({ account: store.account, state: 'sending' }));
  });

const due = (trx: Transaction, { account, clock }: OutboxStore, state: string) =>
  trx.from(outbox).where({ account, state }).where('next_at', '<=', trx.encode('time', clock.now()));

export const dueUncertain = (store: OutboxStore, most: number): Promise<readonly UncertainRow[]> =>
  store.db.read(async (trx) => {
    const rows: Record<keyof UncertainRow, unknown>[] = await due(trx, store, 'uncertain')
      .select('id', 'message_id', 'changed_at', 'next_at')
      .orderBy('next_at')
      .orderBy('id')
      .limit(most);
    return rows.map((row) => ({
      id: String(row.id),
      message_id: String(row.message_id),
      changed_at: Number(trx.decode('time', row.changed_at)),
      next_at: Number(trx.decode('time', row.next_at)),
    }));
  });

/** Due mails, the oldest first. */
export const dueQueued = (store: OutboxStore, most: number): Promise<readonly string[]> =>
  store.db.read(async (trx) => {
    const rows: { readonly id: string }[] = await due(trx, store, 'queued')
      .select('id', 'created_at')
      .orderBy('created_at')
      .orderBy('id')
      .limit(most);
    return rows.map(({ id }) => id);
  });

/** What was sent is never sent again: its text goes, so that the table grows by lines and not by messages. */
const withoutText = (change: Partial<OutboxRow>): Partial<OutboxRow> =>
  change.state === 'sent' ? { ...change, mime: '' } : change;

/** Notes what became of an uncertain mail, unless a person decided in the meantime. Tells whether it was noted. */
export const settleUncertain = (store: OutboxStore, row: UncertainRow, change: Partial<OutboxRow>): Promise<boolean> =>
  write(store, async (trx) => {
    const moved = change.state === undefined ? {} : { changed_at: store.clock.now() };
    const changed = await trx.update(outbox, { ...withoutText(change), ...moved }, (query) =>
      query.where({ id: row.id, state: 'uncertain', changed_at: trx.encode('time', row.changed_at) }),
    );
    return changed === 1;
  });

export type Claim =
  | { readonly kind: 'claimed'; readonly row: OutboxRow }
  /** `tell`: the first mail that waits for this recipient in this hour. */
  | { readonly kind: 'limited'; readonly row: OutboxRow; readonly tell: boolean }
  /** Sent, cancelled or put off in the meantime. */
  | { readonly kind: 'lost' };

/**
 * Marks a due mail as being sent, before anything of it goes out, and counts it for its recipients if it is automatic.
 * A mail is counted at its first attempt only. Once this has committed, only an answer or a look-up tells how it ended.
 */
export const claimQueued = (store: OutboxStore, id: string, perRecipientHour: number): Promise<Claim> =>
  write(store, async (trx): Promise<Claim> => {
    const now = store.clock.now();
    const [row] = await trx.rows(outbox, (query) =>
      query.where({ id, account: store.account, state: 'queued' }).where('next_at', '<=', trx.encode('time', now)),
    );
    if (row === undefined) return { kind: 'lost' };
    if (row.automatic && row.attempts === 0) {
      const verdict = await countRecipients(trx, row, perRecipientHour, now);
      if (!verdict.passes) return { kind: 'limited', row, tell: verdict.tell };
    }
    const change = { state: 'sending', claim: store.ticket, attempts: row.attempts + 1, changed_at: now };
    const changed = await trx.update(outbox, change, (query) => query.where({ id, state: 'queued' }));
    return changed === 1 ? { kind: 'claimed', row: { ...row, ...change } } : { kind: 'lost' };
  });

/** Notes how an attempt of this hold ended. Tells whether it was noted: not where another hold has adopted the mail. */
export const recordSent = (store: OutboxStore, id: string, change: Partial<OutboxRow>): Promise<boolean> =>
  write(store, async (trx) => {
    const noted = { ...withoutText(change), claim: '', changed_at: store.clock.now() };
    const mine = { id, state: 'sending', claim: store.ticket };
    return (await trx.update(outbox, noted, (query) => query.where(mine))) === 1;
  });

/** Puts a mail off that waits for the next hour. */
export const postpone = (store: OutboxStore, id: string, change: Partial<OutboxRow>): Promise<number> =>
  write(store, (trx) => trx.update(outbox, change, (query) => query.where({ id, state: 'queued' })));

/** Nothing of the account is tried before then: the server asked for it. */
export const postponeAll = (store: OutboxStore, until: Instant): Promise<number> =>
  write(store, (trx) =>
    trx.update(outbox, { next_at: until }, (query) =>
      query.where({ account: store.account, state: 'queued' }).where('next_at', '<', trx.encode('time', until)),
    ),
  );
