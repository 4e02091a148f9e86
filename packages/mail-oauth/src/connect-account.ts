import type { Database, SecretRef, Services } from '@itsm-m365/plugin-api';
import { accountBoundTo, accountsSection, type MailAccount } from './account.ts';
import { applicationOf, type MailApplication } from './applications.ts';
import type { ChannelContext, FindSent, Login, Mailbox, Server, Submission } from './channels/channel.ts';
import { findSentByGraph, openGraphMailbox, openGraphSubmission } from './channels/graph/open-graph.ts';
import { findSentByImap, openImap } from './channels/imap/open-imap.ts';
import { openPop } from './channels/pop/open-pop.ts';
import { openSmtp } from './channels/smtp/open-smtp.ts';
import { accountErrors } from './errors.ts';
import { type Identity, identityOf, receivingServer, sendingServer } from './identity.ts';
import { createAccountTokens } from './tokens/account-tokens.ts';
import type { RenewableTokens } from './tokens/renewable.ts';

/** An account with everything that its protocols need. Nothing is sent until something is opened. */
export interface ConnectedAccount {
  readonly account: MailAccount;
  /** Undefined for an account with a password. */
  readonly application: MailApplication | undefined;
  readonly identity: Identity;
  /** Undefined for an account with a password. */
  readonly tokens: RenewableTokens | undefined;
  /** Signs in and opens the folder. Throws `ChannelFault`, the errors of the tokens, `MAIL_NOT_RECEIVING`. */
  openMailbox(signal: AbortSignal): Promise<Mailbox>;
  /** Signs in. Throws `ChannelFault`, the errors of the tokens, `MAIL_NOT_SENDING`. */
  openSubmission(signal: AbortSignal): Promise<Submission>;
  /** Undefined where Sent Items cannot be asked. */
  findSent(signal: AbortSignal): FindSent | undefined;
}

type Lent = Pick<Services, 'db' | 'secrets' | 'settings' | 'http' | 'tcp' | 'clock' | 'random' | 'logger'>;

/**
 * Tokens are kept for as long as account and application are the same, so that a run every few minutes asks for none as
 * long as one is valid (GLPI oauthimap #155: one token a minute). Keyed by the database: one memory for each process.
 */
const known = new WeakMap<Database, Map<string, { readonly of: string; readonly tokens: RenewableTokens }>>();

const tokensOf = (services: Lent, account: MailAccount, application: MailApplication): RenewableTokens => {
  const memory = known.get(services.db) ?? new Map<string, { of: string; tokens: RenewableTokens }>();
  known.set(services.db, memory);
  const of = JSON.stringify([account.version, account.value, application.id, application.version, application.value]);
  const found = memory.get(account.id);
  if (found?.of === of) return found.tokens;
  const tokens = createAccountTokens({ account, application, services });
  memory.set(account.id, { of, tokens });
  return tokens;
};

const passwordOf = async (services: Lent, { id, value }: MailAccount): Promise<string> => {
  const stored = value.password;
  if (stored === undefined) throw accountErrors.MAIL_PASSWORD_MISSING({ account: value.name });
  const [receiving, sending] = accountBoundTo;
  return services.secrets.reveal(stored as SecretRef, {
    owner: `${accountsSection}/${id}`,
    field: 'password',
    boundTo: { [receiving]: value.receiving.host, [sending]: value.sending.host },
  });
};

/**
 * Joins an account with its application, its tokens and its servers.
 * @throws MAIL_APPLICATION_UNKNOWN (MAIL-02), TENANT_INVALID, CLIENT_INVALID
 */
export const connectAccount = async (services: Lent, account: MailAccount): Promise<ConnectedAccount> => {
  const { value } = account;
  const application = await applicationOf(services, account);
  if (application === undefined && value.method === 'oauth')
    throw accountErrors.MAIL_APPLICATION_UNKNOWN({ account: value.name });
  const identity = identityOf(value, application?.value.flow ?? 'password');
  const tokens = application === undefined ? undefined : tokensOf(services, account, application);
  const { tcp, http, clock } = services;
  const logger = services.logger.child({ account: account.id });

  const contextOf = (signal: AbortSignal): ChannelContext => ({ tcp, http, clock, logger, signal });
  const loginAs = async (user: string, resource: 'exchange' | 'graph'): Promise<Login> =>
    tokens === undefined
      ? { kind: 'password', user, password: await passwordOf(services, account) }
      : { kind: 'oauth', user, token: (options) => tokens.token(resource, options) };
  const needed = <T>(server: T | undefined): T => {
    if (server === undefined) throw new Error('a protocol without a server');
    return server;
  };

  return {
    account,
    application,
    identity,
    tokens,
    async openMailbox(signal) {
      const { protocol, folder } = value.receiving;
      const context = contextOf(signal);
      if (protocol === 'none') throw accountErrors.MAIL_NOT_RECEIVING({ account: value.name });
      if (protocol === 'graph') return openGraphMailbox(await loginAs(identity.mailbox, 'graph'), folder, context);
      const login = await loginAs(identity.mailbox, 'exchange');
      const server: Server = needed(receivingServer(value));
      return protocol === 'imap' ? openImap(server, login, folder, context) : openPop(server, login, context);
    },
    async openSubmission(signal) {
      const { protocol } = value.sending;
      const context = contextOf(signal);
      if (protocol === 'none') throw accountErrors.MAIL_NOT_SENDING({ account: value.name });
      if (protocol === 'graph') return openGraphSubmission(await loginAs(identity.from, 'graph'), context);
      return openSmtp(needed(sendingServer(value)), await loginAs(identity.smtpLogin, 'exchange'), context);
    },
    findSent(signal) {
      const context = contextOf(signal);
      if (value.sending.protocol === 'graph')
        return async (messageId) => findSentByGraph(await loginAs(identity.from, 'graph'), messageId, context);
      if (value.sending.protocol !== 'smtp' || value.receiving.protocol !== 'imap') return undefined;
      // Exchange keeps the copy of a mail with whoever signed in to submit it, a delegate for one (Zammad #5567).
      const server = needed(receivingServer(value));
      return async (messageId) =>
        findSentByImap(server, await loginAs(identity.smtpLogin, 'exchange'), messageId, context);
    },
  };
};
