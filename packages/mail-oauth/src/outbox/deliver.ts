import { isKnownError, type KnownError, type Notice } from '@itsm-m365/plugin-api';
import type { Submission } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import type { OutboxRow } from '../tables.ts';
import type { DeliverDeps, Delivery, DeliveryCounts, Hold, SendingAccount } from './account.ts';
import { attemptSend } from './attempt.ts';
import { outboxNotices } from './notices.ts';
import { longestServerWaitMs, planSend } from './plan-send.ts';
import { resolveUncertain } from './resolve-uncertain.ts';
import { adoptOrphans, claimQueued, dueQueued, type OutboxStore, postpone, postponeAll, recordSent } from './store.ts';

const noticesOf = (account: SendingAccount, counts: DeliveryCounts, tellLimit: boolean): readonly Notice[] => {
  const subject = { type: 'mail-account', id: account.id, name: account.name };
  const of = (count: number) => ({ account: account.name, count });
  return [
    ...(counts.refused > 0 ? [outboxNotices.MAIL_REFUSED(of(counts.refused), subject)] : []),
    ...(counts.held > 0 ? [outboxNotices.MAIL_HELD(of(counts.held), subject)] : []),
    ...(counts.again > 0 ? [outboxNotices.MAIL_SENT_AGAIN(of(counts.again), subject)] : []),
    ...(counts.partly > 0 ? [outboxNotices.MAIL_RECIPIENTS_REFUSED(of(counts.partly), subject)] : []),
    ...(tellLimit
      ? [outboxNotices.MAIL_RATE_LIMITED({ account: account.name, most: account.perRecipientHour }, subject)]
      : []),
  ];
};

/**
 * Sends what is due of one account, in its order, over one connection: first looks up what an earlier hold left without
 * an answer, then sends. A mail is marked before its first byte goes out; its end is noted by the same ticket only, so
 * that after a crash at any point it is either queued, or uncertain and looked up, and never lost or doubled unnoticed.
 *
 * Never run twice at once for one account: the fence sees to it. Run again after a crash, it goes on. At `signal` it
 * gives the mail in hand back where nothing of it was handed over, closes, and rejects with the signal's reason; also
 * rejects with `LEASE_LOST` and `DATABASE_*`. What a channel or the vault refuses is in `stopped`.
 */
export const deliver = async (deps: DeliverDeps, account: SendingAccount, hold: Hold): Promise<Delivery> => {
  const { signal, ticket, fence } = hold;
  const store: OutboxStore = { db: deps.db, clock: deps.clock, account: account.id.toLowerCase(), ticket, fence };
  const logger = deps.logger.child({ account: store.account });
  const counts = { sent: 0, partly: 0, refused: 0, postponed: 0, limited: 0, uncertain: 0, held: 0, again: 0 };
  let tellLimit = false;
  let stopped: KnownError | undefined;
  let submission: Submission | undefined;

  const close = async (): Promise<void> => {
    const open = submission;
    submission = undefined;
    await open?.close().catch(() => undefined);
  };

  const stop = async (error: KnownError | undefined, waitMs: number): Promise<void> => {
    stopped = error;
    if (waitMs > 0) await postponeAll(store, deps.clock.now() + Math.min(waitMs, longestServerWaitMs));
  };

  /** Opens where nothing is open; undefined where that ends the delivery. Nothing of the queue has changed then. */
  const opened = async (): Promise<Submission | undefined> => {
    try {
      submission ??= await account.open(signal);
      return submission;
    } catch (error) {
      signal.throwIfAborted();
      if (isChannelFault(error)) await stop(deps.faultError(error), error.facts.waitMs);
      else if (isKnownError(error)) await stop(error, 0);
      else throw error;
      return undefined;
    }
  };

  const sendOne = async (open: Submission, row: OutboxRow): Promise<void> => {
    const { outcome, error } = await attemptSend(deps, open, row, signal);
    const { change, ends } = planSend(row, outcome, deps.clock.now(), deps.random);
    const noted = await recordSent(store, row.id, change);
    const facts = outcome.kind === 'fault' ? outcome.facts : undefined;
    const seen = { stage: facts?.stage, status: facts?.status, reason: facts?.reason };
    logger.info({ mail: row.id, state: change.state, code: change.failed_code, noted, ...seen }, 'Mail was attempted');
    counts[change.state === 'queued' ? 'postponed' : change.state] += 1;
    if (outcome.kind === 'accepted') {
      counts.partly += outcome.refused.length > 0 ? 1 : 0;
      return;
    }
    // Whatever was refused may have left a half-told transaction behind; the next mail begins on a connection of its own.
    await close();
    signal.throwIfAborted();
    if (ends === 'account') await stop(error, facts?.waitMs ?? 0);
  };

  const sendNext = async (id: string): Promise<void> => {
    const open = await opened();
    if (open === undefined) return;
    const claim = await claimQueued(store, id, account.perRecipientHour);
    if (claim.kind === 'claimed') await sendOne(open, claim.row);
    if (claim.kind !== 'limited') return;
    await postpone(store, id, planSend(claim.row, { kind: 'limited' }, deps.clock.now(), deps.random).change);
    counts.limited += 1;
    tellLimit ||= claim.tell;
  };

  try {
    counts.uncertain += await adoptOrphans(store);
    const resolved = await resolveUncertain(deps, store, account, hold, logger);
    counts.sent += resolved.sent;
    counts.held += resolved.held;
    counts.again += resolved.again;
    stopped = resolved.stopped;
    const ids = stopped === undefined ? await dueQueued(store, hold.most ?? 1000) : [];
    for (const id of ids) {
      signal.throwIfAborted();
      await sendNext(id);
      if (stopped !== undefined) break;
    }
  } finally {
    await close();
  }
  return { counts, stopped, notices: noticesOf(account, counts, tellLimit) };
};
