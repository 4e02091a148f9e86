import {
  type AppOptions,
  type RunningExchange,
  type Simulator,
  type SimulatorTenant,
  startExchange,
} from '@itsm-m365/microsoft-simulator';
import type { OutboundTcp } from '@itsm-m365/plugin-api';
import { loopbackTcp } from '@itsm-m365/plugin-api/testing';
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

/** A tenant with mailboxes, its mail servers, and a host that is led to them. */
export interface MailWorld {
  readonly simulated: Simulated;
  readonly simulator: Simulator;
  readonly tenant: SimulatorTenant;
  readonly exchange: RunningExchange;
  readonly host: RunningReferenceHost;
  /** Enters an application; its id in the settings. */
  addApplication(kind: 'delegated' | 'app-only'): Promise<string>;
  /** Enters an account as the form would; its id. */
  addAccount(value: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

const wayTo = ({ ports }: RunningExchange): OutboundTcp =>
  loopbackTcp({
    'outlook.office365.com:993': ports.imaps,
    'outlook.office365.com:995': ports.pop3s,
    'smtp.office365.com:587': ports.submission,
  });

export const openMailWorld = async (): Promise<MailWorld> => {
  const folder: Folder = temporaryFolder();
  const simulated = await simulate({ users: 10, domain: 'contoso.example', apps: [delegated, appOnly] });
  const { simulator } = simulated;
  const tenant = simulated.tenant();
  const { exchange: mail } = simulator;
  mail.addMailbox({ address: desk });
  mail.addMailbox({ address: ann });
  mail.addMailbox({ address: shared, kind: 'shared' });
  const app = tenant.apps[1];
  if (app === undefined) throw new Error('no application');
  mail.newServicePrincipal({ appId: app.clientId, objectId: app.objectId });
  for (const address of [desk, shared]) mail.grantFullAccess(address, app.objectId);
  for (const address of [desk, shared]) mail.grantSendAs(address, app.objectId);
  const exchange = await startExchange(simulator);
  const host = await startReferenceHost({
    folder: folder.path,
    http: simulated.http,
    tcp: wayTo(exchange),
    publicUrl,
  });

  const put = async (section: string, value: object): Promise<string> => {
    const { id } = await host.post<{ readonly id: string }>(`/settings/mail-oauth.${section}/items`, { value });
    return id;
  };
  // The certificate of the simulated servers is nobody's but theirs.
  const authority = exchange.authority;

  return {
    simulated,
    simulator,
    tenant,
    exchange,
    host,
    addApplication: (kind) => {
      const { clientId, objectId } = tenant.apps[kind === 'delegated' ? 0 : 1] ?? app;
      return put('applications', {
        name: kind,
        flow: kind,
        accountType: 'directory',
        tenantId: tenant.tenantId,
        clientId,
        enterpriseObjectId: kind === 'app-only' ? objectId : '',
        deviceCode: false,
        credential:
          kind === 'delegated'
            ? { type: 'none' }
            : { type: 'secret', secretId: 'one', value: clientSecret, validUntil: '2099-12-31' },
      });
    },
    async addAccount({ receiving = {}, sending = {}, ...value }) {
      const { defaults } = await host.get<{ readonly defaults: { receiving: object; sending: object } }>(
        '/settings/mail-oauth.accounts',
      );
      return put('accounts', {
        ...defaults,
        ...value,
        receiving: { ...defaults.receiving, authority, ...Object(receiving) },
        sending: { ...defaults.sending, authority, ...Object(sending) },
      });
    },
    async close() {
      await host.close();
      await exchange.close();
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
