import { credentialFields, pfxFields } from '@itsm-m365/graph-auth';
import { type Static, Type } from 'typebox';

const noCredential = Type.Object(
  { type: Type.Literal('none', { ui: { title: { en: 'None (public client)', de: 'Keine (öffentlicher Client)' } } }) },
  { additionalProperties: false },
);

/** An application registered in Entra for mail. Several accounts may use one; its secret is then replaced in one place. */
export const applicationFields = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      ui: { title: { en: 'Name', de: 'Name' }, description: { en: 'Unique.', de: 'Eindeutig.' }, order: 1 },
    }),
    flow: Type.Union([Type.Literal('delegated'), Type.Literal('app-only')], {
      ui: {
        title: { en: 'Who signs in', de: 'Wer sich anmeldet' },
        description: {
          en: 'Decide this first: the two need opposite registrations in Entra. A person signs in once in the browser, with a second factor where one is asked for; or the application signs in by itself.',
          de: 'Entscheiden Sie das zuerst: Beide brauchen in Entra gegensätzliche Registrierungen. Eine Person meldet sich einmal im Browser an, mit zweitem Faktor, wo einer verlangt wird; oder die Anwendung meldet sich selbst an.',
        },
        order: 2,
        widget: 'select',
        labels: {
          delegated: {
            en: 'A person, once in the browser (delegated)',
            de: 'Eine Person, einmal im Browser (delegiert)',
          },
          'app-only': { en: 'The application itself (app-only)', de: 'Die Anwendung selbst (nur Anwendung)' },
        },
      },
    }),
    accountType: Type.Union([Type.Literal('directory'), Type.Literal('organizations')], {
      ui: {
        title: { en: 'Account type', de: 'Kontotyp' },
        description: {
          en: 'As the application is registered: for this directory only, or for organizations in general. Application sign-in needs the directory.',
          de: 'Wie die Anwendung registriert ist: nur für dieses Verzeichnis oder für Organisationen allgemein. Die Anwendungsanmeldung braucht das Verzeichnis.',
        },
        order: 3,
        widget: 'select',
        labels: {
          directory: { en: 'This directory only (recommended)', de: 'Nur dieses Verzeichnis (empfohlen)' },
          organizations: {
            en: 'Microsoft Entra ID (organizations only)',
            de: 'Microsoft Entra ID (nur Organisationen)',
          },
        },
      },
    }),
    tenantId: Type.String({
      maxLength: 100,
      ui: {
        title: { en: 'Directory (tenant) ID', de: 'Verzeichnis-ID (Mandant)' },
        description: { en: 'From the overview page of the application.', de: 'Von der Übersichtsseite der Anwendung.' },
        order: 4,
        showWhen: { field: 'accountType', is: ['directory'] },
      },
    }),
    clientId: Type.String({
      minLength: 1,
      maxLength: 100,
      ui: {
        title: { en: 'Application (client) ID', de: 'Anwendungs-ID (Client)' },
        description: {
          en: 'The only value of the registration that a public client needs.',
          de: 'Der einzige Wert der Registrierung, den ein öffentlicher Client braucht.',
        },
        order: 5,
      },
    }),
    enterpriseObjectId: Type.String({
      maxLength: 100,
      ui: {
        title: { en: 'Object ID of the enterprise application', de: 'Objekt-ID der Unternehmensanwendung' },
        description: {
          en: 'From Enterprise applications, not from App registrations: Exchange knows the application by this one.',
          de: 'Aus den Unternehmensanwendungen, nicht aus den App-Registrierungen: Exchange kennt die Anwendung unter dieser.',
        },
        order: 6,
        showWhen: { field: 'flow', is: ['app-only'] },
      },
    }),
    credential: Type.Union([noCredential, ...credentialFields.anyOf], {
      discriminator: { propertyName: 'type' },
      ui: {
        imports: [pfxFields],
        title: { en: 'Authentication', de: 'Authentifizierung' },
        description: {
          en: 'None for a public client ("Mobile and desktop applications"). Otherwise exactly one; Microsoft recommends the certificate.',
          de: 'Keine für einen öffentlichen Client („Mobilgerät- und Desktopanwendungen“). Sonst genau eine; Microsoft empfiehlt das Zertifikat.',
        },
        order: 7,
      },
    }),
    deviceCode: Type.Boolean({
      ui: {
        title: { en: 'Allow the sign-in with a device code', de: 'Anmeldung mit Gerätecode erlauben' },
        description: {
          en: 'Microsoft recommends blocking this flow, because codes are used for phishing. Leave it off unless no browser can reach this server and no address can be pasted.',
          de: 'Microsoft empfiehlt, dieses Verfahren zu sperren, weil Codes zum Phishing missbraucht werden. Lassen Sie es aus, solange ein Browser diesen Server erreicht oder eine Adresse eingefügt werden kann.',
        },
        order: 8,
        widget: 'checkbox',
        showWhen: { field: 'flow', is: ['delegated'] },
      },
    }),
  },
  { additionalProperties: false, ui: { title: { en: 'Mail application', de: 'Mail-Anwendung' } } },
);

export type ApplicationSettings = Static<typeof applicationFields>;

export const applicationDefaults = {
  flow: 'app-only',
  accountType: 'directory',
  tenantId: '',
  enterpriseObjectId: '',
  deviceCode: false,
} as const satisfies Partial<ApplicationSettings>;
