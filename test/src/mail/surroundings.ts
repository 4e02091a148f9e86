import {
  type AppOptions,
  type RunningExchange,
  type Simulator,
  type SimulatorApp,
  type SimulatorTenant,
  startExchange,
  type TenantOptions,
} from '@itsm-m365/microsoft-simulator';
import type { OutboundTcp } from '@itsm-m365/plugin-api';
import { loopbackTcp } from '@itsm-m365/plugin-api/testing';
import type { Client } from '../end-to-end/surroundings/client.ts';
import { type Folder, temporaryFolder } from '../end-to-end/surroundings/folder.ts';
import { type RunningReferenceHost, startReferenceHost } from '../end-to-end/surroundings/hosts.ts';
import { clientSecret, type Simulated, simulate } from '../end-to-end/surroundings/simulated.ts';

export const publicUrl = 'https://itsm.example.com';
export const desk = 'desk@contoso.example';
export const shared = 'service@contoso.example';
export const ann = 'ann@contoso.example';

const nativeClient = 'https://login.microsoftonline.com/common/oauth2/nativeclient';
const landing = `${publicUrl}/itsm/mail-oauth/sign-in`;

const delegated: AppOptions = {
  displayName: 'Help desk mail',
  platform: 'public',
  allowPublicClient: true,
  redirectUris: [nativeClient, landing],
  delegatedScopes: [
    ...['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'].map(
      (name) => `https://outlook.office.com/${name}`,
    ),
    ...['Mail.ReadWrite', 'Mail.ReadWrite.Shared', 'Mail.Send', 'Mail.Send.Shared'],
  ],
};
const appOnly: AppOptions = {
  displayName: 'Mail of the service',
  exchangeRoles: ['IMAP.AccessAsApp', 'POP.AccessAsApp', 'SMTP.SendAsApp'],
  roles: ['Mail.ReadWrite', 'Mail.Send'],
  secrets: [clientSecret],
};

/** A tenant with applications for mail; its mailboxes come with {@link openMailServers}. */
export const mailTenant: TenantOptions = { users: 10, domain: 'contoso.example', apps: [delegated, appOnly] };

export interface MailServers extends RunningExchange {
  readonly tcp: OutboundTcp;
}

/** Mailboxes of a person, of another one and a shared one, with the rights of the application, and their servers. */
export const openMailServers = async ({ simulator }: Simulated, tenant: SimulatorTenant): Promise<MailServers> => {
  const { exchange } = simulator;
  exchange.addMailbox({ address: desk }, tenant);
  exchange.addMailbox({ address: ann }, tenant);
  exchange.addMailbox({ address: shared, kind: 'shared' }, tenant);
  const { clientId, objectId } = applicationOf(tenant, 'app-only');
  exchange.newServicePrincipal({ appId: clientId, objectId }, tenant);
  for (const address of [desk, shared]) {
    exchange.grantFullAccess(address, objectId);
    exchange.grantSendAs(address, objectId);
  }
  const running = await startExchange(simulator);
  const { imaps, pop3s, submission } = running.ports;
  const tcp = loopbackTcp({
    'outlook.office365.com:993': imaps,
    'outlook.office365.com:995': pop3s,
    'smtp.office365.com:587': submission,
  });
  return { ...running, tcp };
};

type Flow = 'delegated' | 'app-only';

export const applicationOf = (tenant: SimulatorTenant, flow: Flow): SimulatorApp => {
  const app = tenant.apps[flow === 'delegated' ? 0 : 1] ?? tenant.apps[0];
  if (app === undefined) throw new Error(`the tenant has no application for ${flow}`);
  return app;
};

type Form = Pick<Client, 'get' | 'post'>;

const put = async (form: Form, section: string, value: object): Promise<string> => {
  const { id } = await form.post<{ readonly id: string }>(`/settings/mail-oauth.${section}/items`, { value });
  return id;
};

/** Enters an application as the form would; its id in the settings. */
export const enterApplication = (
  form: Form,
  tenant: SimulatorTenant,
  flow: Flow,
  secret = clientSecret,
): Promise<string> => {
  const { clientId, objectId } = applicationOf(tenant, flow);
  return put(form, 'applications', {
    name: flow,
    flow,
    accountType: 'directory',
    tenantId: tenant.tenantId,
    clientId,
    enterpriseObjectId: flow === 'app-only' ? objectId : '',
    deviceCode: false,
    credential:
      flow === 'delegated'
        ? { type: 'none' }
        : { type: 'secret', secretId: 'one', value: secret, validUntil: '2099-12-31' },
  });
};

export interface AccountForm extends Readonly<Record<string, unknown>> {
  readonly receiving?: object;
  readonly sending?: object;
}

/** Enters an account as the form would, with the certificate of the simulated servers as its private authority. */
export const enterAccount = async (
  form: Form,
  { authority }: Pick<MailServers, 'authority'>,
  { receiving = {}, sending = {}, ...value }: AccountForm,
): Promise<string> => {
  const { defaults } = await form.get<{ readonly defaults: { receiving: object; sending: object } }>(
    '/settings/mail-oauth.accounts',
  );
  return put(form, 'accounts', {
    ...defaults,
    ...value,
    receiving: { ...defaults.receiving, authority, ...receiving },
    sending: { ...defaults.sending, authority, ...sending },
  });
};

/** A tenant with mailboxes, its mail servers, and a host that is led to them. */
export interface MailWorld {
  readonly simulator: Simulator;
  readonly tenant: SimulatorTenant;
  readonly servers: MailServers;
  readonly host: RunningReferenceHost;
  addApplication(flow: Flow): Promise<string>;
  addAccount(form: AccountForm): Promise<string>;
  close(): Promise<void>;
}

export const openMailWorld = async (): Promise<MailWorld> => {
  const folder: Folder = temporaryFolder();
  const simulated = await simulate(mailTenant);
  const tenant = simulated.tenant();
  const servers = await openMailServers(simulated, tenant);
  const host = await startReferenceHost({ folder: folder.path, http: simulated.http, tcp: servers.tcp, publicUrl });
  return {
    simulator: simulated.simulator,
    tenant,
    servers,
    host,
    addApplication: (flow) => enterApplication(host, tenant, flow),
    addAccount: (form) => enterAccount(host, servers, form),
    async close() {
      await host.close();
      await servers.close();
      await simulated.close();
      folder.remove();
    },
  };
};

/** A message as it comes from outside. */
export const mailFrom = (from: string, subject: string, more: readonly string[] = []): string =>
  [
    `From: ${from}`,
    `To: <${desk}>`,
    `Subject: ${subject}`,
    `Message-ID: <${subject.toLowerCase().replaceAll(/\W+/g, '-')}@example.org>`,
    'Date: Sat, 21 Nov 2026 08:00:00 +0000',
    ...more,
    '',
    `The text of ${subject}.`,
    '',
  ].join('\r\n');
