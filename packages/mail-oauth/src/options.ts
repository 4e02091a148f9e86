import { defineSettings } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { mailPermissions } from './permissions.ts';

/** What holds for all accounts. */
export const mailOptions = defineSettings({
  id: 'mail-oauth.options',
  kind: 'value',
  title: { en: 'Mail', de: 'Mail' },
  description: { en: 'What holds for all mail accounts.', de: 'Was für alle Mailkonten gilt.' },
  schema: Type.Object(
    {
      notifyBy: Type.String({
        maxLength: 36,
        ui: {
          title: { en: 'Send notices through the account', de: 'Hinweise senden über das Konto' },
          description: {
            en: 'Notices of this product go out by mail too. Empty: they do not.',
            de: 'Hinweise dieses Produkts gehen auch als Mail hinaus. Leer: nicht.',
          },
          order: 1,
          widget: 'select',
          choices: { route: '/accounts', value: 'id', label: 'name' },
        },
      }),
      notifyTo: Type.Array(Type.String({ minLength: 3, maxLength: 320 }), {
        maxItems: 20,
        ui: { title: { en: 'Recipients of notices', de: 'Empfänger der Hinweise' }, order: 2, widget: 'multiline' },
      }),
      notifyLanguage: Type.Union([Type.Literal('en'), Type.Literal('de')], {
        ui: {
          title: { en: 'Language of notices', de: 'Sprache der Hinweise' },
          order: 3,
          widget: 'select',
          labels: { en: { en: 'English', de: 'Englisch' }, de: { en: 'German', de: 'Deutsch' } },
        },
      }),
      keepTakenDays: Type.Integer({
        minimum: 30,
        maximum: 3650,
        ui: {
          title: { en: 'Remember messages that were taken (days)', de: 'Übernommene Nachrichten merken (Tage)' },
          description: {
            en: 'Longer memory recognises more should a mailbox be moved. Contents are not kept.',
            de: 'Ein längeres Gedächtnis erkennt mehr wieder, falls ein Postfach umzieht. Inhalte werden nicht aufbewahrt.',
          },
          order: 4,
          widget: 'number',
        },
      }),
    },
    { additionalProperties: false },
  ),
  defaults: { notifyBy: '', notifyTo: [], notifyLanguage: 'en', keepTakenDays: 400 },
  permissions: { read: mailPermissions.readAccounts, edit: mailPermissions.editAccounts },
});
