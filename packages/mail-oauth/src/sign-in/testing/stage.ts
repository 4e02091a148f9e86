import { randomUUID } from 'node:crypto';
import { type TestClock, testClock } from '@itsm-m365/database/testing';
import {
  type AppOptions,
  type RunningSimulator,
  type SignInRequest,
  type SimulatorOptions,
  type SimulatorTenant,
  simulatorDispatcher,
  startSimulator,
} from '@itsm-m365/microsoft-simulator';
import type { Database } from '@itsm-m365/plugin-api';
import { type LogLine, memoryLogger, memorySecrets, seededRandom } from '@itsm-m365/plugin-api/testing';
import type { MailAccount } from '../../account.ts';
import { type AccountSettings, accountDefaults } from '../../account-fields.ts';
import { type ApplicationSettings, applicationDefaults } from '../../application-fields.ts';
import type { MailApplication } from '../../applications.ts';
import { createAccountTokens } from '../../tokens/account-tokens.ts';
import type { RenewableTokens } from '../../tokens/renewable.ts';
import { type BegunSignIn, beginSignIn, completeSignIn } from '../browser-sign-in.ts';
import type { SignedIn, SignInContext } from '../sign-in-context.ts';

export { migrateMail } from '../../testing/mail-database.ts';

export type StageServices = SignInContext['services'];

export const nativeClient = 'https://login.microsoftonline.com/common/oauth2/nativeclient';
export const webRedirect = 'https://itsm.example.test/m365/mail/sign-in';

/** Every delegated permission that an account may need, with administrator's consent. */
export const everyScope = [
  'https://outlook.office.com/IMAP.AccessAsUser.All',
  'https://outlook.office.com/POP.AccessAsUser.All',
  'https://outlook.office.com/SMTP.Send',
  'Mail.ReadWrite',
  'Mail.Send',
  'Mail.ReadWrite.Shared',
  'Mail.Send.Shared',
] as const;

export interface Stage {
  readonly running: RunningSimulator;
  readonly tenant: SimulatorTenant;
  readonly clock: TestClock;
  readonly services: StageServices;
  readonly log: readonly LogLine[];
  /** User principal name of the person whose mailbox it is, and of another one. */
  readonly user: string;
  readonly other: string;
  account(value?: Partial<AccountSettings>): Pick<MailAccount, 'id' | 'value'>;
  application(value?: Partial<ApplicationSettings>): MailApplication;
  context(account: Pick<MailAccount, 'id' | 'value'>, application?: MailApplication): SignInContext;
  tokens(account: Pick<MailAccount, 'id' | 'value'>, application?: MailApplication): RenewableTokens;
  /** What the person does in the browser; gives the address it ends at. */
  browse(begun: Pick<BegunSignIn, 'address'>, choice?: Omit<SignInRequest, 'url'>): string;
  /** The whole sign-in, by a pasted address. */
  signIn(
    account: Pick<MailAccount, 'id' | 'value'>,
    choice?: Omit<SignInRequest, 'url'> & { readonly application?: MailApplication },
  ): Promise<SignedIn>;
  /** POSTs that the token endpoint has seen. */
  tokenRequests(): number;
  close(): Promise<void>;
}

export interface StageOptions extends SimulatorOptions {
  readonly app?: AppOptions;
  /** Where the clock starts. */
  readonly start?: number;
}

/** A simulated tenant with a registered public client, and what a host lends; the database is the caller's. */
export const openStage = async (
  db: Database,
  { app, start, ...simulator }: StageOptions = {},
  seed = 7,
): Promise<Stage> => {
  const clock = testClock(start);
  const registered = {
    platform: 'public',
    redirectUris: [nativeClient, webRedirect],
    delegatedScopes: everyScope,
    allowPublicClient: true,
    ...app,
  } as const;
  const running = await startSimulator({ clock, tenants: [{ users: 10, apps: [registered] }], ...simulator });
  const http = simulatorDispatcher(running.url);
  const { tenant } = running.simulator;
  const logger = memoryLogger();
  const services: StageServices = {
    db,
    secrets: memorySecrets(),
    http,
    clock,
    random: seededRandom(seed),
    logger,
  };
  const upn = (name: string): string => {
    const userPrincipalName = `${name}@${tenant.domain}`;
    tenant.addUser({ userPrincipalName });
    return userPrincipalName.toLowerCase();
  };
  const [user, other] = [upn('helpdesk'), upn('somebody.else')];
  const application: Stage['application'] = (value) => ({
    id: 'application-1',
    version: 1,
    value: {
      ...applicationDefaults,
      name: 'Mail',
      flow: 'delegated',
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      credential: { type: 'none' },
      ...value,
    },
  });
  const context: Stage['context'] = (account, used = application()) => ({
    account,
    application: used,
    actor: 'administrator',
    services,
  });
  const browse: Stage['browse'] = ({ address }, choice) => running.simulator.signIn({ url: address, user, ...choice });
  return {
    running,
    tenant,
    clock,
    services,
    log: logger.lines,
    user,
    other,
    application,
    context,
    browse,
    account: (value) => ({
      id: randomUUID(),
      value: { ...accountDefaults, name: 'Helpdesk', mailbox: user, application: 'application-1', ...value },
    }),
    tokens: (account, used = application()) => createAccountTokens({ account, application: used, services }),
    signIn: async (account, { application: used, ...choice } = {}) => {
      const options = context(account, used);
      const begun = await beginSignIn({ ...options, redirect: 'paste' });
      const answer = browse(begun, choice);
      const { signal } = new AbortController();
      return completeSignIn({ ...options, answer, binding: begun.binding, signal });
    },
    tokenRequests: () => running.simulator.statistics.report().requests.token,
    close: async () => {
      await http.destroy();
      await running.close();
    },
  };
};
