import * as causes from './causes-login.ts';
import { type FaultRow, only, text } from './row.ts';

const receives = ['imap', 'pop'] as const;

/** Table 7b: IMAP and POP, the token being there. ADV-31 to ADV-33, MAIL-04, MAIL-24. */
export const receivingRows: readonly FaultRow[] = [
  {
    id: 'not-connected',
    code: 'MAIL_NOT_CONNECTED',
    protocols: receives,
    when: [{ words: ['User is authenticated but not connected'] }],
    causes: [
      {
        id: 'mailbox-right',
        acts: 'exchange',
        cause: text(
          'The signed-in user or application has no full access to this mailbox.',
          'Der angemeldete Benutzer oder die Anwendung hat keinen Vollzugriff auf dieses Postfach.',
        ),
        remedy: text(
          'Grant full access by Add-MailboxPermission with -AccessRights FullAccess.',
          'Erteilen Sie Vollzugriff mit Add-MailboxPermission und -AccessRights FullAccess.',
        ),
      },
      {
        id: 'other-account',
        acts: 'user',
        cause: text('Another account was picked at the sign-in.', 'Bei der Anmeldung wurde ein anderes Konto gewählt.'),
        remedy: text(
          'Sign in again and pick the right account.',
          'Melden Sie sich erneut an und wählen Sie das richtige Konto.',
        ),
      },
      causes.noConsent,
      {
        id: 'passing',
        acts: 'nobody',
        cause: text('Exchange is in trouble for a moment.', 'Exchange ist für einen Moment gestört.'),
        remedy: text(
          'Nothing has to be changed; it is tried again by itself.',
          'Es muss nichts geändert werden; es wird von selbst erneut versucht.',
        ),
      },
    ],
  },
  {
    id: 'throttled',
    code: 'MAIL_THROTTLED',
    when: [
      { codes: ['ETHROTTLE', 'THROTTLED'] },
      { words: ['Request is throttled'] },
      { words: ['Suggested Backoff Time'] },
      { words: ['Too many concurrent connections'] },
      { reasons: ['LIMIT'] },
      { words: ['4.3.2'] },
      { words: ['4.7.500'] },
    ],
    causes: only(
      'nobody',
      text(
        'Exchange throttles: too many requests or connections in a short time.',
        'Exchange drosselt: zu viele Anfragen oder Verbindungen in kurzer Zeit.',
      ),
      text(
        'Nothing has to be changed; the next try waits as long as the server asks. Have other programs use the mailbox less.',
        'Es muss nichts geändert werden; der nächste Versuch wartet so lange, wie der Server verlangt. Lassen Sie andere Programme das Postfach seltener abfragen.',
      ),
    ),
  },
  {
    id: 'dynamic-delivery',
    code: 'MAIL_MESSAGE_UNAVAILABLE',
    protocols: receives,
    when: [{ words: ['Retrieval using the IMAP4 protocol failed for the following message'] }],
    causes: only(
      'exchange',
      text(
        'Defender checks the attachments of the message (Safe Attachments, "Dynamic Delivery").',
        'Defender prüft die Anhänge der Nachricht (Sichere Anlagen, „Dynamische Zustellung“).',
      ),
      text(
        'Choose another action than "Dynamic Delivery" in the Safe Attachments policy; the message is skipped and read later.',
        'Wählen Sie in der Richtlinie für sichere Anlagen eine andere Aktion als „Dynamische Zustellung“; die Nachricht wird übersprungen und später gelesen.',
      ),
    ),
  },
  {
    id: 'message-gone',
    code: 'MAIL_MESSAGE_VANISHED',
    when: [{ codes: ['MESSAGE_GONE'] }],
    causes: only(
      'nobody',
      text(
        'Another program moved or deleted it meanwhile.',
        'Ein anderes Programm hat sie inzwischen verschoben oder gelöscht.',
      ),
      text(
        'Nothing has to be changed; the message is left out.',
        'Es muss nichts geändert werden; die Nachricht wird ausgelassen.',
      ),
    ),
  },
  {
    id: 'mailbox-moved',
    code: 'MAIL_POSITION_LOST',
    when: [
      { codes: ['UIDVALIDITY_CHANGED'] },
      { codes: ['UIDNEXT_BACK'] },
      { reasons: ['SyncStateNotFound'] },
      { reasons: ['ResyncRequired'] },
    ],
    causes: only(
      'operator',
      text(
        'The mailbox was moved or restored; the stored position means nothing in it, and no new mail would be fetched.',
        'Das Postfach wurde verschoben oder wiederhergestellt; die gespeicherte Position bedeutet darin nichts, und neue Mail würde nicht abgeholt.',
      ),
      text(
        'Choose in the account whether to go on from now or to fetch everything.',
        'Wählen Sie im Konto, ob ab jetzt weitergelesen oder alles abgeholt wird.',
      ),
    ),
  },
  {
    id: 'folder-missing',
    code: 'MAIL_FOLDER_MISSING',
    stages: ['folder', 'acknowledge'],
    when: [
      { reasons: ['NONEXISTENT'] },
      { reasons: ['TRYCREATE'] },
      { reasons: ['ErrorFolderNotFound'] },
      { words: ["doesn't exist"] },
      { words: ['does not exist'] },
      { codes: ['FOLDER_MISSING'] },
    ],
    causes: only(
      'operator',
      text('The folder of the account is not in the mailbox.', 'Der Ordner des Kontos ist nicht im Postfach.'),
      text(
        'Create the folder in the mailbox, or correct its name in the account; empty means the inbox.',
        'Legen Sie den Ordner im Postfach an oder korrigieren Sie seinen Namen im Konto; leer bedeutet den Posteingang.',
      ),
    ),
  },
  {
    id: 'receiving-trouble',
    code: 'MAIL_TRY_LATER',
    protocols: receives,
    when: [
      { reasons: ['UNAVAILABLE'] },
      { reasons: ['SERVERBUG'] },
      { reasons: ['INUSE'] },
      { reasons: ['IN-USE'] },
      { reasons: ['SYS/TEMP'] },
      { words: ['Server Unavailable'] },
      { words: ['Server busy'] },
    ],
    causes: only(
      'nobody',
      text('The server is busy or out of order for a while.', 'Der Server ist überlastet oder vorübergehend gestört.'),
      text(
        'Nothing has to be changed; it is tried again by itself.',
        'Es muss nichts geändert werden; es wird von selbst erneut versucht.',
      ),
    ),
  },
  {
    id: 'login-refused',
    code: 'MAIL_LOGIN_REFUSED',
    stages: ['login'],
    protocols: receives,
    when: [
      { words: ['AUTHENTICATE failed'] },
      { words: ['Authentication failure'] },
      { words: ['Authentication failed'] },
      { words: ['LOGIN failed'] },
      { reasons: ['AUTHENTICATIONFAILED'] },
      { reasons: ['AUTHORIZATIONFAILED'] },
      { reasons: ['AUTH'] },
    ],
    causes: [
      causes.wrongAudience,
      causes.noConsent,
      causes.protocolOff,
      causes.noServicePrincipal,
      causes.noMailboxRight,
      causes.wrongUserName,
      causes.notArrived,
      causes.wrongPassword,
    ],
  },
];
