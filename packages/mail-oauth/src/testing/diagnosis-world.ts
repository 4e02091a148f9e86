import { eachDatabase } from '@itsm-m365/database/testing';
import type { OutboundTcp, Services, TestReport, TestStep } from '@itsm-m365/plugin-api';
import { loopbackTcp } from '@itsm-m365/plugin-api/testing';
import type { Dispatcher } from 'undici';
import type { MailAccount } from '../account.ts';
import { accounts } from '../accounts.ts';
import { applications, applicationsSection } from '../applications.ts';
import type { Position } from '../channels/channel.ts';
import { type ConnectedAccount, connectAccount } from '../connect-account.ts';
import { composeMail } from '../outbox/compose.ts';
import { writeState } from '../receive/state.ts';
import { beginSignIn, completeSignIn } from '../sign-in/browser-sign-in.ts';
import { mailStates } from '../tables.ts';
import { testAccount } from '../test-account.ts';
import { type AccountChanges, accountOf, applicationOf } from './accounts.ts';
import { type HandClock, handClock } from './hand-clock.ts';
import { openMailDatabase } from './mail-database.ts';
import { type MailServices, mailServices } from './mail-services.ts';
import { clientSecret, type MailTenant, openMailTenant, person, type Registered, registered } from './mail-tenant.ts';

/** How one test of an account differs from that of an account which works. */
export interface Tried {
  readonly account?: AccountChanges;
  /** Default `app-only`; an account with this password, and no application. */
  readonly application?: Registered | { readonly password: string };
  /** `host:port` of mail servers other than Exchange. */
  readonly routes?: Readonly<Record<string, number>>;
  readonly tcp?: OutboundTcp;
  readonly http?: Dispatcher;
  readonly testMailTo?: string;
  /** Not as the form takes it: an account that was stored before, or by other means. */
  readonly unchecked?: boolean;
}

/** A tenant, and what a host lends: settings of an account in, the report of its test out. */
export interface DiagnosisWorld
  extends Pick<MailTenant, 'simulator' | 'tenant' | 'exchange' | 'web' | 'app' | 'mailbox'> {
  /** Deadlines stand still on it until it is moved; waits of up to ten seconds before another try pass at once. */
  readonly clock: HandClock;
  readonly services: Services;
  /** The person signs in for the account, anew. */
  signIn(): Promise<void>;
  /** What the buttons of the form and of the stored account call. */
  test(tried?: Tried): Promise<TestReport>;
  /** The account of the last test once more, unchanged: its tokens are remembered. */
  testAgain(): Promise<TestReport>;
  /** The same account, with its channels at hand. */
  connect(tried?: Tried): Promise<ConnectedAccount>;
  /** Stores how far the mailbox was read, as a fetch does; forgotten with the next `tidy`. */
  storePosition(position: Position): Promise<void>;
  /** Closed with the next `tidy`. */
  keep<T extends { close(): Promise<unknown> }>(server: T): T;
  /** Between two tests: ends what was kept, and all faults. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export const stepOf = ({ steps }: TestReport, id: string): TestStep => {
  const step = steps.find((one) => one.id === id);
  if (step === undefined) throw new Error(`no step ${id} among ${steps.map((one) => one.id).join(', ')}`);
  return step;
};

const accountId = 'aaaaaaaa-1111-4111-8111-111111111111';

const idOf = (name: Registered): string => `${registered.indexOf(name)}1111111-1111-4111-8111-111111111111`;

const enterApplication = async (
  { tenant, app }: MailTenant,
  name: Registered,
  { settings, secrets }: MailServices,
): Promise<void> => {
  const { clientId, objectId } = app(name);
  const owner = `${applicationsSection}/${idOf(name)}`;
  const binding = { owner, field: 'credential.value', boundTo: { tenantId: tenant.tenantId, clientId } };
  const value = await secrets.store(clientSecret, binding);
  const alone = { flow: 'app-only', credential: { type: 'secret', value, validUntil: '2099-12-31' } } as const;
  const forPerson = { flow: 'delegated', credential: { type: 'none' } } as const;
  const entered = applicationOf({
    name,
    tenantId: tenant.tenantId,
    clientId,
    enterpriseObjectId: objectId,
    ...(name === 'delegated' ? forPerson : alone),
  });
  settings.put(applicationsSection, idOf(name), entered);
};

export const openDiagnosisWorld = async (): Promise<DiagnosisWorld> => {
  const [engine] = eachDatabase();
  if (engine === undefined) throw new Error('no database');
  const database = await openMailDatabase(engine);
  const { db } = database;
  const clock = handClock(undefined, { passes: 10_000 });
  const mail = await openMailTenant(clock);
  const { simulator, tenant, exchange } = mail;
  const services = { ...mailServices(database), clock, http: mail.http, tcp: loopbackTcp(mail.routes) };
  const { settings, secrets } = services;
  for (const name of registered) await enterApplication(mail, name, services);
  const lent = ({ routes = {}, tcp, http }: Tried): Services => ({
    ...services,
    tcp: tcp ?? loopbackTcp({ ...mail.routes, ...routes }),
    http: http ?? mail.http,
  });
  const works = mail.mailbox({ address: 'works@contoso.example' });
  const kept: { close(): Promise<unknown> }[] = [];
  const { signal } = new AbortController();
  let tries = 0;
  let last: { readonly account: MailAccount; readonly tried: Tried } | undefined;

  const accountFor = async ({ account = {}, application = 'app-only' }: Tried): Promise<MailAccount> => {
    tries += 1;
    const byPassword = typeof application === 'object';
    const value = accountOf({
      mailbox: works,
      // The tokens of an account are remembered as long as it stays the same.
      name: `Try ${tries}`,
      application: byPassword ? '' : idOf(application),
      method: byPassword ? 'password' : 'oauth',
      ...(application === 'delegated' ? { signInUser: person } : {}),
      ...account,
      receiving: { authority: exchange.authority, ...account.receiving },
      sending: { authority: exchange.authority, ...account.sending },
    });
    if (!byPassword) return { id: accountId, value, version: 0 };
    const boundTo = { 'receiving.host': value.receiving.host, 'sending.host': value.sending.host };
    const binding = { owner: `${accounts.id}/${accountId}`, field: 'password', boundTo };
    const password = await secrets.store(application.password, binding);
    return { id: accountId, value: { ...value, password }, version: 0 };
  };

  const checked = async (tried: Tried): Promise<MailAccount> => {
    const account = await accountFor(tried);
    const context = { id: account.id, previous: undefined, others: [], services };
    const problems = (await accounts.validate?.(account.value, context)) ?? [];
    if (problems.length > 0 !== (tried.unchecked === true))
      throw new Error(`the form says of this account: ${JSON.stringify(problems)}`);
    return account;
  };

  const composed = async ({ mailbox, from }: MailAccount['value'], to: string): Promise<Buffer> =>
    composeMail({
      from: from || mailbox,
      fromName: '',
      to: [to],
      subject: 'Test',
      text: 'Test',
      automatic: true,
      messageId: `<${services.random.uuid()}@contoso.example>`,
      date: clock.now(),
    });

  const run = async (account: MailAccount, tried: Tried): Promise<TestReport> => {
    const { id, value } = account;
    const to = tried.testMailTo;
    if (to !== undefined) {
      const testMail = { to, mime: await composed(value, to) };
      return testAccount(lent(tried), { account, problems: [], testMail }, signal);
    }
    const report = await accounts.test?.(value, { id, services: lent(tried), reveal: async () => undefined, signal });
    if (report === undefined) throw new Error('accounts cannot be tested');
    return report;
  };

  return {
    ...mail,
    clock,
    services,
    signIn: async () => {
      const account = await accountFor({ application: 'delegated' });
      const application = await settings.item(applications, idOf('delegated'));
      const options = { account, application, actor: 'administrator', services };
      const { address, binding } = await beginSignIn({ ...options, redirect: 'paste' });
      const answer = simulator.signIn({ url: address, user: person });
      await completeSignIn({ ...options, answer, binding, signal });
    },
    test: async (tried = {}) => {
      last = { account: await checked(tried), tried };
      return run(last.account, tried);
    },
    testAgain: async () => {
      if (last === undefined) throw new Error('no test before');
      return run(last.account, last.tried);
    },
    connect: async (tried = {}) => connectAccount(lent(tried), await checked(tried)),
    storePosition: async (position) => {
      const account = { id: accountId, name: 'Helpdesk' };
      await db.write((trx) => writeState(trx, account, { position, position_at: clock.now() }));
      const forget = () => db.write((trx) => trx.remove(mailStates, (query) => query.where({ account: accountId })));
      kept.push({ close: forget });
    },
    keep: (server) => {
      kept.push(server);
      return server;
    },
    tidy: async () => {
      simulator.faults.clear();
      simulator.pardon();
      tenant.apps.forEach((app) => {
        app.extraClaims = {};
        app.disabled = false;
      });
      await Promise.all(kept.splice(0).map((server) => server.close()));
    },
    close: async () => {
      await mail.close();
      await database.close();
    },
  };
};
