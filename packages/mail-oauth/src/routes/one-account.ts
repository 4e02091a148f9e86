import type { Permission, RouteRequest, Services } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import type { MailAccount } from '../account.ts';
import { accounts } from '../accounts.ts';
import { applications, type MailApplication } from '../applications.ts';
import { accountErrors } from '../errors.ts';
import { accountScope } from '../permissions.ts';

type Asking = Pick<RouteRequest<unknown, unknown, unknown>, 'allows' | 'require'>;

/** A right for the one account is enough; without it, the right for all is needed. */
export const permit = async (ask: Asking, permission: Permission, account: string): Promise<void> => {
  if (await ask.allows(permission, accountScope(account))) return;
  await ask.require(permission);
};

/** The parameter's name is the type of the scope. */
export const accountParams = Type.Object({ account: Type.String({ minLength: 1, maxLength: 36 }) });

/** Throws `MAIL_ACCOUNT_UNKNOWN`. */
export const findAccount = async (services: Services, id: string): Promise<MailAccount> => {
  const account = await services.settings.item(accounts, id);
  if (account === undefined) throw accountErrors.MAIL_ACCOUNT_UNKNOWN({ account: id });
  return account;
};

/** Undefined where the account names none, or one that is gone. */
export const applicationOf = async (
  services: Services,
  { value }: MailAccount,
): Promise<MailApplication | undefined> =>
  value.method === 'password' || value.application === ''
    ? undefined
    : services.settings.item(applications, value.application);
