import { type AccountSettings, accountDefaults } from '../account-fields.ts';
import { type ApplicationSettings, applicationDefaults } from '../application-fields.ts';

export const ids = {
  client: 'a2fe2547-d4f3-46cd-bacd-ed26c84536f2',
  object: '234de324-4d47-48c9-a92f-dffdec231234',
  tenant: '23ae5022-aa76-4329-a409-6b5b234ac321',
} as const;

export type AccountChanges = Partial<Omit<AccountSettings, 'receiving' | 'sending'>> & {
  readonly receiving?: Partial<AccountSettings['receiving']>;
  readonly sending?: Partial<AccountSettings['sending']>;
};

/** Helpdesk's account: IMAP and SMTP of Exchange Online by OAuth2. */
export const accountOf = (changes: AccountChanges = {}): AccountSettings => ({
  ...accountDefaults,
  name: 'Helpdesk',
  mailbox: 'helpdesk@example.com',
  ...changes,
  receiving: { ...accountDefaults.receiving, ...changes.receiving },
  sending: { ...accountDefaults.sending, ...changes.sending },
});

/** App-only; a public client by `{ flow: 'delegated' }`. */
export const applicationOf = (changes: Partial<ApplicationSettings> = {}): ApplicationSettings => ({
  ...applicationDefaults,
  name: 'Helpdesk mail',
  tenantId: ids.tenant,
  clientId: ids.client,
  enterpriseObjectId: ids.object,
  credential: { type: 'none' },
  ...changes,
});
