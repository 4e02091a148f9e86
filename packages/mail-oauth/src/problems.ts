import type { Problem, Text } from '@itsm-m365/plugin-api';

const problem = (path: string, code: string, en: string, de: string): Problem => ({
  path,
  code,
  message: { en, de } satisfies Text,
});

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isGuid = (value: string): boolean => guid.test(value.trim());

/** RFC 5321, 4.1.2, as far as Exchange goes: one @, no blanks, no control characters, a domain with a dot. */
export const isAddress = (value: string): boolean => {
  const address = value.trim();
  return address.length <= 320 && /^[^\s@"<>(),:;\\[\]\p{Cc}]{1,64}@[a-z0-9.-]{1,255}\.[a-z]{2,63}$/iu.test(address);
};

/** Names and literals that a mail server can have; everything else never reaches the network. */
export const isHost = (value: string): boolean =>
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?$|^\[?[0-9a-f:.]{2,45}\]?$/i.test(
    value.trim(),
  );

export const problems = {
  nameTaken: (name: string) =>
    problem(
      '/name',
      'MAIL_NAME_TAKEN',
      `There is one with the name "${name}" already.`,
      `Den Namen „${name}“ gibt es bereits.`,
    ),
  nameMissing: problem('/name', 'MAIL_NAME_MISSING', 'Enter a name.', 'Geben Sie einen Namen ein.'),
  address: (path: string) =>
    problem(
      path,
      'MAIL_ADDRESS_INVALID',
      'Enter a mail address such as helpdesk@example.com.',
      'Geben Sie eine Mailadresse ein, etwa helpdesk@example.com.',
    ),
  host: (path: string) =>
    problem(
      path,
      'MAIL_HOST_INVALID',
      'Enter the name of a server, without https:// and without a path.',
      'Geben Sie den Namen eines Servers ein, ohne https:// und ohne Pfad.',
    ),
  client: problem(
    '/clientId',
    'MAIL_CLIENT_INVALID',
    'The application (client) ID must be a GUID. Copy it from the overview page of the application; its name is not enough.',
    'Die Anwendungs-ID (Client) muss eine GUID sein. Kopieren Sie sie von der Übersichtsseite der Anwendung; der Name genügt nicht.',
  ),
  tenant: problem(
    '/tenantId',
    'MAIL_TENANT_INVALID',
    'The directory (tenant) ID must be a GUID. Copy it from the overview page of the application.',
    'Die Verzeichnis-ID (Mandant) muss eine GUID sein. Kopieren Sie sie von der Übersichtsseite der Anwendung.',
  ),
  objectId: problem(
    '/enterpriseObjectId',
    'MAIL_OBJECT_INVALID',
    'The object ID must be a GUID. Copy it from Enterprise applications, not from App registrations.',
    'Die Objekt-ID muss eine GUID sein. Kopieren Sie sie aus den Unternehmensanwendungen, nicht aus den App-Registrierungen.',
  ),
  directoryNeeded: problem(
    '/accountType',
    'MAIL_DIRECTORY_NEEDED',
    'An application can sign in by itself in one directory only: choose "This directory only".',
    'Eine Anwendung kann sich nur in einem Verzeichnis selbst anmelden: Wählen Sie „Nur dieses Verzeichnis“.',
  ),
  credentialNeeded: problem(
    '/credential',
    'MAIL_CREDENTIAL_NEEDED',
    'An application that signs in by itself needs a certificate, a secret or a federated credential.',
    'Eine Anwendung, die sich selbst anmeldet, braucht ein Zertifikat, ein Geheimnis oder eine Verbundanmeldeinformation.',
  ),
  applicationUnknown: problem(
    '/application',
    'MAIL_APPLICATION_NEEDED',
    'Choose an application: without a registered application no mail goes in or out.',
    'Wählen Sie eine Anwendung: Ohne registrierte Anwendung wird keine Mail abgeholt oder gesendet.',
  ),
  passwordNeeded: problem('/password', 'MAIL_PASSWORD_NEEDED', 'Enter the password.', 'Geben Sie das Kennwort ein.'),
  graphNeedsOauth: (path: string) =>
    problem(
      path,
      'MAIL_GRAPH_NEEDS_OAUTH',
      'Microsoft Graph works with OAuth2 only.',
      'Microsoft Graph funktioniert nur mit OAuth2.',
    ),
  moveNeedsFolder: problem(
    '/receiving/moveTo',
    'MAIL_FOLDER_NEEDED',
    'Enter the folder that messages are moved to.',
    'Geben Sie den Ordner an, in den verschoben wird.',
  ),
  popCannotMove: problem(
    '/receiving/after',
    'MAIL_POP_CANNOT_MOVE',
    'POP3 cannot move messages: mark or delete them, or fetch by IMAP.',
    'POP3 kann nicht verschieben: Markieren oder löschen Sie, oder holen Sie über IMAP ab.',
  ),
  authority: (path: string) =>
    problem(
      path,
      'MAIL_AUTHORITY_INVALID',
      'This is no certificate in PEM form.',
      'Das ist kein Zertifikat in PEM-Form.',
    ),
} as const;
