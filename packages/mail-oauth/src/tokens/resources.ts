import { type CloudId, clouds } from '@itsm-m365/graph-auth';
import type { AccountSettings } from '../account-fields.ts';
import { identityOf } from '../identity.ts';
import type { Resource } from './access.ts';

interface ExchangeNames {
  /** Prefix of the delegated scopes. */
  readonly delegated: string;
  /** Resource of an application's token. */
  readonly application: string;
}

/**
 * Exchange as a resource, by cloud. Global: Microsoft's page "Authenticate an IMAP, POP or SMTP connection using OAuth",
 * which names the two differently. The national clouds have one name, that of their mail host.
 */
const exchange: Readonly<Record<CloudId, ExchangeNames>> = {
  global: { delegated: 'https://outlook.office.com', application: 'https://outlook.office365.com' },
  'usgov-l4': { delegated: 'https://outlook.office365.us', application: 'https://outlook.office365.us' },
  'usgov-l5': { delegated: 'https://outlook-dod.office365.us', application: 'https://outlook-dod.office365.us' },
  china: { delegated: 'https://partner.outlook.cn', application: 'https://partner.outlook.cn' },
};

/** The one scope of an application's token (RFC 6749, 4.4; Entra takes `.default` only). */
export const applicationScope = (resource: Resource, cloud: CloudId): string =>
  resource === 'graph' ? clouds[cloud].scope : `${exchange[cloud].application}/.default`;

const exchangeScopes = ({ receiving, sending }: AccountSettings, prefix: string): readonly string[] => [
  ...(receiving.protocol === 'imap' ? [`${prefix}/IMAP.AccessAsUser.All`] : []),
  ...(receiving.protocol === 'pop' ? [`${prefix}/POP.AccessAsUser.All`] : []),
  ...(sending.protocol === 'smtp' ? [`${prefix}/SMTP.Send`] : []),
];

const graphScopes = (account: AccountSettings, prefix: string): readonly string[] => {
  const { tokenUser, mailbox, from } = identityOf(account, 'delegated');
  const permissions: string[] = [];
  if (account.receiving.protocol === 'graph') permissions.push('Mail.ReadWrite');
  if (account.receiving.protocol === 'graph' && mailbox !== tokenUser) permissions.push('Mail.ReadWrite.Shared');
  if (account.sending.protocol === 'graph') permissions.push('Mail.Send');
  if (account.sending.protocol === 'graph' && (mailbox !== tokenUser || from !== tokenUser))
    permissions.push('Mail.Send.Shared');
  return permissions.map((permission) => `${prefix}/${permission}`);
};

/**
 * The delegated scopes of one resource that an account needs for what it does, no more; empty where it does not use the
 * resource (MAIL-07). Those of Exchange are Exchange's own: Graph's of the same names give tokens that IMAP refuses.
 */
export const delegatedScopes = (account: AccountSettings, resource: Resource, cloud: CloudId): readonly string[] =>
  resource === 'graph'
    ? graphScopes(account, `https://${clouds[cloud].graphHost}`)
    : exchangeScopes(account, exchange[cloud].delegated);

/** The resources that an account uses, the one that receives first. */
export const resourcesOf = (account: AccountSettings): readonly Resource[] => {
  const used = [account.receiving.protocol, account.sending.protocol].filter((protocol) => protocol !== 'none');
  return [...new Set(used.map((protocol): Resource => (protocol === 'graph' ? 'graph' : 'exchange')))];
};
