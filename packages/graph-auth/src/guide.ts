import type { Text } from '@itsm-m365/plugin-api';

export interface GraphPermission {
  /** Microsoft's exact name, with z. */
  readonly name: string;
  /** Never `Delegated`: the import runs without a signed-in user (M365-06). */
  readonly type: 'Application';
  readonly required: boolean;
  readonly unlocks: Text;
  /** Another permission that serves the same calls. */
  readonly instead?: string;
}

/** The permissions of the import: two needed, one optional. */
export const graphPermissions: readonly GraphPermission[] = [
  {
    name: 'User.Read.All',
    type: 'Application',
    required: true,
    unlocks: {
      en: 'Consumers: which persons hold which licences, directly or by a group.',
      de: 'Verbraucher: welche Personen welche Lizenzen innehaben, direkt oder über eine Gruppe.',
    },
  },
  {
    name: 'Organization.Read.All',
    type: 'Application',
    required: true,
    instead: 'LicenseAssignment.Read.All',
    unlocks: {
      en: 'Products and licence quantities, subscriptions with their end dates, the organisation’s name.',
      de: 'Produkte und Lizenzmengen, Abonnements mit ihren Enddaten, der Name der Organisation.',
    },
  },
  {
    name: 'GroupMember.Read.All',
    type: 'Application',
    required: false,
    unlocks: {
      en: 'Names of the groups that licences are assigned by; without it their GUIDs are shown.',
      de: 'Namen der Gruppen, über die Lizenzen zugewiesen sind; ohne sie werden deren GUIDs angezeigt.',
    },
  },
];

export interface GuideStep {
  readonly id: string;
  readonly title: Text;
  readonly text: Text;
  /** Where in Entra, or which value to copy. */
  readonly path?: Text;
  readonly warning?: Text;
  /** Only for this credential type. */
  readonly credential?: 'certificate' | 'secret' | 'federated';
}

/** The set-up help: what an administrator does in Entra before a portal can be created, in order. */
export const entraGuide: readonly GuideStep[] = [
  {
    id: 'register',
    title: { en: 'Register an application', de: 'Anwendung registrieren' },
    text: {
      en: 'Before a portal can be created, register an application in the Microsoft Entra admin centre and grant it the necessary permissions. Enter an application name and choose the supported account types: accounts in this directory only (single tenant).',
      de: 'Bevor ein Portal angelegt werden kann, registrieren Sie im Microsoft Entra Admin Center eine Anwendung und erteilen ihr die nötigen Berechtigungen. Geben Sie einen Anwendungsnamen ein und wählen Sie die unterstützten Kontotypen: nur Konten in diesem Verzeichnis (einzelner Mandant).',
    },
    path: {
      en: 'Entra ID > App registrations > New registration',
      de: 'Entra ID > App-Registrierungen > Neue Registrierung',
    },
  },
  {
    id: 'ids',
    title: { en: 'Copy the two IDs', de: 'Die beiden IDs kopieren' },
    text: {
      en: 'The application’s overview shows the two IDs that the portal needs: the application (client) ID and the directory (tenant) ID. No other ID is needed.',
      de: 'Die Übersicht der Anwendung zeigt die beiden IDs, die das Portal benötigt: die Anwendungs-ID (Client) und die Verzeichnis-ID (Mandant). Weitere IDs sind nicht nötig.',
    },
    path: { en: 'Overview', de: 'Übersicht' },
  },
  {
    id: 'permissions',
    title: { en: 'Add the permissions', de: 'Berechtigungen hinzufügen' },
    text: {
      en: 'Add User.Read.All (type: Application) and Organization.Read.All (type: Application), one at a time, and repeat until both are listed. Optional: GroupMember.Read.All (type: Application), which shows group names.',
      de: 'Fügen Sie User.Read.All (Typ: Anwendung) und Organization.Read.All (Typ: Anwendung) einzeln hinzu und wiederholen Sie dies, bis beide aufgeführt sind. Optional: GroupMember.Read.All (Typ: Anwendung), das die Gruppennamen anzeigt.',
    },
    path: {
      en: 'Security > Permissions > Add Permission > Microsoft Graph > Application permissions',
      de: 'Sicherheit > Berechtigungen > Berechtigung hinzufügen > Microsoft Graph > Anwendungsberechtigungen',
    },
    warning: {
      en: 'Assign the application permissions only, not the delegated ones: the import runs without a signed-in user, for whom alone delegated permissions count.',
      de: 'Weisen Sie nur die Anwendungsberechtigungen zu, nicht die delegierten: Der Import läuft ohne angemeldeten Benutzer, und nur für einen solchen gelten delegierte Berechtigungen.',
    },
  },
  {
    id: 'consent',
    title: { en: 'Grant consent', de: 'Zustimmung erteilen' },
    text: {
      en: 'The permissions are listed without consent at first. An administrator chooses "Grant admin consent for <company>"; the status of each entry changes to granted. Until then the connection test fails with this remedy.',
      de: 'Die Berechtigungen sind zunächst ohne Zustimmung aufgeführt. Ein Administrator wählt „Administratorzustimmung für <Firma> erteilen“; der Status jedes Eintrags wechselt auf gewährt. Bis dahin scheitert der Verbindungstest mit diesem Hinweis.',
    },
    path: { en: 'Security > Permissions', de: 'Sicherheit > Berechtigungen' },
  },
  {
    id: 'certificate',
    credential: 'certificate',
    title: { en: 'Upload a certificate (recommended)', de: 'Zertifikat hochladen (empfohlen)' },
    text: {
      en: 'Create a certificate pair beforehand. Upload its public part (.cer, .pem or .crt), enter an optional description and choose Add. Both parts are entered in the portal.',
      de: 'Erstellen Sie vorab ein Zertifikatspaar. Laden Sie dessen öffentlichen Teil (.cer, .pem oder .crt) hoch, geben Sie nach Wunsch eine Beschreibung ein und wählen Sie Hinzufügen. Beide Teile werden im Portal eingetragen.',
    },
    path: { en: 'Certificates & secrets > Certificates', de: 'Zertifikate & Geheimnisse > Zertifikate' },
  },
  {
    id: 'secret',
    credential: 'secret',
    title: { en: 'Create a secret client key', de: 'Geheimen Clientschlüssel erstellen' },
    text: {
      en: 'Choose a description and a validity period. Save the value at once: Entra shows it only now, and the portal needs it together with the secret ID and the validity period.',
      de: 'Wählen Sie eine Beschreibung und eine Gültigkeitsdauer. Bewahren Sie den Wert sofort auf: Entra zeigt ihn nur jetzt, und das Portal benötigt ihn zusammen mit der Geheimnis-ID und der Gültigkeitsdauer.',
    },
    path: { en: 'Certificates & secrets > Client secrets', de: 'Zertifikate & Geheimnisse > Geheime Clientschlüssel' },
  },
];
