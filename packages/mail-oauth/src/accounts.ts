import { defineSettings, type Transaction } from '@itsm-m365/plugin-api';
import { accountBoundTo, accountsSection } from './account.ts';
import { accountDefaults, accountFields } from './account-fields.ts';
import { accountProblems } from './account-problems.ts';
import { mailPermissions } from './permissions.ts';
import { grants, mailStates } from './tables.ts';
import { testAccount } from './test-account.ts';

/** Its sign-in is marked and not removed: the token lies in the host's secrets, which no transaction of ours reaches. */
const markRemoved = async (trx: Transaction, account: string, now: number): Promise<void> => {
  await trx.update(mailStates, { removed_at: now }, (query) => query.where({ account }));
  await trx.update(grants, { state: 'removed' }, (query) => query.where({ account }));
};

/** Mail accounts. A collection: each is stored, versioned and permitted on its own. */
export const accounts = defineSettings({
  id: accountsSection,
  kind: 'collection',
  title: { en: 'Mail accounts', de: 'Mailkonten' },
  description: {
    en: 'Each account is one mailbox that mail is fetched from or sent as. Deleting an account leaves what was fetched, its cursor and its queue in place.',
    de: 'Jedes Konto ist ein Postfach, aus dem abgeholt oder als das gesendet wird. Beim Löschen eines Kontos bleiben Abgeholtes, Cursor und Warteschlange bestehen.',
  },
  // MAIL-15: ACMP's place; ADV-22: Advolux has its own page, whose words are the second step's.
  location: [
    { en: 'System', de: 'System' },
    { en: 'Settings', de: 'Einstellungen' },
    { en: 'E-Mail Service', de: 'E-Mail-Dienst' },
    { en: 'Accounts', de: 'Konten' },
  ],
  schema: accountFields,
  defaults: accountDefaults,
  permissions: { read: mailPermissions.readAccounts, edit: mailPermissions.editAccounts },
  secretsBoundTo: accountBoundTo,
  normalise: (value) => ({
    ...value,
    name: value.name.trim(),
    mailbox: value.mailbox.trim().toLowerCase(),
    from: value.from.trim(),
    signInUser: value.signInUser.trim().toLowerCase(),
    user: value.user.trim(),
    receiving: { ...value.receiving, host: value.receiving.host.trim().toLowerCase() },
    sending: { ...value.sending, host: value.sending.host.trim().toLowerCase() },
  }),
  validate: accountProblems,
  test: (value, { id = '', services, signal }) =>
    testAccount(services, { account: { id, value, version: 0 }, problems: [] }, signal),
  removed: (item, trx, { now }) => markRemoved(trx, item.id, now),
});
