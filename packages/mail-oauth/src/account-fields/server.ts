import type { UiHints } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { text } from './hints.ts';

/** Where a mail server is and how it is spoken to; `order` 2 to 6 of the group. */
export const serverFields = (group: string, showWhen: NonNullable<UiHints['showWhen']>) => ({
  host: Type.String({
    maxLength: 253,
    ui: {
      title: text('Server', 'Server'),
      description: text('Empty: the server of Exchange Online.', 'Leer: der Server von Exchange Online.'),
      group,
      order: 2,
      showWhen,
    },
  }),
  port: Type.Integer({
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
  }),
  encryption: Type.Union([Type.Literal('default'), Type.Literal('tls'), Type.Literal('starttls')], {
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
  }),
  authority: Type.String({
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
  }),
  acceptUntrusted: Type.Boolean({
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
  }),
});

export const serverDefaults = {
  host: '',
  port: 0,
  encryption: 'default',
  authority: '',
  acceptUntrusted: false,
} as const;
