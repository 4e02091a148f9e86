import type { Services, StoredItem, UiHints } from '@itsm-m365/plugin-api';
import { loopbackTcp, memoryLogger, memorySecrets, memorySettings, seededRandom } from '@itsm-m365/plugin-api/testing';
import { Agent } from 'undici';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AccountSettings, accountDefaults } from './account-fields.ts';
import { accounts } from './accounts.ts';
import { type ApplicationSettings, applicationDefaults } from './application-fields.ts';
import { applications, applicationsSection } from './applications.ts';

const id = (digit: number): string => `${String(digit).repeat(8)}-1111-4111-8111-111111111111`;

let services: Services;
let settings: ReturnType<typeof memorySettings>;
beforeEach(() => {
  settings = memorySettings();
  services = {
    // Saving a form asks no database.
    db: undefined as never,
    logger: memoryLogger(),
    clock: { now: () => Date.UTC(2026, 10, 21), monotonic: () => 0, sleep: async () => undefined },
    random: seededRandom(1),
    http: new Agent(),
    tcp: loopbackTcp(),
    secrets: memorySecrets(),
    settings,
    notify: { send: async () => undefined },
    publicUrl: undefined,
    tickets: undefined,
  };
});

const application = (more: Partial<ApplicationSettings> = {}): ApplicationSettings =>
  ({
    ...applicationDefaults,
    name: 'Mail',
    flow: 'delegated',
    tenantId: id(1),
    clientId: id(2),
    credential: { type: 'none' },
    ...more,
  }) as ApplicationSettings;

const account = (more: Partial<AccountSettings> = {}): AccountSettings =>
  ({
    ...accountDefaults,
    name: 'Help desk',
    mailbox: 'help@example.com',
    application: id(5),
    ...more,
  }) as AccountSettings;

const item = <T>(value: T): StoredItem<T> => ({ id: id(9), value, version: 1 });

const wrongOf = async (value: AccountSettings, others: readonly AccountSettings[] = []): Promise<string[]> =>
  (
    (await accounts.validate?.(value, { id: undefined, previous: undefined, others: others.map(item), services })) ?? []
  ).map(({ path, code }) => `${path} ${code}`);
const wrongApplication = async (value: ApplicationSettings, others: readonly ApplicationSettings[] = []) =>
  (
    (await applications.validate?.(value, {
      id: undefined,
      previous: undefined,
      others: others.map(item),
      services,
    })) ?? []
  ).map(({ path, code }) => `${path} ${code}`);

describe('a mail application', () => {
  it('MAIL-12: needs its client id only, as a public client of any organization', async () => {
    const smallest = application({ accountType: 'organizations', tenantId: '' });
    expect(await wrongApplication(smallest)).toEqual([]);
    expect(await wrongApplication({ ...smallest, clientId: 'Help desk mail' })).toEqual([
      '/clientId MAIL_CLIENT_INVALID',
    ]);
  });

  it('ADV-26: needs directory, client and a credential where it signs in by itself', async () => {
    const alone = application({ flow: 'app-only', accountType: 'organizations' });
    expect(await wrongApplication(alone)).toEqual([
      '/accountType MAIL_DIRECTORY_NEEDED',
      '/credential MAIL_CREDENTIAL_NEEDED',
    ]);
    expect(await wrongApplication(application({ tenantId: 'contoso.com' }))).toEqual(['/tenantId MAIL_TENANT_INVALID']);
    expect(await wrongApplication(application({ enterpriseObjectId: 'x' }))).toEqual([
      '/enterpriseObjectId MAIL_OBJECT_INVALID',
    ]);
  });

  it('has a name of its own', async () => {
    expect(await wrongApplication(application({ name: ' MAIL ' }), [application()])).toEqual(['/name MAIL_NAME_TAKEN']);
  });

  it('asks for its secret again when directory or client change', () => {
    expect(applications.secretsBoundTo).toEqual(['tenantId', 'clientId']);
  });
});

describe('a mail account', () => {
  beforeEach(() => settings.put(applicationsSection, id(5), application()));

  it('is right with name, mailbox and application', async () => {
    expect(await wrongOf(account())).toEqual([]);
  });

  it('MAIL-02: is refused without a registered application', async () => {
    expect(await wrongOf(account({ application: '' }))).toEqual(['/application MAIL_APPLICATION_NEEDED']);
    expect(await wrongOf(account({ application: id(7) }))).toEqual(['/application MAIL_APPLICATION_NEEDED']);
  });

  it('MAIL-16: has no choice of an authentication mode: it follows from the application', () => {
    const fields = Object.keys(accounts.schema.properties);
    expect(fields.filter((name) => /flow|grant|mode|interactive/i.test(name))).toEqual([]);
    expect(accounts.schema.properties.method.anyOf.map((one) => one.const)).toEqual(['oauth', 'password']);
  });

  it('MAIL-15: lies under System, Settings, E-Mail Service', () => {
    expect(accounts.location?.map(({ en }) => en)).toEqual(['System', 'Settings', 'E-Mail Service', 'Accounts']);
  });

  it('ADV-22: is added as an IMAP account, and changed on the same page', () => {
    expect(accounts.kind).toBe('collection');
    expect(accounts.defaults.receiving?.protocol).toBe('imap');
    expect(accounts.location?.slice(0, 2).map(({ de }) => de)).toEqual(['System', 'Einstellungen']);
  });

  it('ADV-25: chooses "OAuth2 Microsoft" on the page of the authentication, with nothing to tick for a sign-in without a browser', () => {
    const fields: Readonly<Record<string, object>> = accounts.schema.properties;
    const ui = (name: string) => Object.entries(fields[name] ?? {}).find(([key]) => key === 'ui')?.[1] as UiHints;
    expect(ui('method')).toMatchObject({ group: 'authentication', labels: { oauth: { en: 'OAuth2 Microsoft' } } });
    expect(accounts.defaults.method).toBe('oauth');
    expect(ui('application')).toMatchObject({ group: 'authentication', showWhen: { field: 'method', is: ['oauth'] } });
  });

  it.each([
    [{ mailbox: 'help' }, '/mailbox MAIL_ADDRESS_INVALID'],
    [{ mailbox: 'a@b@example.com' }, '/mailbox MAIL_ADDRESS_INVALID'],
    [{ mailbox: 'help@example.com\r\nRCPT TO:<x@example.com>' }, '/mailbox MAIL_ADDRESS_INVALID'],
    [{ from: 'Help desk' }, '/from MAIL_ADDRESS_INVALID'],
    [{ signInUser: 'ann' }, '/signInUser MAIL_ADDRESS_INVALID'],
    [{ name: '  ' }, '/name MAIL_NAME_MISSING'],
    [
      { receiving: { ...accountDefaults.receiving, host: 'https://mail.example.com/' } },
      '/receiving/host MAIL_HOST_INVALID',
    ],
    [{ sending: { ...accountDefaults.sending, host: 'mail example' } }, '/sending/host MAIL_HOST_INVALID'],
    [{ sending: { ...accountDefaults.sending, authority: 'none' } }, '/sending/authority MAIL_AUTHORITY_INVALID'],
    [{ receiving: { ...accountDefaults.receiving, after: 'move' } }, '/receiving/moveTo MAIL_FOLDER_NEEDED'],
    [
      { receiving: { ...accountDefaults.receiving, protocol: 'pop', after: 'move' } },
      '/receiving/after MAIL_POP_CANNOT_MOVE',
    ],
    [{ method: 'password' }, '/password MAIL_PASSWORD_NEEDED'],
  ] as const)('says what is wrong with %j', async (more, problem) => {
    expect(await wrongOf(account(more as Partial<AccountSettings>))).toEqual([problem]);
  });

  it('refuses Microsoft Graph with a password', async () => {
    const value = account({
      method: 'password',
      password: 'stored' as never,
      receiving: { ...accountDefaults.receiving, protocol: 'graph' },
      sending: { ...accountDefaults.sending, protocol: 'graph' },
    });
    expect(await wrongOf(value)).toEqual([
      '/receiving/protocol MAIL_GRAPH_NEEDS_OAUTH',
      '/sending/protocol MAIL_GRAPH_NEEDS_OAUTH',
    ]);
  });

  it('asks for its password again when a server changes', () => {
    expect(accounts.secretsBoundTo).toEqual(['receiving.host', 'sending.host']);
  });
});
