import { defineTask, noticeOf, type Services, type TaskContext } from '@itsm-m365/plugin-api';
import type { MailAccount } from '../account.ts';
import { connectAccount } from '../connect-account.ts';
import { faultError } from '../diagnosis/fault-error.ts';
import type { SendingAccount } from '../outbox/account.ts';
import { deliver } from '../outbox/deliver.ts';
import { mailPermissions } from '../permissions.ts';
import { outbox } from '../tables.ts';
import { subjectOf } from '../watch.ts';
import { accountOf, itemsWhere } from './one-account.ts';

const sendingOf = async (context: TaskContext, account: MailAccount): Promise<SendingAccount> => {
  const connected = await connectAccount(context, account);
  const { unknownOutcome, perRecipientHour } = account.value.sending;
  return {
    id: account.id,
    name: account.value.name,
    unknownOutcome,
    perRecipientHour,
    open: connected.openSubmission,
    findSent: connected.findSent(context.signal),
  };
};

/** Accounts that something is due in, or was being sent when a node died. */
const waiting = async ({ db, clock }: Pick<Services, 'db' | 'clock'>): Promise<ReadonlySet<string>> => {
  const rows: { readonly account: string }[] = await db.read((trx) =>
    trx
      .from(outbox)
      .distinct('account')
      .whereIn('state', ['queued', 'sending', 'uncertain'])
      .where('next_at', '<=', trx.encode('time', clock.now())),
  );
  return new Set(rows.map(({ account }) => account));
};

/**
 * *Send mail*. One item an account that has something due. A sign-in that no longer works, or a server that refuses,
 * leaves the queue as it is; the next run goes on.
 */
export const sendTask = defineTask({
  kind: 'work',
  id: 'mail-oauth.send',
  title: { en: 'Send mail', de: 'Mail senden' },
  description: {
    en: 'Sends what waits in the outbox, and finds out about mail whose sending was cut off.',
    de: 'Sendet, was im Postausgang wartet, und klärt Mail, deren Versand abgebrochen ist.',
  },
  schedule: { kind: 'interval', minutes: 1 },
  timeoutMinutes: 60,
  permission: mailPermissions.startTasks,
  concurrency: 4,
  heldAfterRestore: true,
  restsWithoutItems: true,
  async items(services) {
    const accounts = await waiting(services);
    return itemsWhere(services, ({ id, value }) => value.sending.protocol !== 'none' && accounts.has(id));
  },
  async run(context) {
    const account = await accountOf(context);
    if ('counts' in account) return account;
    const { db, clock, random, logger, ticket, fence, signal } = context;
    const sending = await sendingOf(context, account);
    const delivery = await deliver({ db, clock, random, logger, faultError }, sending, { ticket, fence, signal });
    const { counts, notices, stopped } = delivery;
    if (stopped === undefined) return { counts: { ...counts }, notices };
    return {
      counts: { ...counts },
      notices: [...notices, noticeOf(stopped, subjectOf(account))],
      outcome: 'partial',
    };
  },
});
