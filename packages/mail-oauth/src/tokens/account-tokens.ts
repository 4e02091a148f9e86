import type { CloudId } from '@itsm-m365/graph-auth';
import type { Services } from '@itsm-m365/plugin-api';
import type { MailAccount } from '../account.ts';
import type { MailApplication } from '../applications.ts';
import { accountErrors } from '../errors.ts';
import { identityOf } from '../identity.ts';
import { createApplicationTokens } from './application-tokens.ts';
import { createDelegatedTokens } from './delegated-tokens.ts';
import { registrationOf } from './registration.ts';
import type { RenewableTokens } from './renewable.ts';

export interface AccountTokensOptions {
  readonly account: Pick<MailAccount, 'id' | 'value'>;
  /** Undefined where the account names none, or it is gone. */
  readonly application: MailApplication | undefined;
  /** Default `global`. */
  readonly cloud?: CloudId;
  readonly services: Pick<Services, 'db' | 'secrets' | 'http' | 'clock' | 'random' | 'logger'>;
}

/**
 * Access tokens of one account. Make them anew when the account or its application has changed; several at a time, in one
 * process or on many nodes, do no harm. Nothing is sent until the first token is asked for.
 *
 * Throws `MAIL_APPLICATION_UNKNOWN` (MAIL-02), `TENANT_INVALID`, `CLIENT_INVALID`. `token` throws `MAIL_SIGN_IN_…`,
 * `MAIL_REGISTERED_AS_WEB`, `MAIL_OTHER_…`, `MAIL_TOKEN_UNREADABLE`, `MAIL_RENEWAL_BUSY`, `MAIL_RESOURCE_UNUSED`, and
 * graph-auth's `ENTRA_…` and `GRAPH_…`; it rejects at once with the signal's reason.
 */
export const createAccountTokens = ({
  account,
  application,
  cloud,
  services,
}: AccountTokensOptions): RenewableTokens => {
  if (application === undefined) throw accountErrors.MAIL_APPLICATION_UNKNOWN({ account: account.value.name });
  const registration = registrationOf(application, services, cloud);
  if (application.value.flow === 'app-only') return createApplicationTokens(registration, services);
  const { tokenUser } = identityOf(account.value, 'delegated');
  return createDelegatedTokens({ account: account.id, tokenUser, registration, services }, account.value);
};
