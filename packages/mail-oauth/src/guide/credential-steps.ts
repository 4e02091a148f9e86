import type { ApplicationSettings } from '../application-fields.ts';
import type { SetupFlow } from './needs.ts';
import { type SetupStep, text, value } from './step.ts';

const secret: SetupStep = {
  id: 'secret',
  title: text('Create a client secret', 'Geheimen Clientschlüssel erstellen'),
  acts: 'entra',
  requirement: 'required',
  paths: [
    text(
      'Manage > Certificates & secrets > Client secrets > New client secret',
      'Verwalten > Zertifikate & Geheimnisse > Geheime Clientschlüssel > Neuer geheimer Clientschlüssel',
    ),
  ],
  text: text(
    'Enter a description and a validity period; Microsoft recommends 180 days, longer is allowed. Copy the column "Value", not the secret ID, and enter it here with its end. Before that day create a new secret and enter it here.',
    'Geben Sie eine Beschreibung und einen Gültigkeitszeitraum ein; Microsoft empfiehlt 180 Tage, länger ist erlaubt. Kopieren Sie die Spalte „Wert“, nicht die Geheimnis-ID, und tragen Sie ihn hier mit seinem Ende ein. Erstellen Sie vor diesem Tag ein neues Geheimnis und tragen Sie es hier ein.',
  ),
  values: [value('Recommended validity (days)', 'Empfohlene Gültigkeit (Tage)', '180')],
  warning: text(
    'Entra shows the value at its creation only; later nobody can read it.',
    'Entra zeigt den Wert nur bei der Erstellung; später kann ihn niemand mehr lesen.',
  ),
};

const certificate: SetupStep = {
  id: 'certificate',
  title: text('Upload a certificate', 'Zertifikat hochladen'),
  acts: 'entra',
  requirement: 'required',
  paths: [
    text(
      'Manage > Certificates & secrets > Certificates > Upload certificate',
      'Verwalten > Zertifikate & Geheimnisse > Zertifikate > Zertifikat hochladen',
    ),
  ],
  text: text(
    'Upload the public part (.cer, .pem or .crt) and enter certificate and private key here.',
    'Laden Sie den öffentlichen Teil (.cer, .pem oder .crt) hoch und tragen Sie Zertifikat und privaten Schlüssel hier ein.',
  ),
};

const federated: SetupStep = {
  id: 'federated',
  title: text('Add a federated credential', 'Verbundanmeldeinformation hinzufügen'),
  acts: 'entra',
  requirement: 'required',
  paths: [
    text(
      'Manage > Certificates & secrets > Federated credentials > Add credential',
      'Verwalten > Zertifikate & Geheimnisse > Verbundanmeldeinformationen > Anmeldeinformationen hinzufügen',
    ),
  ],
  text: text(
    'Enter issuer, subject and audience exactly as the assertion of this server holds them; upper and lower case count.',
    'Tragen Sie Aussteller, Antragsteller und Zielgruppe genau so ein, wie die Assertion dieses Servers sie enthält; Groß- und Kleinschreibung zählt.',
  ),
};

const publicClient: SetupStep = {
  id: 'public-client',
  title: text('Create no secret', 'Kein Geheimnis erstellen'),
  acts: 'entra',
  requirement: 'if-needed',
  paths: [text('Manage > Authentication > Settings', 'Verwalten > Authentifizierung > Einstellungen')],
  text: text(
    'A public client has no secret, and none may be entered here. Switch on "Allow public client flows" only where the sign-in with a device code is used.',
    'Ein öffentlicher Client hat kein Geheimnis, und hier darf keines eingetragen sein. Schalten Sie „Öffentliche Clientflows zulassen“ nur ein, wenn die Anmeldung mit Gerätecode verwendet wird.',
  ),
};

/** ADV-08 to ADV-11; MAIL-12. */
export const credentialStep = ({ credential }: ApplicationSettings): SetupStep => {
  switch (credential.type) {
    case 'secret':
      return secret;
    case 'certificate':
      return certificate;
    case 'federated':
      return federated;
    default:
      return publicClient;
  }
};

/** ADV-12; MAIL-12: a public client needs the client id alone. */
export const idsStep = (application: ApplicationSettings, flow: SetupFlow): SetupStep => {
  const client = value('Application (client) ID', 'Anwendungs-ID (Client)', application.clientId);
  const tenant =
    application.accountType === 'directory'
      ? [value('Directory (tenant) ID', 'Verzeichnis-ID (Mandant)', application.tenantId)]
      : [];
  const base = {
    id: 'ids',
    title: text('Copy the IDs', 'IDs kopieren'),
    acts: 'entra',
    requirement: 'required',
  } as const;
  if (flow !== 'app-only')
    return {
      ...base,
      paths: [
        text('App registrations > your application > Overview', 'App-Registrierungen > Ihre Anwendung > Übersicht'),
      ],
      text: text(
        'Copy the IDs from the overview and enter them here.',
        'Kopieren Sie die IDs aus der Übersicht und tragen Sie sie hier ein.',
      ),
      values: [client, ...tenant],
    };
  return {
    ...base,
    paths: [
      text(
        'Identity > Applications > Enterprise applications > your application',
        'Identität > Anwendungen > Unternehmensanwendungen > Ihre Anwendung',
      ),
    ],
    text: text(
      'Copy application ID and object ID, both from Enterprise applications. The object ID of the app registration is another one, and Exchange refuses every sign-in with it.',
      'Kopieren Sie Anwendungs-ID und Objekt-ID, beide aus den Unternehmensanwendungen. Die Objekt-ID der App-Registrierung ist eine andere, und Exchange lehnt damit jede Anmeldung ab.',
    ),
    values: [
      client,
      value('Object ID (enterprise application)', 'Objekt-ID (Unternehmensanwendung)', application.enterpriseObjectId),
      ...tenant,
    ],
  };
};
