import type { StoredItem } from '@itsm-m365/plugin-api';
import type { AccountSettings } from './account-fields.ts';

export const accountsSection = 'mail-oauth.accounts';

export type MailAccount = StoredItem<AccountSettings>;

/** Fields that an account's password was entered for: another server asks for it again. */
export const accountBoundTo = ['receiving.host', 'sending.host'] as const;
