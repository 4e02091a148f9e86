import { secretField } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { addressField, text } from './hints.ts';

/** One mailbox: who signs in, which mailbox is read, who submits, and what stands in From are four fields, not one. */
export const identityFields = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    ui: { title: text('Name', 'Name'), description: text('Unique.', 'Eindeutig.'), group: 'general', order: 1 },
  }),
  active: Type.Boolean({
    ui: {
      title: text('Use this account', 'Dieses Konto verwenden'),
      description: text(
        'Switched off, it keeps its cursor and its queue.',
        'Ausgeschaltet behält es Cursor und Warteschlange.',
      ),
      group: 'general',
      order: 2,
      widget: 'checkbox',
    },
  }),
  mailbox: addressField(
    text('Mailbox', 'Postfach'),
    text(
      'The address whose mail is fetched; may be a shared mailbox.',
      'Die Adresse, deren Mail abgeholt wird; auch ein freigegebenes Postfach.',
    ),
    'general',
    3,
    true,
  ),
  from: addressField(
    text('Sender (From)', 'Absender (From)'),
    text('Empty: the mailbox.', 'Leer: das Postfach.'),
    'general',
    4,
  ),
  fromName: Type.String({
    maxLength: 200,
    ui: { title: text('Name of the sender', 'Name des Absenders'), group: 'general', order: 5 },
  }),
  method: Type.Union([Type.Literal('oauth'), Type.Literal('password')], {
    ui: {
      title: text('Password encryption', 'Passwortverschlüsselung'),
      description: text(
        'Exchange Online takes OAuth only. The way of signing in follows from the application.',
        'Exchange Online nimmt nur OAuth. Die Art der Anmeldung folgt aus der Anwendung.',
      ),
      group: 'authentication',
      order: 1,
      widget: 'select',
      labels: { oauth: text('OAuth2 Microsoft', 'OAuth2 Microsoft'), password: text('Password', 'Kennwort') },
    },
  }),
  application: Type.String({
    maxLength: 36,
    ui: {
      title: text('Application', 'Anwendung'),
      group: 'authentication',
      order: 2,
      widget: 'select',
      showWhen: { field: 'method', is: ['oauth'] },
      choices: { route: '/applications', value: 'id', label: 'name' },
    },
  }),
  signInUser: addressField(
    text('Signed-in user', 'Angemeldeter Benutzer'),
    text(
      'Delegated only. Empty: the mailbox itself. For a shared mailbox: the person who has access to it.',
      'Nur delegiert. Leer: das Postfach selbst. Für ein freigegebenes Postfach: die Person, die Zugriff darauf hat.',
    ),
    'authentication',
    3,
  ),
  user: addressField(
    text('User name', 'Benutzername'),
    text('Password accounts only. Empty: the mailbox.', 'Nur Kennwortkonten. Leer: das Postfach.'),
    'authentication',
    4,
  ),
  password: Type.Optional(
    secretField({
      title: text('Password', 'Kennwort'),
      group: 'authentication',
      order: 5,
      showWhen: { field: 'method', is: ['password'] },
    }),
  ),
};

export const identityDefaults = {
  active: true,
  from: '',
  fromName: '',
  method: 'oauth',
  application: '',
  signInUser: '',
  user: '',
} as const;
