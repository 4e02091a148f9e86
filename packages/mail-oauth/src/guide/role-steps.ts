import type { ApplicationSettings } from '../application-fields.ts';
import * as commands from './commands.ts';
import { adminConsentUrl } from './consent-url.ts';
import { addPermission, redirects } from './entra-steps.ts';
import { type MailboxNeed, receives, scopedRoles, sendingMailboxes, sends } from './needs.ts';
import { type SetupStep, text, value } from './step.ts';

/** Scopes are named within the whole directory; the application's id keeps two applications apart. */
const scopeOf = ({ clientId }: ApplicationSettings): string =>
  `Mail ${clientId.trim() || commands.unknownValue.clientId}`;

const scopedMailboxes = (needs: readonly MailboxNeed[]): readonly string[] => [
  ...new Set(scopedRoles(needs).flatMap(({ mailboxes }) => mailboxes)),
];

/** RBAC for Applications: the narrow way, first. */
export const scopedRolesStep = (
  application: ApplicationSettings,
  needs: readonly MailboxNeed[],
): SetupStep | undefined => {
  const roles = scopedRoles(needs);
  const mailboxes = scopedMailboxes(needs);
  if (mailboxes.length === 0) return undefined;
  const scope = scopeOf(application);
  const { enterpriseObjectId } = application;
  return {
    id: 'scoped-roles',
    title: text('Give the application its roles', 'Der Anwendung ihre Rollen geben'),
    acts: 'exchange',
    requirement: 'recommended',
    text: text(
      'RBAC for Applications: the roles hold for these mailboxes only, and Entra needs no permission for them. The last command shows InScope "True" once they work.',
      'RBAC für Anwendungen: Die Rollen gelten nur für diese Postfächer, und Entra braucht dafür keine Berechtigung. Der letzte Befehl zeigt InScope „True“, sobald sie wirken.',
    ),
    command: [
      commands.newManagementScope(scope, mailboxes),
      ...roles.map(({ role }) => commands.roleAssignment(role, enterpriseObjectId, scope)),
      ...mailboxes.map((mailbox) => commands.testAuthorization(enterpriseObjectId, mailbox)),
    ].join('\n'),
    warning: text(
      'Permissions add up: an application permission left in Entra (SMTP.SendAsApp, Mail.…) defeats the scope.',
      'Berechtigungen summieren sich: Eine in Entra verbliebene Anwendungsberechtigung (SMTP.SendAsApp, Mail.…) hebt den Geltungsbereich auf.',
    ),
  };
};

/** ADV-20 with roles: the scope of the first account is there when the next one comes. */
export const widerScopeStep = (
  application: ApplicationSettings,
  needs: readonly MailboxNeed[],
): SetupStep | undefined => {
  const mailboxes = scopedMailboxes(needs);
  if (mailboxes.length < 2) return undefined;
  return {
    id: 'wider-scope',
    title: text('Add a mailbox to the roles', 'Den Rollen ein Postfach hinzufügen'),
    acts: 'exchange',
    requirement: 'if-needed',
    text: text(
      'Only where an account of the application was set up before: New-ManagementScope then fails, because the scope is there. This command names all mailboxes in it.',
      'Nur wenn ein Konto der Anwendung schon früher eingerichtet wurde: New-ManagementScope schlägt dann fehl, weil es den Geltungsbereich schon gibt. Dieser Befehl nennt darin alle Postfächer.',
    ),
    command: [
      commands.setManagementScope(scopeOf(application), mailboxes),
      ...mailboxes.map((mailbox) => commands.testAuthorization(application.enterpriseObjectId, mailbox)),
    ].join('\n'),
  };
};

/** The wider way's part in Exchange, for SMTP. */
export const wideSendingStep = (needs: readonly MailboxNeed[]): SetupStep | undefined => {
  if (!sends(needs, 'smtp')) return undefined;
  const addresses = sendingMailboxes(needs);
  return {
    id: 'wide-sending',
    title: text('Instead: Send As for the application', 'Stattdessen: „Senden als“ für die Anwendung'),
    acts: 'exchange',
    requirement: 'alternative',
    text: text(
      'Belongs to SMTP.SendAsApp in Entra; not needed with the roles.',
      'Gehört zu SMTP.SendAsApp in Entra; mit den Rollen nicht nötig.',
    ),
    command: addresses
      .flatMap((address) => [
        commands.mailboxPermission(address, 'principal'),
        commands.recipientPermission(address, 'principal'),
      ])
      .join('\n'),
  };
};

/** One address for each resource, since a request may name one only. */
const wideConsent = ({ tenantId, clientId }: ApplicationSettings, needs: readonly MailboxNeed[]): readonly string[] => {
  const [redirectUri = ''] = redirects('app-only', []);
  if (tenantId.trim() === '' || clientId.trim() === '') return [];
  const resources = [
    ...(sends(needs, 'smtp') ? ['https://outlook.office365.com/.default'] : []),
    ...(receives(needs, 'graph') || sends(needs, 'graph') ? ['https://graph.microsoft.com/.default'] : []),
  ];
  return resources.map((scope) => adminConsentUrl({ tenantId, clientId, redirectUri, scopes: [scope] }));
};

/** The wider way: permissions of the whole directory instead of roles for chosen mailboxes. */
export const widePermissionsStep = (
  application: ApplicationSettings,
  needs: readonly MailboxNeed[],
): SetupStep | undefined => {
  const roles = scopedRoles(needs);
  if (roles.length === 0) return undefined;
  return {
    id: 'wide-permissions',
    title: text('Instead: permissions in Entra', 'Stattdessen: Berechtigungen in Entra'),
    acts: 'entra',
    requirement: 'alternative',
    paths: [
      text(
        `${addPermission.en} > APIs my organization uses > Office 365 Exchange Online (Mail.…: Microsoft Graph) > Application permissions`,
        `${addPermission.de} > Von meiner Organisation verwendete APIs > Office 365 Exchange Online (Mail.…: Microsoft Graph) > Anwendungsberechtigungen`,
      ),
    ],
    text: text(
      'Where the roles cannot be used, add the permissions below (filter "asApp") and grant admin consent. Do either this or the roles, never both: permissions add up.',
      'Wo die Rollen nicht verwendet werden können, fügen Sie die Berechtigungen unten hinzu (Filter „asApp“) und erteilen die Administratorzustimmung. Tun Sie entweder dies oder die Rollen, nie beides: Berechtigungen summieren sich.',
    ),
    links: wideConsent(application, needs),
    values: roles.map(({ wide }) => value('Permission', 'Berechtigung', wide)),
    ...(roles.some(({ wide }) => wide.startsWith('Mail.'))
      ? {
          warning: text(
            'Mail.ReadWrite and Mail.Send then hold for every mailbox of the directory.',
            'Mail.ReadWrite und Mail.Send gelten dann für jedes Postfach des Verzeichnisses.',
          ),
        }
      : {}),
  };
};
