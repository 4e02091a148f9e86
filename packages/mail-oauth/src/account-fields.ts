import { secretField, type Text } from '@itsm-m365/plugin-api';
import { type Static, Type } from 'typebox';

/** The wizard's pages, the editor's tabs, in their order. */
export const accountPages = [
  { id: 'general', title: { en: 'Account', de: 'Konto' } },
  { id: 'authentication', title: { en: 'Authentication', de: 'Authentifizierung' } },
  { id: 'receiving', title: { en: 'Incoming mail', de: 'Posteingang' } },
  { id: 'sending', title: { en: 'Outgoing mail', de: 'Postausgang' } },
] as const;

const text = (en: string, de: string): Text => ({ en, de });

const address = (title: Text, description: Text, group: string, order: number, required = false) =>
  Type.String({ minLength: required ? 3 : 0, maxLength: 320, ui: { title, description, group, order } });

const host = (group: string, showWhen: { field: string; is: readonly string[] }) =>
  Type.String({
    maxLength: 253,
    ui: {
      title: text('Server', 'Server'),
      description: text('Empty: the server of Exchange Online.', 'Leer: der Server von Exchange Online.'),
      group,
      order: 2,
      showWhen,
    },
  });

const port = (group: string, showWhen: { field: string; is: readonly string[] }) =>
  Type.Integer({
    minimum: 0,
    maximum: 65535,
    ui: {
      title: text('Port', 'Port'),
      description: text('0: the usual port of the protocol.', '0: der übliche Port des Protokolls.'),
      group,
      order: 3,
      widget: 'number',
      showWhen,
    },
  });

const encryption = (group: string, showWhen: { field: string; is: readonly string[] }) =>
  Type.Union([Type.Literal('default'), Type.Literal('tls'), Type.Literal('starttls')], {
    ui: {
      title: text('Encryption', 'Verschlüsselung'),
      description: text('TLS 1.2 or newer; there is no way without.', 'TLS 1.2 oder neuer; ohne geht es nicht.'),
      group,
      order: 4,
      widget: 'select',
      labels: {
        default: text('Usual for the protocol', 'Üblich für das Protokoll'),
        tls: text('SSL/TLS', 'SSL/TLS'),
        starttls: text('STARTTLS', 'STARTTLS'),
      },
      showWhen,
    },
  });

const authority = (group: string, showWhen: { field: string; is: readonly string[] }) =>
  Type.String({
    maxLength: 128 * 1024,
    ui: {
      title: text('Private certification authority', 'Private Zertifizierungsstelle'),
      description: text(
        'PEM. Trusted for this server only, where the network inspects TLS or the server is your own.',
        'PEM. Gilt nur für diesen Server, wenn das Netz TLS aufbricht oder der Server Ihr eigener ist.',
      ),
      group,
      order: 5,
      widget: 'file',
      accept: ['.pem', '.cer', '.crt'],
      showWhen,
    },
  });

const acceptUntrusted = (group: string, showWhen: { field: string; is: readonly string[] }) =>
  Type.Boolean({
    ui: {
      title: text('Accept untrusted certificates', 'Nicht vertrauenswürdige Zertifikate akzeptieren'),
      description: text(
        'Has no effect with OAuth or for servers of Microsoft: there a certificate error stops before anything secret is sent.',
        'Wirkt nicht mit OAuth und nicht für Server von Microsoft: Dort endet die Verbindung bei einem Zertifikatsfehler, bevor Geheimes gesendet wird.',
      ),
      group,
      order: 6,
      widget: 'checkbox',
      showWhen,
    },
  });

const receives = { field: 'receiving.protocol', is: ['imap', 'pop'] } as const;
const sends = { field: 'sending.protocol', is: ['smtp'] } as const;

/** One mailbox: who signs in, which mailbox is read, who submits, and what stands in From are four fields, not one. */
export const accountFields = Type.Object(
  {
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
    mailbox: address(
      text('Mailbox', 'Postfach'),
      text(
        'The address whose mail is fetched; may be a shared mailbox.',
        'Die Adresse, deren Mail abgeholt wird; auch ein freigegebenes Postfach.',
      ),
      'general',
      3,
      true,
    ),
    from: address(
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
    signInUser: address(
      text('Signed-in user', 'Angemeldeter Benutzer'),
      text(
        'Delegated only. Empty: the mailbox itself. For a shared mailbox: the person who has access to it.',
        'Nur delegiert. Leer: das Postfach selbst. Für ein freigegebenes Postfach: die Person, die Zugriff darauf hat.',
      ),
      'authentication',
      3,
    ),
    user: address(
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
    receiving: Type.Object(
      {
        protocol: Type.Union([Type.Literal('none'), Type.Literal('imap'), Type.Literal('pop'), Type.Literal('graph')], {
          ui: {
            title: text('Fetch mail by', 'Mail abholen über'),
            group: 'receiving',
            order: 1,
            widget: 'select',
            labels: {
              none: text('Do not fetch', 'Nicht abholen'),
              imap: text('IMAP', 'IMAP'),
              pop: text('POP3', 'POP3'),
              graph: text('Microsoft Graph', 'Microsoft Graph'),
            },
          },
        }),
        host: host('receiving', receives),
        port: port('receiving', receives),
        encryption: encryption('receiving', receives),
        authority: authority('receiving', receives),
        acceptUntrusted: acceptUntrusted('receiving', receives),
        folder: Type.String({
          maxLength: 200,
          ui: {
            title: text('Folder', 'Ordner'),
            description: text('Empty: the inbox.', 'Leer: der Posteingang.'),
            group: 'receiving',
            order: 7,
            showWhen: { field: 'receiving.protocol', is: ['imap', 'graph'] },
          },
        }),
        after: Type.Union([Type.Literal('mark'), Type.Literal('move'), Type.Literal('delete')], {
          ui: {
            title: text('After the message was taken', 'Nachdem die Nachricht übernommen wurde'),
            description: text(
              'POP3 knows only: leave (mark) or delete.',
              'POP3 kennt nur: belassen (markieren) oder löschen.',
            ),
            group: 'receiving',
            order: 8,
            widget: 'select',
            labels: {
              mark: text('Mark it as read', 'Als gelesen markieren'),
              move: text('Move it', 'Verschieben'),
              delete: text('Delete it', 'Löschen'),
            },
          },
        }),
        moveTo: Type.String({
          maxLength: 200,
          ui: {
            title: text('Move to folder', 'Verschieben in Ordner'),
            group: 'receiving',
            order: 9,
            showWhen: { field: 'receiving.after', is: ['move'] },
          },
        }),
        maxMegabytes: Type.Integer({
          minimum: 1,
          maximum: 150,
          ui: {
            title: text('Largest message (MB)', 'Größte Nachricht (MB)'),
            description: text(
              'Larger ones stay in the mailbox and are listed.',
              'Größere bleiben im Postfach und werden aufgeführt.',
            ),
            group: 'receiving',
            order: 10,
            widget: 'number',
          },
        }),
        maxTries: Type.Integer({
          minimum: 1,
          maximum: 100,
          ui: {
            title: text('Set a message aside after (tries)', 'Nachricht beiseitelegen nach (Versuchen)'),
            group: 'receiving',
            order: 11,
            widget: 'number',
          },
        }),
      },
      { additionalProperties: false },
    ),
    sending: Type.Object(
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
        host: host('sending', sends),
        port: port('sending', sends),
        encryption: encryption('sending', sends),
        authority: authority('sending', sends),
        acceptUntrusted: acceptUntrusted('sending', sends),
        login: address(
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
    ),
  },
  { additionalProperties: false, ui: { title: text('Mail account', 'Mailkonto'), pages: accountPages } },
);

export type AccountSettings = Static<typeof accountFields>;

export const accountDefaults = {
  active: true,
  from: '',
  fromName: '',
  method: 'oauth',
  application: '',
  signInUser: '',
  user: '',
  receiving: {
    protocol: 'imap',
    host: '',
    port: 0,
    encryption: 'default',
    authority: '',
    acceptUntrusted: false,
    folder: '',
    after: 'mark',
    moveTo: '',
    maxMegabytes: 50,
    maxTries: 5,
  },
  sending: {
    protocol: 'smtp',
    host: '',
    port: 0,
    encryption: 'default',
    authority: '',
    acceptUntrusted: false,
    login: '',
    unknownOutcome: 'hold',
    perRecipientHour: 20,
  },
} as const satisfies Partial<AccountSettings>;
