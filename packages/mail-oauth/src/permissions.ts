import type { Permission } from '@itsm-m365/plugin-api';

/** Each is asked for one account (scope `account`), so that a provider can keep its customers apart. */
export const mailPermissions = {
  readAccounts: {
    id: 'mail-oauth.accounts.read',
    title: { en: 'See mail accounts', de: 'Mailkonten sehen' },
    description: {
      en: 'See applications and accounts without secrets, their state, set-aside messages and the outbox without contents.',
      de: 'Anwendungen und Konten ohne Geheimnisse, ihren Stand, beiseitegelegte Nachrichten und den Postausgang ohne Inhalte sehen.',
    },
  },
  editAccounts: {
    id: 'mail-oauth.accounts.edit',
    title: { en: 'Edit mail accounts', de: 'Mailkonten bearbeiten' },
    description: {
      en: 'Add, change and delete applications and accounts, sign in, test, choose where fetching goes on.',
      de: 'Anwendungen und Konten anlegen, ändern und löschen, anmelden, testen und wählen, ab wo abgeholt wird.',
    },
  },
  startTasks: {
    id: 'mail-oauth.tasks.start',
    title: { en: 'Start fetching and sending', de: 'Abholen und Senden starten' },
    description: {
      en: 'Start, cancel and schedule the mail tasks.',
      de: 'Die Mail-Aufgaben starten, abbrechen und planen.',
    },
  },
  decideMail: {
    id: 'mail-oauth.mail.decide',
    title: { en: 'Decide about held mail', de: 'Über angehaltene Mail entscheiden' },
    description: {
      en: 'Send uncertain mail again or not, hand over or skip messages that were set aside.',
      de: 'Ungewisse Mail erneut senden oder nicht, beiseitegelegte Nachrichten übergeben oder überspringen.',
    },
  },
} as const satisfies Record<string, Permission>;

/** The scope of everything about one account. */
export const accountScope = (account: string) => ({ type: 'account', id: account });
