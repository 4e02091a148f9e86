import { secretField } from '@itsm-m365/plugin-api';
import { type Static, Type } from 'typebox';
import { certificateEndings } from './certificate.ts';
import { pfxCommands } from './credential-errors.ts';

/** AUTH-18: where the product's own help explains how certificates are made, converted and kept. */
export const certificateHelpLink = '/docs/certificates.md#pfx';

const isCertificate = { field: 'type', is: ['certificate'] } as const;
const isSecret = { field: 'type', is: ['secret'] } as const;
const isFederated = { field: 'type', is: ['federated'] } as const;

const typeUi = {
  title: { en: 'Authentication type', de: 'Authentifizierungsart' },
  description: {
    en: 'Microsoft recommends a certificate, because of its higher security. The procedure differs by type: only the fields of the chosen one are shown.',
    de: 'Microsoft empfiehlt wegen der höheren Sicherheit ein Zertifikat. Das Vorgehen unterscheidet sich je nach Art: Es werden nur die Felder der gewählten Art angezeigt.',
  },
  order: 1,
  widget: 'select',
  labels: {
    certificate: { en: 'Certificate (recommended)', de: 'Zertifikat (empfohlen)' },
    secret: { en: 'Secret client key', de: 'Geheimer Clientschlüssel' },
    federated: {
      en: 'Federated assertion (no stored secret)',
      de: 'Föderierte Assertion (ohne gespeichertes Geheimnis)',
    },
  },
} as const;

/** The window behind *Add* for a certificate: two inputs with a file button each (AUTH-09), and the passphrase. */
export const certificateFields = Type.Object(
  {
    type: Type.Literal('certificate', { ui: { ...typeUi, recommended: true } }),
    certificate: Type.String({
      minLength: 1,
      maxLength: 128 * 1024,
      ui: {
        title: { en: 'Certificate (public key)', de: 'Zertifikat (öffentlicher Schlüssel)' },
        description: {
          en: `A certificate has a public and a private part, created beforehand: upload the public part to Entra and enter both parts here. Accepted: .cer, .pem, .crt. PKCS#12 files (PFX, P12) combine both parts in one file and are not accepted; split them: ${pfxCommands[0]} and ${pfxCommands[1]} See ${certificateHelpLink}`,
          de: `Ein Zertifikat hat einen öffentlichen und einen privaten Teil, die vorab erstellt werden: Laden Sie den öffentlichen Teil in Entra hoch und tragen Sie hier beide ein. Erlaubt: .cer, .pem, .crt. PKCS#12-Dateien (PFX, P12) fassen beide Teile in einer Datei zusammen und werden nicht angenommen; zerlegen Sie sie: ${pfxCommands[0]} und ${pfxCommands[1]} Siehe ${certificateHelpLink}`,
        },
        order: 2,
        widget: 'file',
        accept: certificateEndings,
        showWhen: isCertificate,
      },
    }),
    certificateFileName: Type.Optional(
      Type.String({
        maxLength: 260,
        ui: {
          title: { en: 'File name of the certificate', de: 'Dateiname des Zertifikats' },
          order: 3,
          showWhen: isCertificate,
        },
      }),
    ),
    privateKey: secretField(
      {
        title: { en: 'Private key', de: 'Privater Schlüssel' },
        description: {
          en: 'The private part of the pair, RSA with at least 2048 bits, PKCS#1 or PKCS#8. Stored encrypted and never shown again.',
          de: 'Der private Teil des Paares, RSA mit mindestens 2048 Bit, PKCS#1 oder PKCS#8. Wird verschlüsselt gespeichert und nie wieder angezeigt.',
        },
        order: 4,
        widget: 'file',
        accept: ['.pem', '.key', '.der'],
        showWhen: isCertificate,
      },
      { maxLength: 128 * 1024 },
    ),
    passphrase: Type.Optional(
      secretField({
        title: { en: 'Passphrase of the private key', de: 'Passphrase des privaten Schlüssels' },
        description: { en: 'Only where the key is encrypted.', de: 'Nur, wenn der Schlüssel verschlüsselt ist.' },
        order: 5,
        showWhen: isCertificate,
      }),
    ),
  },
  { additionalProperties: false },
);

/** The window behind *Secret client key*: secret ID, value, validity period (AUTH-11). */
export const secretFields = Type.Object(
  {
    type: Type.Literal('secret', { ui: typeUi }),
    secretId: Type.Optional(
      Type.String({
        maxLength: 100,
        ui: {
          title: { en: 'Secret ID', de: 'Geheimnis-ID' },
          description: {
            en: 'Tells which secret in Entra this is; it does not sign anything in.',
            de: 'Sagt, um welches Geheimnis in Entra es sich handelt; angemeldet wird damit nichts.',
          },
          order: 2,
          showWhen: isSecret,
        },
      }),
    ),
    value: secretField(
      {
        title: { en: 'Value', de: 'Wert' },
        description: {
          en: 'Entra shows the value only once, when the secret is created: save it then, as it is needed here. Copy the value, not the secret ID.',
          de: 'Entra zeigt den Wert nur einmal, beim Erstellen des Geheimnisses: Bewahren Sie ihn dann auf, denn er wird hier benötigt. Kopieren Sie den Wert, nicht die Geheimnis-ID.',
        },
        order: 3,
        showWhen: isSecret,
      },
      { maxLength: 1000 },
    ),
    validUntil: Type.String({
      format: 'date',
      pattern: '^\\d{4}-\\d{2}-\\d{2}$',
      ui: {
        title: { en: 'Valid until', de: 'Gültig bis' },
        description: {
          en: 'The end of the validity period that was set when the secret was created. When it ends, create a new secret in Entra and store it here; you are reminded 60, 30, 14, 7 and 1 days before.',
          de: 'Das Ende der Gültigkeit, die beim Erstellen des Geheimnisses festgelegt wurde. Läuft sie ab, erstellen Sie in Entra ein neues Geheimnis und speichern Sie es hier; Sie werden 60, 30, 14, 7 und 1 Tage vorher erinnert.',
        },
        order: 4,
        widget: 'date',
        showWhen: isSecret,
      },
    }),
  },
  { additionalProperties: false },
);

/** Workload identity federation: a token of another issuer, read anew for each request. */
export const federatedFields = Type.Object(
  {
    type: Type.Literal('federated', { ui: typeUi }),
    source: Type.Union([Type.Literal('file'), Type.Literal('url')], {
      ui: {
        title: { en: 'Source of the assertion', de: 'Quelle der Assertion' },
        order: 2,
        widget: 'select',
        showWhen: isFederated,
        labels: {
          file: { en: 'File on this server', de: 'Datei auf diesem Server' },
          url: { en: 'HTTPS address', de: 'HTTPS-Adresse' },
        },
      },
    }),
    location: Type.String({
      minLength: 1,
      maxLength: 2000,
      ui: {
        title: { en: 'Path or address', de: 'Pfad oder Adresse' },
        description: {
          en: 'Holds one JSON Web Token whose issuer, subject and audience are entered in Entra as a federated credential.',
          de: 'Enthält genau ein JSON Web Token, dessen Aussteller, Antragsteller und Zielgruppe in Entra als Verbundanmeldeinformation eingetragen sind.',
        },
        order: 3,
        showWhen: isFederated,
      },
    }),
  },
  { additionalProperties: false },
);

/**
 * The credential of a portal: one of three, told by `type` (AUTH-01, AUTH-03). Storing another type replaces the former
 * fields (AUTH-14); the secret fields are `value`, `privateKey` and `passphrase`.
 */
export const credentialFields = Type.Union([certificateFields, secretFields, federatedFields], {
  ui: { title: { en: 'Credential', de: 'Anmeldeinformation' }, group: 'credential' },
});

export type CredentialSettings = Static<typeof credentialFields>;
