import type { ApplicationSettings } from '../application-fields.ts';
import * as commands from './commands.ts';
import { fetchedMailboxes, type MailboxNeed, switchesOf } from './needs.ts';
import { type SetupStep, text, value } from './step.ts';

/** Exchange PowerShell as an administrator: ADV-13 to ADV-16, ADV-21. */
export const connectSteps = ({ accountType, tenantId }: ApplicationSettings): readonly SetupStep[] => [
  {
    id: 'powershell',
    title: text('Open PowerShell', 'PowerShell öffnen'),
    acts: 'exchange',
    requirement: 'required',
    text: text(
      'Open Windows PowerShell as administrator and run the following commands in it.',
      'Öffnen Sie Windows PowerShell als Administrator und führen Sie darin die folgenden Befehle aus.',
    ),
  },
  {
    id: 'install-module',
    title: text('Install the module', 'Modul installieren'),
    acts: 'exchange',
    requirement: 'if-needed',
    text: text(
      'Install the Exchange module; leave this out where it is there already.',
      'Installieren Sie das Exchange-Modul; lassen Sie das weg, wenn es schon vorhanden ist.',
    ),
    command: commands.installModule,
  },
  {
    id: 'allow-scripts',
    title: text('Allow scripts for the time being', 'Skripte vorübergehend erlauben'),
    acts: 'exchange',
    requirement: 'if-needed',
    text: text(
      'Only where Import-Module says that scripts cannot run: allow them, do the steps, and go back at the end.',
      'Nur wenn Import-Module meldet, dass keine Skripte ausgeführt werden können: Erlauben Sie sie, führen Sie die Schritte aus und stellen Sie am Ende zurück.',
    ),
    command: commands.allowScripts,
  },
  {
    id: 'import-module',
    title: text('Load the module', 'Modul laden'),
    acts: 'exchange',
    requirement: 'required',
    text: text('Load the commands of Exchange.', 'Laden Sie die Befehle von Exchange.'),
    command: commands.importModule,
  },
  {
    id: 'connect',
    title: text('Connect to Exchange Online', 'Mit Exchange Online verbinden'),
    acts: 'exchange',
    requirement: 'required',
    paths: [text('Identity > Overview', 'Identität > Übersicht')],
    text: text(
      'Sign in as an Exchange administrator of the directory; its ID stands in the overview.',
      'Melden Sie sich als Exchange-Administrator des Verzeichnisses an; dessen ID steht in der Übersicht.',
    ),
    command: commands.connect(accountType === 'directory' ? tenantId : ''),
  },
];

export const scriptsBackStep: SetupStep = {
  id: 'scripts-back',
  title: text('Set scripts back', 'Skripte zurückstellen'),
  acts: 'exchange',
  requirement: 'if-needed',
  text: text(
    'Only where scripts were allowed above: set the default back.',
    'Nur wenn oben Skripte erlaubt wurden: Stellen Sie den Standard wieder her.',
  ),
  command: commands.allowScriptsBack,
};

/** ADV-17, ADV-18. */
export const principalSteps = ({ clientId, enterpriseObjectId }: ApplicationSettings): readonly SetupStep[] => [
  {
    id: 'service-principal',
    title: text('Make the application known to Exchange', 'Anwendung in Exchange bekannt machen'),
    acts: 'exchange',
    requirement: 'required',
    text: text(
      'Register the service principal with the application ID and the object ID of the enterprise application.',
      'Registrieren Sie den Dienstprinzipal mit der Anwendungs-ID und der Objekt-ID der Unternehmensanwendung.',
    ),
    command: commands.newServicePrincipal(clientId, enterpriseObjectId),
  },
  {
    id: 'service-principal-id',
    title: text('Find its ID', 'Seine ID ermitteln'),
    acts: 'exchange',
    requirement: 'required',
    text: text(
      'Line "Id" is what permissions are given to; the second command keeps it for the following ones.',
      'Die Zeile „Id“ nennt, wem Rechte gegeben werden; der zweite Befehl merkt sie für die folgenden.',
    ),
    command: [commands.showServicePrincipal(clientId), commands.takeServicePrincipal(clientId)].join('\n'),
  },
];

/** ADV-19, ADV-20: one line for every mailbox of every account of the application. */
export const mailboxAccessStep = (needs: readonly MailboxNeed[]): SetupStep | undefined => {
  const mailboxes = fetchedMailboxes(needs);
  if (mailboxes.length === 0) return undefined;
  return {
    id: 'mailbox-permission',
    title: text('Open the mailboxes', 'Postfächer öffnen'),
    acts: 'exchange',
    requirement: 'required',
    text: text(
      'Give the application full access, one line for each mailbox. Every new account needs its line.',
      'Geben Sie der Anwendung Vollzugriff, eine Zeile je Postfach. Jedes neue Konto braucht seine Zeile.',
    ),
    command: mailboxes.map((mailbox) => commands.mailboxPermission(mailbox, 'principal')).join('\n'),
  };
};

/** Delegated, shared mailbox: the person who signs in gets the rights. No licence and no password for the mailbox. */
export const delegateRightsStep = (needs: readonly MailboxNeed[]): SetupStep | undefined => {
  const lines = needs.flatMap(({ identity: { tokenUser, mailbox, from, smtpLogin }, receives, sends: by }) => [
    ...(receives !== 'none' && tokenUser !== mailbox
      ? [commands.mailboxPermission(mailbox, { person: tokenUser })]
      : []),
    ...(by === 'smtp' && smtpLogin !== from ? [commands.recipientPermission(from, { person: smtpLogin })] : []),
    ...(by === 'graph' && tokenUser !== from ? [commands.recipientPermission(from, { person: tokenUser })] : []),
  ]);
  if (lines.length === 0) return undefined;
  return {
    id: 'delegate-rights',
    title: text('Open the shared mailboxes', 'Freigegebene Postfächer öffnen'),
    acts: 'exchange',
    requirement: 'required',
    paths: [
      text(
        'Microsoft 365 admin center: Teams & groups > Shared mailboxes > mailbox > Delegation',
        'Microsoft 365 Admin Center: Teams und Gruppen > Freigegebene Postfächer > Postfach > Delegierung',
      ),
    ],
    text: text(
      'Give the person who signs in full access and Send As. The shared mailbox needs neither licence nor password.',
      'Geben Sie der Person, die sich anmeldet, Vollzugriff und „Senden als“. Das freigegebene Postfach braucht weder Lizenz noch Kennwort.',
    ),
    command: [...new Set(lines)].join('\n'),
  };
};

/** MAIL-13, MAIL-14, ADV-33. */
export const emailAppsStep = (needs: readonly MailboxNeed[]): SetupStep | undefined => {
  const switches = [...switchesOf(needs)];
  if (switches.length === 0) return undefined;
  return {
    id: 'email-apps',
    title: text('Switch the protocols on', 'Protokolle einschalten'),
    acts: 'exchange',
    requirement: 'required',
    paths: [
      text(
        'Users > Active users > user > Mail > Email apps > Manage email apps',
        'Benutzer > Aktive Benutzer > Benutzer > E-Mail > E-Mail-Apps > E-Mail-Apps verwalten',
      ),
    ],
    links: ['https://admin.microsoft.com/Adminportal/Home'],
    text: text(
      'Mark all checkboxes for each mailbox, at least IMAP (or POP) and "Authenticated SMTP", or run the commands. OAuth2 needs them too.',
      'Markieren Sie für jedes Postfach alle Kästchen, mindestens IMAP (oder POP) und „Authentifiziertes SMTP“, oder führen Sie die Befehle aus. Auch OAuth2 braucht sie.',
    ),
    values: switches.map(([mailbox]) => value('Mailbox', 'Postfach', mailbox)),
    command: switches.map(([mailbox, protocols]) => commands.switchOn(mailbox, protocols)).join('\n'),
    warning: text(
      '"Authenticated SMTP" is not always on by default.',
      '„Authentifiziertes SMTP“ ist nicht immer von vornherein eingeschaltet.',
    ),
  };
};
