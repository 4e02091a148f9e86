import { notArrived } from './causes-login.ts';
import { type FaultRow, only, text } from './row.ts';

const graph = ['graph'] as const;

/** Table 7d: Microsoft Graph, and what Exchange Web Services said to products that still call them. */
export const graphRows: readonly FaultRow[] = [
  {
    id: 'ews-impersonation',
    code: 'MAIL_EWS_RETIRED',
    when: [
      { words: ['ExchangeImpersonation SOAP header must be present for this type of OAuth token'] },
      { words: ['ExchangeImpersonation SOAP header must not be present for this type of OAuth token'] },
    ],
    causes: only(
      'operator',
      text(
        'An application token needs the impersonation header, a delegated one must not carry it.',
        'Ein Anwendungstoken braucht den Impersonation-Header, ein delegiertes darf ihn nicht tragen.',
      ),
      text(
        'Fetch and send by Microsoft Graph or IMAP; Microsoft ends Exchange Web Services on 2027-04-01.',
        'Holen und senden Sie über Microsoft Graph oder IMAP; Microsoft beendet die Exchange-Webdienste am 01.04.2027.',
      ),
    ),
  },
  {
    id: 'ews-blocked',
    code: 'MAIL_EWS_RETIRED',
    when: [
      { statuses: [403], words: ['EWS'] },
      { statuses: [403], words: ['Exchange Web Services'] },
      { words: ['EWSEnabled'] },
      { words: ['EwsAllowedAppIDs'] },
    ],
    causes: [
      {
        id: 'ended',
        acts: 'operator',
        cause: text(
          'Exchange Web Services are off by default since 2026-10-01.',
          'Die Exchange-Webdienste sind seit dem 01.10.2026 standardmäßig aus.',
        ),
        remedy: text(
          'Fetch and send by Microsoft Graph or IMAP.',
          'Holen und senden Sie über Microsoft Graph oder IMAP.',
        ),
      },
      {
        id: 'not-allowed',
        acts: 'exchange',
        cause: text(
          'EWSEnabled is false, the application is not among EwsAllowedAppIDs, or the mailbox has a Kiosk, F1 or F3 licence only.',
          'EWSEnabled ist falsch, die Anwendung fehlt in EwsAllowedAppIDs, oder das Postfach hat nur eine Kiosk-, F1- oder F3-Lizenz.',
        ),
        remedy: text(
          'Allow the application until 2027-04-01 by Set-OrganizationConfig; a change takes up to 24 hours.',
          'Lassen Sie die Anwendung bis zum 01.04.2027 mit Set-OrganizationConfig zu; eine Änderung braucht bis zu 24 Stunden.',
        ),
      },
      {
        id: 'impersonation',
        acts: 'exchange',
        cause: text(
          'The right to impersonate is missing; Microsoft has removed the role.',
          'Das Recht zum Identitätswechsel fehlt; Microsoft hat die Rolle entfernt.',
        ),
        remedy: text(
          'Use full_access_as_app or, better, Microsoft Graph.',
          'Verwenden Sie full_access_as_app oder besser Microsoft Graph.',
        ),
      },
    ],
  },
  {
    id: 'graph-permission',
    code: 'MAIL_GRAPH_PERMISSION',
    protocols: graph,
    when: [{ reasons: ['NoPermissionsInAccessToken'] }, { words: ['NoPermissionsInAccessToken'] }],
    causes: [
      {
        id: 'permission',
        acts: 'entra',
        cause: text('The application has no permission for mail.', 'Die Anwendung hat keine Berechtigung für Mail.'),
        remedy: text(
          'Assign the roles by RBAC for Applications in Exchange, or add Mail.ReadWrite and Mail.Send in Entra and grant admin consent.',
          'Weisen Sie die Rollen über RBAC für Anwendungen in Exchange zu, oder fügen Sie in Entra Mail.ReadWrite und Mail.Send hinzu und erteilen die Administratorzustimmung.',
        ),
      },
      notArrived,
    ],
  },
  {
    id: 'graph-token',
    code: 'MAIL_LOGIN_REFUSED',
    protocols: graph,
    when: [{ statuses: [401] }],
    causes: only(
      'operator',
      text(
        'The token is for another service, expired or revoked.',
        'Das Token gilt für einen anderen Dienst, ist abgelaufen oder widerrufen.',
      ),
      text(
        'Sign in again, or have a new token fetched.',
        'Melden Sie sich erneut an oder lassen Sie ein neues Token holen.',
      ),
    ),
  },
  {
    id: 'mailbox-not-enabled',
    code: 'MAIL_MAILBOX_UNKNOWN',
    protocols: graph,
    when: [{ reasons: ['MailboxNotEnabledForRESTAPI'] }, { reasons: ['MailboxNotSupportedForRESTAPI'] }],
    causes: only(
      'exchange',
      text(
        'The mailbox is on a server of your own, or has no licence.',
        'Das Postfach liegt auf einem eigenen Server oder hat keine Lizenz.',
      ),
      text(
        'Move the mailbox to Exchange Online or give it a licence; else use IMAP.',
        'Verschieben Sie das Postfach zu Exchange Online oder geben Sie ihm eine Lizenz; verwenden Sie sonst IMAP.',
      ),
    ),
  },
  {
    id: 'item-not-found',
    code: 'MAIL_MAILBOX_UNKNOWN',
    protocols: graph,
    when: [{ reasons: ['ErrorItemNotFound'] }],
    causes: only(
      'exchange',
      text(
        'The signed-in user has no access to this mailbox or folder.',
        'Der angemeldete Benutzer hat keinen Zugriff auf dieses Postfach oder diesen Ordner.',
      ),
      text(
        'Grant full access by Add-MailboxPermission, and check the folder of the account.',
        'Erteilen Sie Vollzugriff mit Add-MailboxPermission und prüfen Sie den Ordner des Kontos.',
      ),
    ),
  },
  {
    id: 'invalid-user',
    code: 'MAIL_MAILBOX_UNKNOWN',
    protocols: graph,
    when: [
      { reasons: ['ErrorInvalidUser'] },
      { reasons: ['Request_ResourceNotFound'] },
      { reasons: ['ResourceNotFound'] },
    ],
    causes: only(
      'operator',
      text('There is no mailbox with this address.', 'Es gibt kein Postfach mit dieser Adresse.'),
      text('Correct the mailbox in the account.', 'Korrigieren Sie das Postfach im Konto.'),
    ),
  },
  {
    id: 'graph-access-denied',
    code: 'MAIL_GRAPH_ACCESS_DENIED',
    protocols: graph,
    when: [{ reasons: ['ErrorAccessDenied'] }, { statuses: [403] }],
    causes: [
      {
        id: 'scope',
        acts: 'exchange',
        cause: text(
          'The scope of the role or an application access policy leaves this mailbox out.',
          'Der Geltungsbereich der Rolle oder eine Anwendungszugriffsrichtlinie schließt dieses Postfach aus.',
        ),
        remedy: text(
          'Run Test-ServicePrincipalAuthorization with -Resource for this mailbox; InScope has to be True.',
          'Führen Sie Test-ServicePrincipalAuthorization mit -Resource für dieses Postfach aus; InScope muss True sein.',
        ),
      },
      notArrived,
    ],
  },
  {
    id: 'graph-throttled',
    code: 'MAIL_THROTTLED',
    protocols: graph,
    when: [{ statuses: [429] }, { reasons: ['ApplicationThrottled'] }, { reasons: ['TooManyRequests'] }],
    causes: only(
      'nobody',
      text(
        'Microsoft Graph throttles: at most four requests at a time and 10,000 in ten minutes for one mailbox.',
        'Microsoft Graph drosselt: höchstens vier Anfragen gleichzeitig und 10.000 in zehn Minuten je Postfach.',
      ),
      text(
        'Nothing has to be changed; the next try waits as long as Microsoft asks.',
        'Es muss nichts geändert werden; der nächste Versuch wartet so lange, wie Microsoft verlangt.',
      ),
    ),
  },
  {
    id: 'graph-trouble',
    code: 'MAIL_TRY_LATER',
    protocols: graph,
    when: [{ statuses: [[500, 599]] }, { statuses: [408] }],
    causes: only(
      'nobody',
      text('Microsoft Graph is out of order for a while.', 'Microsoft Graph ist vorübergehend gestört.'),
      text(
        'Nothing has to be changed; it is tried again by itself.',
        'Es muss nichts geändert werden; es wird von selbst erneut versucht.',
      ),
    ),
  },
];
