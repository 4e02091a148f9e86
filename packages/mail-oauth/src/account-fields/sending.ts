import { Type } from 'typebox';
import { addressField, text } from './hints.ts';
import { serverDefaults, serverFields } from './server.ts';

/** How mail is submitted, and what is done where its outcome is unknown or there is too much of it. */
export const sendingFields = Type.Object(
  {
    protocol: Type.Union([Type.Literal('none'), Type.Literal('smtp'), Type.Literal('graph')], {
      ui: {
        title: text('Send mail by', 'Mail senden über'),
        group: 'sending',
        order: 1,
        widget: 'select',
        labels: {
          none: text('Do not send', 'Nicht senden'),
          smtp: text('SMTP', 'SMTP'),
          graph: text('Microsoft Graph', 'Microsoft Graph'),
        },
      },
    }),
    ...serverFields('sending', { field: 'sending.protocol', is: ['smtp'] }),
    login: addressField(
      text('SMTP login', 'SMTP-Anmeldung'),
      text(
        'Empty: the signed-in user (delegated) or the mailbox. Exchange refuses a shared mailbox here; the person signs in and the shared address stands in From.',
        'Leer: der angemeldete Benutzer (delegiert) oder das Postfach. Exchange lehnt ein freigegebenes Postfach hier ab; die Person meldet sich an, und die freigegebene Adresse steht in From.',
      ),
      'sending',
      7,
    ),
    unknownOutcome: Type.Union([Type.Literal('hold'), Type.Literal('resend')], {
      ui: {
        title: text('If nobody knows whether a mail was sent', 'Wenn unbekannt ist, ob eine Mail gesendet wurde'),
        description: text(
          'Asked only where Sent Items do not tell either.',
          'Nur, wenn auch „Gesendete Elemente“ es nicht verrät.',
        ),
        group: 'sending',
        order: 8,
        widget: 'select',
        labels: {
          hold: text('Wait for a person (recommended)', 'Auf eine Person warten (empfohlen)'),
          resend: text('Send it again', 'Erneut senden'),
        },
      },
    }),
    perRecipientHour: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      ui: {
        title: text(
          'Most automatic mails to one recipient in an hour',
          'Höchstzahl automatischer Mails an einen Empfänger je Stunde',
        ),
        description: text(
          'Breaks loops between two machines. What is above it waits, and a notice tells.',
          'Unterbricht Schleifen zwischen zwei Automaten. Was darüber liegt, wartet, und ein Hinweis meldet es.',
        ),
        group: 'sending',
        order: 9,
        widget: 'number',
      },
    }),
  },
  { additionalProperties: false },
);

export const sendingDefaults = {
  protocol: 'smtp',
  ...serverDefaults,
  login: '',
  unknownOutcome: 'hold',
  perRecipientHour: 20,
} as const;
