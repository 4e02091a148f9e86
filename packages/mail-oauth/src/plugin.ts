import { apiVersion, definePlugin } from '@itsm-m365/plugin-api';
import { accounts } from './accounts.ts';
import { afterRestore } from './after-restore.ts';
import { applications } from './applications.ts';
import { diagnosisErrors, mailErrors } from './diagnosis/errors.ts';
import { diagnosisNotices } from './diagnosis/notices.ts';
import { accountErrors } from './errors.ts';
import { guideErrors } from './guide/errors.ts';
import { passwordNotices } from './guide/notices.ts';
import { landingPage } from './landing.ts';
import { mailMigrations } from './migrations.ts';
import { accountNotices } from './notices.ts';
import { mailOptions } from './options.ts';
import { outboxErrors } from './outbox/errors.ts';
import { outboxNotices } from './outbox/notices.ts';
import { mailPermissions } from './permissions.ts';
import { receiveErrors } from './receive/errors.ts';
import { receiveNotices } from './receive/notices.ts';
import { mailRoutes } from './routes.ts';
import { signInErrors } from './sign-in/errors.ts';
import { checkTask } from './tasks/check-task.ts';
import { fetchTask } from './tasks/fetch-task.ts';
import { renewTask } from './tasks/renew-task.ts';
import { sendTask } from './tasks/send-task.ts';
import { tellByMail } from './tell.ts';
import { tokenErrors } from './tokens/errors.ts';
import { deadSignIns, expiringCredentials, staleAccounts } from './watch.ts';

/** Mail accounts by OAuth2: sign-ins, fetching, sending, and a diagnosis that names the cause. */
export const mailOauthPlugin = definePlugin({
  id: 'mail-oauth',
  apiVersion,
  title: { en: 'Mail by OAuth2', de: 'Mail über OAuth2' },
  permissions: Object.values(mailPermissions),
  settings: [applications, accounts, mailOptions],
  tasks: [fetchTask, sendTask, renewTask, checkTask],
  migrations: mailMigrations,
  routes: mailRoutes,
  staticPages: [landingPage],
  pages: [
    {
      id: 'mail-oauth.accounts-page',
      title: { en: 'Mail accounts', de: 'Mailkonten' },
      location: accounts.location ?? [],
      permission: mailPermissions.readAccounts,
    },
  ],
  watches: [expiringCredentials, deadSignIns, staleAccounts],
  afterRestore,
  tell: tellByMail,
  errors: {
    definitions: {
      ...accountErrors.definitions,
      ...tokenErrors.definitions,
      ...signInErrors.definitions,
      ...mailErrors.definitions,
      ...diagnosisErrors.definitions,
      ...receiveErrors.definitions,
      ...outboxErrors.definitions,
      ...guideErrors.definitions,
    },
  },
  notices: {
    definitions: {
      ...accountNotices.definitions,
      ...diagnosisNotices.definitions,
      ...receiveNotices.definitions,
      ...outboxNotices.definitions,
      ...passwordNotices.definitions,
    },
  },
});
