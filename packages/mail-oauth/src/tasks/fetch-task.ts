import { defineTask, isKnownError, noticeOf, type TaskContext } from '@itsm-m365/plugin-api';
import type { MailAccount } from '../account.ts';
import { accounts } from '../accounts.ts';
import type { Acknowledgement } from '../channels/channel.ts';
import { connectAccount } from '../connect-account.ts';
import { faultError } from '../diagnosis/fault-error.ts';
import { identityOf } from '../identity.ts';
import { accountNotices } from '../notices.ts';
import { mailOptions } from '../options.ts';
import { mailPermissions } from '../permissions.ts';
import { fetchAccount } from '../receive/fetch-account.ts';
import type { FetchedAccount } from '../receive/fetch-types.ts';
import { openParser } from '../receive/parser.ts';
import { forgetMessages } from '../receive/retention.ts';
import { noteFailure } from '../receive/state.ts';
import { subjectOf } from '../watch.ts';
import { accountOf, asKnown, itemsWhere } from './one-account.ts';

const afterOf = ({ after, moveTo }: MailAccount['value']['receiving']): Acknowledgement =>
  after === 'move' ? { kind: 'move', folder: moveTo.trim() } : { kind: after };

/** What comes from any of our accounts comes from ourselves, whichever of them fetched it. */
const ownAddresses = (all: readonly MailAccount[]): ReadonlySet<string> =>
  new Set(
    all.flatMap(({ value }) => {
      const { mailbox, from } = identityOf(value, 'app-only');
      return [mailbox, from];
    }),
  );

const fetchedOf = (account: MailAccount, all: readonly MailAccount[]): FetchedAccount => ({
  id: account.id,
  name: account.value.name,
  // Not whoever signs in: switched from a password to OAuth it is the same mailbox.
  mailbox: identityOf(account.value, 'app-only').mailbox,
  ours: ownAddresses(all),
  maxBytes: account.value.receiving.maxMegabytes * 1024 * 1024,
  maxTries: account.value.receiving.maxTries,
  after: afterOf(account.value.receiving),
});

const fetchOne = async (context: TaskContext, account: MailAccount, tickets: NonNullable<TaskContext['tickets']>) => {
  const { db, clock, random, logger, signal, fence, progress, runId } = context;
  const connected = await connectAccount(context, account);
  const mailbox = await connected.openMailbox(signal);
  const parser = openParser();
  try {
    const all = await context.settings.items(accounts);
    const fetched = fetchedOf(account, all);
    const parts = { mailbox, parser, tickets, account: fetched };
    const report = await fetchAccount({ ...parts, db, clock, random, logger, signal, fence, progress, runId });
    const { keepTakenDays } = await context.settings.value(mailOptions);
    await forgetMessages({ db, clock, fence, signal }, account.id, keepTakenDays);
    return report;
  } finally {
    await parser.close();
    // What was fetched counts, not how the connection ends.
    await mailbox.close().catch(() => undefined);
  }
};

/**
 * *Fetch mail*. One item an account; what fails one is thrown as a known error and becomes the notice of its item. At most
 * four connections at a time on each node; Exchange allows four for one mailbox.
 */
export const fetchTask = defineTask({
  kind: 'work',
  id: 'mail-oauth.fetch',
  title: { en: 'Fetch mail', de: 'Mail abholen' },
  description: {
    en: 'Fetches new messages of each active mail account and hands them to the host.',
    de: 'Holt neue Nachrichten jedes aktiven Mailkontos ab und übergibt sie dem Host.',
  },
  schedule: { kind: 'interval', minutes: 5 },
  timeoutMinutes: 60,
  permission: mailPermissions.startTasks,
  concurrency: 4,
  heldAfterRestore: true,
  restsWithoutItems: true,
  items: (services) => itemsWhere(services, ({ value }) => value.receiving.protocol !== 'none'),
  async run(context) {
    const account = await accountOf(context);
    if ('counts' in account) return account;
    const subject = subjectOf(account);
    if (context.tickets === undefined) {
      return { counts: {}, notices: [accountNotices.MAIL_NO_TICKETS({ account: account.value.name }, subject)] };
    }
    try {
      const { counts, notices, outcome, acknowledgeFault } = await fetchOne(context, account, context.tickets);
      const behind = acknowledgeFault === undefined ? [] : [noticeOf(faultError(acknowledgeFault), subject, 'warning')];
      return { counts: { ...counts }, notices: [...notices, ...behind], outcome };
    } catch (error) {
      if (context.signal.aborted || isKnownError(error, 'LEASE_LOST')) throw error;
      const known = asKnown(error);
      const { db, fence, clock, logger } = context;
      const code = isKnownError(known) ? known.code : 'INTERNAL';
      // A failure to note it is not worth hiding the first one.
      await noteFailure(db, fence, { id: account.id, name: account.value.name }, code, clock.now()).catch(() =>
        logger.warn({ code }, 'Could not note the failure of a fetch'),
      );
      throw known;
    }
  },
});
