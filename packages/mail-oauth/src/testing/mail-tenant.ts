import {
  type AppOptions,
  type MailboxOptions,
  type RunningExchange,
  type Simulator,
  type SimulatorTenant,
  simulatorDispatcher,
  startExchange,
  startSimulator,
} from '@itsm-m365/microsoft-simulator';
import type { Clock } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';

export const clientSecret = 'only-the-simulator-knows-it';
export const person = 'ann@contoso.example';
const nativeClient = 'https://login.microsoftonline.com/common/oauth2/nativeclient';

/** Registrations of the tenant, by the name that they have in our settings too. */
const registrations = {
  'app-only': {
    exchangeRoles: ['IMAP.AccessAsApp', 'POP.AccessAsApp', 'SMTP.SendAsApp'],
    roles: ['Mail.ReadWrite', 'Mail.Send'],
    secrets: [clientSecret],
  },
  /** An application without a permission for Graph: what RBAC for Applications gives is all it has there. */
  scoped: { roles: [], exchangeRoles: ['IMAP.AccessAsApp', 'SMTP.SendAsApp'], secrets: [clientSecret] },
  /** Without any: its tokens open nothing. */
  bare: { roles: [], exchangeRoles: [], secrets: [clientSecret] },
  /** One that Exchange was told by the object id of its registration. */
  misnamed: { roles: [], exchangeRoles: ['SMTP.SendAsApp'], secrets: [clientSecret] },
  delegated: {
    platform: 'public',
    allowPublicClient: true,
    redirectUris: [nativeClient],
    delegatedScopes: [
      ...['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'].map(
        (name) => `https://outlook.office.com/${name}`,
      ),
      ...['Mail.ReadWrite', 'Mail.ReadWrite.Shared', 'Mail.Send', 'Mail.Send.Shared'],
    ],
  },
} as const satisfies Record<string, AppOptions>;

export type Registered = keyof typeof registrations;

export const registered = Object.keys(registrations) as readonly Registered[];

export interface MailTenant {
  readonly simulator: Simulator;
  readonly tenant: SimulatorTenant;
  readonly exchange: RunningExchange;
  /** The way to the simulated web hosts, and their port. */
  readonly http: Dispatcher;
  readonly web: number;
  /** Where Exchange's mail servers are, by `host:port`. */
  readonly routes: Readonly<Record<string, number>>;
  app(name: Registered): SimulatorTenant['apps'][number];
  /** A mailbox of its own, on which the applications and the person have every right. Its address. */
  mailbox(options?: Partial<MailboxOptions>): string;
  close(): Promise<void>;
}

/** A simulated tenant with Exchange on this machine, in which everything is set up right. */
export const openMailTenant = async (clock: Clock): Promise<MailTenant> => {
  const apps = Object.values(registrations);
  const running = await startSimulator({ clock, tenants: [{ users: 10, domain: 'contoso.example', apps }] });
  const { simulator } = running;
  const { tenant, exchange: boxes } = simulator;
  const exchange = await startExchange(simulator);
  const http = simulatorDispatcher(running.url);
  const app: MailTenant['app'] = (name) => {
    const found = tenant.apps[registered.indexOf(name)];
    if (found === undefined) throw new Error(`no application ${name}`);
    return found;
  };
  for (const name of registered) {
    const { clientId, objectId, registrationObjectId } = app(name);
    const told = name === 'misnamed' ? registrationObjectId : objectId;
    boxes.newServicePrincipal({ appId: clientId, objectId: told }, tenant);
  }
  boxes.addMailbox({ address: person }, tenant);
  let made = 0;
  return {
    simulator,
    tenant,
    exchange,
    http,
    web: Number(new URL(running.url).port),
    routes: {
      'outlook.office365.com:993': exchange.ports.imaps,
      'outlook.office365.com:995': exchange.ports.pop3s,
      'smtp.office365.com:587': exchange.ports.submission,
    },
    app,
    mailbox: (options = {}) => {
      made += 1;
      const address = options.address ?? `box${made}@contoso.example`;
      boxes.addMailbox({ kind: 'shared', ...options, address }, tenant);
      for (const trustee of [person, ...registered.map((name) => app(name).objectId)]) {
        boxes.grantFullAccess(address, trustee);
        boxes.grantSendAs(address, trustee);
      }
      return address;
    },
    close: async () => {
      await exchange.close();
      await http.destroy();
      await running.close();
    },
  };
};
