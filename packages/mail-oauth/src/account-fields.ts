import { type Static, Type } from 'typebox';
import { text } from './account-fields/hints.ts';
import { identityDefaults, identityFields } from './account-fields/identities.ts';
import { receivingDefaults, receivingFields } from './account-fields/receiving.ts';
import { sendingDefaults, sendingFields } from './account-fields/sending.ts';

/** The wizard's pages, the editor's tabs, in their order. */
const pages = [
  { id: 'general', title: text('Account', 'Konto') },
  { id: 'authentication', title: text('Authentication', 'Authentifizierung') },
  { id: 'receiving', title: text('Incoming mail', 'Posteingang') },
  { id: 'sending', title: text('Outgoing mail', 'Postausgang') },
];

export const accountFields = Type.Object(
  { ...identityFields, receiving: receivingFields, sending: sendingFields },
  { additionalProperties: false, ui: { title: text('Mail account', 'Mailkonto'), pages } },
);

export type AccountSettings = Static<typeof accountFields>;

export const accountDefaults = {
  ...identityDefaults,
  receiving: receivingDefaults,
  sending: sendingDefaults,
} as const satisfies Partial<AccountSettings>;
