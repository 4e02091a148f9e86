import { startDovecot, tokenIssuer } from '@itsm-m365/mail-servers';
import { startSimulator } from '@itsm-m365/microsoft-simulator';
import { messageOf } from './mail-messages.ts';
import type { Kept, MailPlace, Order } from './roles.ts';

const nativeClient = 'https://login.microsoftonline.com/common/oauth2/nativeclient';
const domain = 'example.test';

/**
 * Keeps mailboxes at Dovecot, filled with the same number of messages each, and an Entra that signs people in to them. The
 * product goes the whole way through the sign-in; who only reads gets a token from elsewhere that Dovecot takes as well.
 */
export const serveMail = async ({ mailboxes, messages }: Extract<Order, { readonly role: 'mail' }>): Promise<Kept> => {
  const scopes = ['IMAP.AccessAsUser.All', 'SMTP.Send'].map((name) => `https://outlook.office.com/${name}`);
  const app = {
    displayName: 'Help desk mail',
    platform: 'public',
    allowPublicClient: true,
    redirectUris: [nativeClient],
    delegatedScopes: scopes,
  } as const;
  // Every mailbox is that of one of the tenant's users.
  const { url, simulator, close } = await startSimulator({
    tenants: [{ users: mailboxes, domain, apps: [app] }],
    throttle: false,
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error('The simulator has no tenant');
  const users = Array.from({ length: mailboxes }, (_, number) => `mailbox-${number + 1}@${domain}`);
  for (const address of users) simulator.exchange.addMailbox({ address }, tenant);
  const { kid, pem } = simulator.signingKeyPem();
  const other = tokenIssuer();
  const dovecot = await startDovecot({
    keys: [{ client: tenant.clientId, kid, publicKeyPem: pem }, other.key],
    issuers: [`https://${tenant.cloud.issuerHost}/${tenant.tenantId}/v2.0`, other.issuer],
  });
  for (const user of users)
    for (let number = 1; number <= messages; number += 1) await dovecot.deliver(user, messageOf(number));
  const { tenantId, clientId } = tenant;
  const { host, imaps, authority, logFile } = dovecot;
  const accounts = await Promise.all(users.map(async (user) => ({ user, token: await other.token(user) })));
  const answer: MailPlace = { url, tenantId, clientId, host, port: imaps, authority, logFile, accounts };
  return {
    answer,
    async remove() {
      await dovecot.close();
      await close();
    },
  };
};
