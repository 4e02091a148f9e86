import type { ApplicationSettings } from '../application-fields.ts';
import { adminConsentUrl } from './consent-url.ts';
import {
  applicationPermissions,
  delegatedPermissions,
  type MailboxNeed,
  receives,
  type SetupFlow,
  sends,
} from './needs.ts';
import { notArrivedYet, type SetupStep, text, value } from './step.ts';

/** MAIL-09: the address of Microsoft's that a public client may always use; a person pastes it here. */
export const nativeClient = 'https://login.microsoftonline.com/common/oauth2/nativeclient';

const registrations = [
  text(
    'Identity > Applications > App registrations > New registration',
    'Identität > Anwendungen > App-Registrierungen > Neue Registrierung',
  ),
  text('Entra ID > App registrations > New registration', 'Entra ID > App-Registrierungen > Neue Registrierung'),
  text(
    'Azure portal: Microsoft Entra ID > Manage > App registrations > New registration',
    'Azure-Portal: Microsoft Entra ID > Verwalten > App-Registrierungen > Neue Registrierung',
  ),
];

const platforms = {
  'delegated-public': text('Public client/native (mobile & desktop)', 'Öffentlicher Client/nativ (mobil und Desktop)'),
  'delegated-confidential': text('Web', 'Web'),
  'app-only': text('Web', 'Web'),
};

export const redirects = (flow: SetupFlow, own: readonly string[]): readonly string[] => {
  if (flow === 'app-only') return ['http://localhost'];
  return [...new Set(flow === 'delegated-public' ? [nativeClient, 'http://localhost', ...own] : own)];
};

/** ADV-01 to ADV-04; MAIL-08 to MAIL-11. */
export const registerStep = (
  application: ApplicationSettings,
  flow: SetupFlow,
  redirectUris: readonly string[],
): SetupStep => ({
  id: 'register',
  title: text('Register an application', 'Anwendung registrieren'),
  acts: 'entra',
  requirement: 'required',
  paths: registrations,
  links: ['https://entra.microsoft.com/'],
  text:
    application.accountType === 'directory'
      ? text(
          'Choose New registration, enter a unique name and choose "Accounts in this organizational directory only". Choose the platform and enter the redirect address below, then choose Register. Register one application for each purpose: what it may do adds up.',
          'Wählen Sie Neue Registrierung, geben Sie einen eindeutigen Namen ein und wählen Sie „Nur Konten in diesem Organisationsverzeichnis“. Wählen Sie die Plattform, tragen Sie die Umleitungsadresse unten ein und wählen Sie Registrieren. Registrieren Sie je Zweck eine Anwendung: Was sie darf, summiert sich.',
        )
      : text(
          'Choose New registration, enter a unique name and choose "Accounts in any organizational directory". Choose the platform and enter the redirect address below, then choose Register. Register one application for each purpose: what it may do adds up.',
          'Wählen Sie Neue Registrierung, geben Sie einen eindeutigen Namen ein und wählen Sie „Konten in einem beliebigen Organisationsverzeichnis“. Wählen Sie die Plattform, tragen Sie die Umleitungsadresse unten ein und wählen Sie Registrieren. Registrieren Sie je Zweck eine Anwendung: Was sie darf, summiert sich.',
        ),
  values: [
    value('Name', 'Name', application.name),
    { label: text('Platform (English menu)', 'Plattform (englisches Menü)'), value: platforms[flow].en },
    { label: text('Platform (German menu)', 'Plattform (deutsches Menü)'), value: platforms[flow].de },
    ...redirects(flow, redirectUris).map((uri) => value('Redirect URI', 'Umleitungs-URI', uri)),
  ],
  warning: notArrivedYet,
});

export const addPermission = text(
  'Manage > API permissions > Add a permission',
  'Verwalten > API-Berechtigungen > Berechtigung hinzufügen',
);

/** MAIL-07: listed under Microsoft Graph for the consent; the token is asked for Exchange all the same. */
export const delegatedPermissionsStep = (needs: readonly MailboxNeed[]): SetupStep => ({
  id: 'permissions',
  title: text('Add the delegated permissions', 'Delegierte Berechtigungen hinzufügen'),
  acts: 'entra',
  requirement: 'required',
  paths: [
    text(
      `${addPermission.en} > Microsoft Graph > Delegated permissions`,
      `${addPermission.de} > Microsoft Graph > Delegierte Berechtigungen`,
    ),
  ],
  text: text(
    'Mark the permissions below and choose Add permissions.',
    'Markieren Sie die Berechtigungen unten und wählen Sie Berechtigungen hinzufügen.',
  ),
  values: delegatedPermissions(needs).map((name) => value('Permission', 'Berechtigung', name)),
});

/** ADV-05, ADV-06. Undefined where RBAC for Applications gives all that is needed. */
export const applicationPermissionsStep = (needs: readonly MailboxNeed[]): SetupStep | undefined => {
  const names = applicationPermissions(needs);
  if (names.length === 0) return undefined;
  return {
    id: 'permissions',
    title: text('Add the application permissions', 'Anwendungsberechtigungen hinzufügen'),
    acts: 'entra',
    requirement: 'required',
    paths: [
      text(
        `${addPermission.en} > APIs my organization uses > Office 365 Exchange Online > Application permissions`,
        `${addPermission.de} > Von meiner Organisation verwendete APIs > Office 365 Exchange Online > Anwendungsberechtigungen`,
      ),
    ],
    text: text(
      'Filter by "asApp" and mark the permissions below. They are under Office 365 Exchange Online, not under Microsoft Graph, and open only mailboxes that Exchange gives to the application.',
      'Filtern Sie nach „asApp“ und markieren Sie die Berechtigungen unten. Sie stehen unter Office 365 Exchange Online, nicht unter Microsoft Graph, und öffnen nur Postfächer, die Exchange der Anwendung gibt.',
    ),
    values: names.map((name) => value('Permission', 'Berechtigung', name)),
    ...(sends(needs, 'smtp')
      ? {
          warning: text(
            'Do not add SMTP.SendAsApp here: with the role of a later step it would only make Exchange check more.',
            'Fügen Sie SMTP.SendAsApp hier nicht hinzu: Mit der Rolle aus einem späteren Schritt ließe es Exchange nur mehr prüfen.',
          ),
        }
      : {}),
  };
};

/** Consent addresses: one for each resource, since a request may name one only. */
const consentLinks = (
  application: ApplicationSettings,
  flow: SetupFlow,
  needs: readonly MailboxNeed[],
  redirectUris: readonly string[],
): readonly string[] => {
  const [redirectUri = ''] = redirects(flow, redirectUris);
  const tenantId = application.accountType === 'directory' ? application.tenantId : 'organizations';
  if (application.clientId.trim() === '' || tenantId.trim() === '' || redirectUri === '') return [];
  const appScopes = [
    ...(receives(needs, 'imap') || receives(needs, 'pop') ? [['https://ps.outlook.com/.default']] : []),
  ];
  const outlook = (name: string): string =>
    name.startsWith('Mail.') ? `https://graph.microsoft.com/${name}` : `https://outlook.office.com/${name}`;
  const names = delegatedPermissions(needs).filter((name) => name !== 'offline_access');
  const delegated = [
    names.filter((name) => !name.startsWith('Mail.')).map(outlook),
    names.filter((name) => name.startsWith('Mail.')).map(outlook),
  ].filter((scopes) => scopes.length > 0);
  return (flow === 'app-only' ? appScopes : delegated).map((scopes) =>
    adminConsentUrl({ tenantId, clientId: application.clientId, redirectUri, scopes }),
  );
};

/** ADV-07, ADV-32. */
export const consentStep = (
  application: ApplicationSettings,
  flow: SetupFlow,
  needs: readonly MailboxNeed[],
  redirectUris: readonly string[],
): SetupStep => ({
  id: 'consent',
  title: text('Grant admin consent', 'Administratorzustimmung erteilen'),
  acts: 'entra',
  requirement: flow === 'app-only' ? 'required' : 'recommended',
  paths: [
    text(
      'Identity > Applications > App registrations > your application > API permissions > Grant admin consent for …',
      'Identität > Anwendungen > App-Registrierungen > Ihre Anwendung > API-Berechtigungen > Administratorzustimmung für … erteilen',
    ),
  ],
  links: consentLinks(application, flow, needs, redirectUris),
  text: text(
    'Choose "Grant admin consent for …", or open an address below as an administrator. A warning icon beside a permission means that consent is missing.',
    'Wählen Sie „Administratorzustimmung für … erteilen“, oder öffnen Sie als Administrator eine Adresse unten. Ein Warnsymbol neben einer Berechtigung bedeutet, dass die Zustimmung fehlt.',
  ),
});
