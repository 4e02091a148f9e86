import {
  isKnownError,
  type KnownError,
  type RunReport,
  type Services,
  type TaskContext,
  type TaskItem,
} from '@itsm-m365/plugin-api';
import type { MailAccount } from '../account.ts';
import { accounts } from '../accounts.ts';
import { isChannelFault } from '../channels/fault.ts';
import { faultError } from '../diagnosis/fault-error.ts';
import { accountNotices } from '../notices.ts';
import { accountScope } from '../permissions.ts';
import { subjectOf } from '../watch.ts';

export const itemOf = (account: MailAccount): TaskItem => ({
  key: account.id,
  subject: subjectOf(account),
  scope: accountScope(account.id),
});

/** Accounts that are switched on and wanted by the task. */
export const itemsWhere = async (
  services: Services,
  wanted: (account: MailAccount) => boolean,
): Promise<readonly TaskItem[]> =>
  (await services.settings.items(accounts)).filter((one) => one.value.active && wanted(one)).map(itemOf);

/** The account of the task's item, or the report of one that is gone or switched off meanwhile. */
export const accountOf = async (context: TaskContext): Promise<MailAccount | RunReport> => {
  const account = await context.settings.item(accounts, context.item.key);
  if (account?.value.active === true) return account;
  const name = account?.value.name ?? context.item.subject?.name ?? context.item.key;
  const notice = accountNotices.MAIL_ACCOUNT_SKIPPED({ account: name }, context.item.subject);
  return { counts: { skipped: 1 }, notices: [notice] };
};

/** What a channel or a token threw, as a known error; anything else as it is. */
export const asKnown = (error: unknown): unknown => (isChannelFault(error) ? faultError(error) : error);

export const knownOf = (error: unknown): KnownError | undefined => {
  const known = asKnown(error);
  return isKnownError(known) ? known : undefined;
};
