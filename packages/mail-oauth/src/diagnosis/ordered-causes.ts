import { isKnownError } from '@itsm-m365/plugin-api';
import type { AccountSettings } from '../account-fields.ts';
import type { ApplicationSettings } from '../application-fields.ts';
import type { FaultFacts } from '../channels/fault.ts';
import * as commands from '../guide/commands.ts';
import { identityOf } from '../identity.ts';
import type { ClaimProof } from './claim-findings.ts';
import type { MailErrorCode } from './errors.ts';
import { type Cause, text } from './row.ts';
import { faultRow } from './rows.ts';

export interface CauseContext {
  readonly account: AccountSettings;
  /** Undefined for an account with a password. */
  readonly application: ApplicationSettings | undefined;
  /** Undefined where no token could be read. */
  readonly proof: ClaimProof | undefined;
}

/** Commands with the account's own values; a value that no command may carry leaves the general remedy. */
const ownCommand = (
  id: string,
  facts: FaultFacts,
  account: AccountSettings,
  application: ApplicationSettings,
): string => {
  const { mailbox, smtpLogin, from, tokenUser } = identityOf(account, application.flow);
  const address = facts.protocol === 'smtp' ? smtpLogin : mailbox;
  const { clientId, enterpriseObjectId } = application;
  const appOnly = application.flow === 'app-only';
  const right = (line: (address: string, grantee: commands.Grantee) => string, to: string, person: string): string =>
    appOnly ? `${commands.takeServicePrincipal(clientId)}; ${line(to, 'principal')}` : line(to, { person });
  switch (id) {
    case 'service-principal':
      return commands.newServicePrincipal(clientId, enterpriseObjectId);
    case 'mailbox-right':
    case 'item-not-found':
      return right(commands.mailboxPermission, mailbox, tokenUser);
    case 'send-as':
      return right(commands.recipientPermission, from, facts.protocol === 'smtp' ? smtpLogin : tokenUser);
    case 'protocol':
    case 'smtp-auth-disabled':
      return facts.protocol === 'graph' ? '' : commands.switchOn(address, [facts.protocol]);
    case 'scope':
      return appOnly ? commands.testAuthorization(enterpriseObjectId, mailbox) : '';
    default:
      return '';
  }
};

const withCommand = (cause: Cause, row: string, facts: FaultFacts, context: CauseContext): Cause => {
  if (context.application === undefined) return cause;
  try {
    const command = ownCommand(cause.id === 'cause' ? row : cause.id, facts, context.account, context.application);
    if (command === '') return cause;
    const remedy = text(
      `${cause.remedy.en} In Exchange PowerShell: ${command}`,
      `${cause.remedy.de} In der Exchange-PowerShell: ${command}`,
    );
    return { ...cause, remedy };
  } catch (error) {
    if (isKnownError(error, 'GUIDE_VALUE_REFUSED')) return cause;
    throw error;
  }
};

/** What the contents of a token can explain: that a server refuses who signs in, not that it is silent or speaks no OAuth2. */
const aboutToken: readonly MailErrorCode[] = ['MAIL_LOGIN_REFUSED', 'MAIL_NOT_CONNECTED', 'MAIL_GRAPH_PERMISSION'];

/** Makes no sense for an account with a password. */
const oauthOnly = ['audience', 'consent', 'service-principal', 'mailbox-right', 'shared-login', 'replication'];

/**
 * The causes of a fault for this account, likeliest first: what the claims prove, then the table's own order without what
 * they rule out; cmdlets with the account's values (ADV-31). Never empty. Pure.
 */
export const orderedCauses = (facts: FaultFacts, context: CauseContext): readonly Cause[] => {
  const row = faultRow(facts);
  if (context.application === undefined) {
    const left = row.causes.filter(({ id }) => !oauthOnly.includes(id));
    return left.length === 0 ? row.causes : left;
  }
  const signsIn = facts.stage === 'login' && aboutToken.includes(row.code);
  const proven = signsIn ? (context.proof?.proven ?? []) : [];
  const ruledOut = new Set([
    ...proven.map(({ id }) => id),
    ...(signsIn ? (context.proof?.ruledOut ?? ['password']) : []),
  ]);
  const causes = [...proven, ...row.causes.filter(({ id }) => !ruledOut.has(id))];
  return (causes.length === 0 ? row.causes : causes).map((cause) => withCommand(cause, row.id, facts, context));
};
