import { type Asking, type Permission, permit, type Services } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import type { MailAccount } from '../account.ts';
import { accounts } from '../accounts.ts';
import { accountErrors } from '../errors.ts';
import { accountScope } from '../permissions.ts';

/** The parameter's name is the type of the scope. */
export const accountParams = Type.Object({ account: Type.String({ minLength: 1, maxLength: 36 }) });

/**
 * The account that a route is about, for whoever may do this with it. Who may not is told so before whether there is such
 * an account. Throws `FORBIDDEN`, `MAIL_ACCOUNT_UNKNOWN`.
 */
export const permittedAccount = async (
  ask: Asking,
  services: Services,
  permission: Permission,
  id: string,
): Promise<MailAccount> => {
  await permit(ask, permission, accountScope(id));
  const account = await services.settings.item(accounts, id);
  if (account === undefined) throw accountErrors.MAIL_ACCOUNT_UNKNOWN({ account: id });
  return account;
};
