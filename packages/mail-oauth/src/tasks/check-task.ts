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
    const { title, code = '', message = { en: code, de: code } } = failure;
    const details = {
      account: account.value.name,
      stageEn: title.en,
      stageDe: title.de,
      causeEn: message.en,
      causeDe: message.de,
    };
    return {
      counts: { failed: 1 },
      notices: [accountNotices.MAIL_CHECK_FAILED(details, subjectOf(account))],
      outcome: 'partial',
    };
  },
});
