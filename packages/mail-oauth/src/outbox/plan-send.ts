import type { Instant, KnownError, Randomness } from '@itsm-m365/plugin-api';
import type { FaultFacts } from '../channels/fault.ts';
import type { OutboxRow } from '../tables.ts';

/** What an account does with a mail of which nobody knows whether it went. */
export type UnknownPolicy = 'hold' | 'resend';

/** How an attempt to send ended. */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly reply: string; readonly refused: readonly { to: string; reply: string }[] }
  /** The channel failed; `code` is the known error that the diagnosis makes of it. */
  | { readonly kind: 'fault'; readonly facts: FaultFacts; readonly code: string }
  /** A known error before anything was handed over: no token, a dead grant. */
  | { readonly kind: 'error'; readonly error: KnownError }
  /** Too many automatic mails to a recipient in this hour. */
  | { readonly kind: 'limited' }
  /** Told to stop before anything was handed over. */
  | { readonly kind: 'stopped' }
  /** Something that no channel may throw: the mail may have gone. */
  | { readonly kind: 'broken' };

type Change = Pick<OutboxRow, 'next_at' | 'failed_code' | 'reply' | 'sent_at'> & {
  readonly state: 'queued' | 'sent' | 'refused' | 'uncertain';
};

/** What is next with a row, and whether the account's other mail can go on. */
export interface SendStep {
  readonly change: Change;
  /** `account`: the next mail would fail in the same way, so this delivery ends here. */
  readonly ends: 'mail' | 'account';
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A mistaken header must not hold mail for ever. */
export const longestServerWaitMs = day;

/** After the first failure one minute, doubled up to an hour; RFC 5321, 4.5.4.1 wants days before a mail is given up. */
export const sendLimits = { firstWaitMs: minute, longestWaitMs: hour, giveUpMs: 5 * day, giveUpAttempts: 20 } as const;

/** Exchange copies a mail to Sent Items shortly after it took it; looking at once would find nothing. */
const firstLookupMs = 2 * minute;

/**
 * RFC 5321, 3.8: the server closes the connection. It does so before a restart, and because of a mail that its filter cannot
 * digest, which would then be the first of each delivery and hold up all others.
 */
const mayBeOfEither = ({ protocol, status }: Pick<FaultFacts, 'protocol' | 'status'>): boolean =>
  protocol === 'smtp' && status === 421;

/** Whether the failure is the account's, and would meet each of its mails. A server that asks to wait asks it of all. */
const isOfAccount = ({ stage, status, reason, protocol, waitMs }: FaultFacts): boolean => {
  if (waitMs > 0 || !['sender', 'recipient', 'data', 'sent-items'].includes(stage)) return true;
  // A mailbox that is not there or must not be used; only From is each mail's own.
  if (protocol === 'graph')
    return [401, 404, 429].includes(status) || (status === 403 && !/^ErrorSendAsDenied$/i.test(reason));
  // RFC 4954, 6: 530 and 535 speak of the session, as do Exchange's 5.7.3, 5.7.30, 5.7.57 and 5.7.139.
  return mayBeOfEither({ protocol, status }) || [530, 535].includes(status) || /^5\.7\.(3|30|57|139)$/.test(reason);
};

/** RFC 5321, 4.2.1: 5yz will be said again. 503 speaks of the order of commands, and a new connection begins a new one. */
const isForGood = ({ status, protocol, code }: FaultFacts): boolean => {
  if (code === 'TOO_LARGE' || code === 'EENVELOPE') return true;
  if (protocol === 'graph') return status >= 400 && status < 500 && ![408, 409, 423].includes(status);
  return status >= 500 && status < 600 && status !== 503;
};

const backOff = (attempts: number, random: Pick<Randomness, 'fraction'>): number => {
  const doubled = sendLimits.firstWaitMs * 2 ** Math.min(Math.max(attempts - 1, 0), 20);
  return Math.ceil(Math.min(sendLimits.longestWaitMs, doubled) * (0.5 + random.fraction() / 2));
};

const refusedWords = (reply: string, refused: readonly { to: string; reply: string }[]): string =>
  [reply, ...refused.map((one) => `${one.to}: ${one.reply}`)].join(' | ').slice(0, 1000);

/**
 * What is next with a mail, given how sending it ended. `row.attempts` counts the attempt that ended. Pure: the same
 * input gives the same answer, apart from the jitter, and nothing is looked up.
 */
export const planSend = (
  row: Pick<OutboxRow, 'attempts' | 'created_at' | 'failed_code' | 'reply'>,
  outcome: SendOutcome,
  now: Instant,
  random: Pick<Randomness, 'fraction'>,
): SendStep => {
  const unchanged = { failed_code: row.failed_code, reply: row.reply, sent_at: null };
  const queued = { ...unchanged, state: 'queued' } as const;
  const uncertain = { ...unchanged, state: 'uncertain', next_at: now + firstLookupMs } as const;
  switch (outcome.kind) {
    case 'accepted': {
      const failed_code = outcome.refused.length === 0 ? '' : 'OUTBOX_RECIPIENTS_REFUSED';
      const reply = refusedWords(outcome.reply, outcome.refused);
      return { change: { state: 'sent', next_at: now, failed_code, reply, sent_at: now }, ends: 'mail' };
    }
    case 'limited': {
      // Spread over the first minutes, so that the hour does not begin with the whole queue.
      const next_at = Math.ceil((Math.floor(now / hour) + 1) * hour + random.fraction() * 5 * minute);
      return { change: { ...queued, next_at, failed_code: 'OUTBOX_RATE_LIMITED' }, ends: 'mail' };
    }
    case 'stopped':
      return { change: { ...queued, next_at: now }, ends: 'account' };
    case 'error':
      return { change: { ...queued, next_at: now, failed_code: outcome.error.code.slice(0, 80) }, ends: 'account' };
    case 'broken':
      return { change: { ...uncertain, failed_code: 'OUTBOX_SENDING_FAILED' }, ends: 'account' };
    case 'fault': {
      const { facts, code } = outcome;
      const told = { failed_code: code.slice(0, 80), reply: facts.reply.slice(0, 1000), sent_at: null };
      if (facts.outcomeUnknown)
        return { change: { ...told, state: 'uncertain', next_at: now + firstLookupMs }, ends: 'mail' };
      const ends = isOfAccount(facts) ? 'account' : 'mail';
      if (ends === 'account' && (facts.waitMs > 0 || !mayBeOfEither(facts)))
        return {
          change: { ...told, state: 'queued', next_at: now + Math.min(facts.waitMs, longestServerWaitMs) },
          ends,
        };
      if (isForGood(facts)) return { change: { ...told, state: 'refused', next_at: now }, ends };
      if (row.attempts >= sendLimits.giveUpAttempts && now - row.created_at >= sendLimits.giveUpMs)
        return { change: { ...told, state: 'refused', next_at: now, failed_code: 'OUTBOX_GIVEN_UP' }, ends };
      return { change: { ...told, state: 'queued', next_at: now + backOff(row.attempts, random) }, ends };
    }
  }
};
