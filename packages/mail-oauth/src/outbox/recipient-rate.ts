import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import { recipientHours } from '../tables.ts';
import { recipientHash } from './addresses.ts';

const hourMs = 60 * 60_000;
/** Added to a counter once its hour's notice was given; far above what an account may allow. */
const told = 1_000_000;

export type RateVerdict = { readonly passes: true } | { readonly passes: false; readonly tell: boolean };

/**
 * Counts an automatic mail for each of its recipients, or refuses all of it where one of them has had the most of this
 * hour. `tell` is true once per recipient and hour, however many mails wait. Two machines that answer each other come to
 * rest here (RFC 3834, 2). Run in the transaction that claims the mail, so that a mail is counted exactly when it is sent.
 */
export const countRecipients = async (
  trx: Transaction,
  mail: { readonly account: string; readonly recipients: readonly string[] },
  most: number,
  now: Instant,
): Promise<RateVerdict> => {
  const { account } = mail;
  const hour = Math.floor(now / hourMs) * hourMs;
  const hashes = mail.recipients.map((address) => recipientHash(account, address));
  const at = (recipient: string) => (query: ReturnType<Transaction['from']>) =>
    query.where({ account, recipient, hour: trx.encode('time', hour) });
  const counts = new Map<string, number>();
  for (const hash of hashes) counts.set(hash, (await trx.rows(recipientHours, at(hash)))[0]?.count ?? 0);
  const full = [...counts].filter(([, count]) => count % told >= most);
  if (full.length > 0) {
    const untold = full.filter(([, count]) => count < told);
    for (const [hash, count] of untold) await trx.update(recipientHours, { count: count + told }, at(hash));
    return { passes: false, tell: untold.length > 0 };
  }
  for (const [recipient, count] of counts) {
    const changed = await trx.update(recipientHours, { count: count + 1 }, at(recipient));
    if (changed === 0) await trx.insert(recipientHours, [{ account, recipient, hour, count: 1 }]);
  }
  return { passes: true };
};

/** Forgets the counters of hours that are over; they are nobody's business any more. */
export const forgetHours = (trx: Transaction, account: string, now: Instant): Promise<number> =>
  trx.remove(recipientHours, (query) =>
    query.where({ account }).where('hour', '<', trx.encode('time', now - 2 * hourMs)),
  );
