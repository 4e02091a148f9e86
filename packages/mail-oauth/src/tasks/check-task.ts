import { defineTask, type TaskContext, type TestReport } from '@itsm-m365/plugin-api';
import type { MailAccount } from '../account.ts';
import { accountNotices } from '../notices.ts';
import { mailPermissions } from '../permissions.ts';
import { writeState } from '../receive/state.ts';
import { testAccount } from '../test-account.ts';
import { subjectOf } from '../watch.ts';
import { accountOf, itemsWhere } from './one-account.ts';

const note = (context: TaskContext, account: MailAccount, code: string): Promise<void> =>
  context.db.write(async (trx) => {
    await context.fence(trx);
    const { id, value } = account;
    await writeState(trx, { id, name: value.name }, { checked_at: context.clock.now(), check_code: code.slice(0, 80) });
  });

const failureOf = ({ steps }: TestReport) => steps.find(({ outcome }) => outcome === 'failed');

/** *Check mailboxes*: the test of each account once a day, so that a change elsewhere is known before mail stays away. */
export const checkTask = defineTask({
  kind: 'work',
  id: 'mail-oauth.check',
  title: { en: 'Check mailboxes', de: 'Postfächer prüfen' },
  description: {
    en: 'Tests each active mail account as "Test connection" does. Sends nothing and changes nothing in a mailbox.',
    de: 'Testet jedes aktive Mailkonto wie „Verbindung testen“. Sendet nichts und ändert in keinem Postfach etwas.',
  },
  schedule: { kind: 'interval', minutes: 1440 },
  timeoutMinutes: 60,
  permission: mailPermissions.startTasks,
  concurrency: 4,
  items: (services) => itemsWhere(services, () => true),
  async run(context) {
    const account = await accountOf(context);
    if ('counts' in account) return account;
    const report = await testAccount(context, { account, problems: [] }, context.signal);
    const failure = failureOf(report);
    await note(context, account, failure?.code ?? '');
    if (failure === undefined) return { counts: { passed: 1 }, notices: [] };
    const { name } = account.value;
    const subject = subjectOf(account);
    const details = { account: name, stage: failure.title.en, cause: failure.message?.en ?? failure.code ?? '' };
    const notice = accountNotices.MAIL_CHECK_FAILED(details, subject);
    const german = accountNotices.MAIL_CHECK_FAILED(
      { account: name, stage: failure.title.de, cause: failure.message?.de ?? failure.code ?? '' },
      subject,
    );
    return {
      counts: { failed: 1 },
      notices: [{ ...notice, message: { en: notice.message.en, de: german.message.de } }],
      outcome: 'partial',
    };
  },
});
