import * as causes from './causes-login.ts';
import { type FaultRow, only, text } from './row.ts';

const smtp = ['smtp'] as const;
const passing = text(
  'Nothing has to be changed; it is tried again by itself.',
  'Es muss nichts geändert werden; es wird von selbst erneut versucht.',
);
const useOauth = text('Switch the account to OAuth2.', 'Stellen Sie das Konto auf OAuth2 um.');

/** Table 7c: SMTP. The words tell the three kinds of 5.7.139 apart, since the number is one. */
export const sendingRows: readonly FaultRow[] = [
  {
    id: 'smtp-auth-disabled',
    code: 'MAIL_SMTP_AUTH_DISABLED',
    protocols: smtp,
    when: [{ words: ['5.7.139', 'SmtpClientAuthentication is disabled'] }],
    causes: only(
      'exchange',
      text(
        'Authenticated SMTP is off for the mailbox or the whole tenant; OAuth2 needs it too.',
        'Authentifiziertes SMTP ist für das Postfach oder den ganzen Mandanten aus; auch OAuth2 braucht es.',
      ),
      text(
        'Run Set-CASMailbox with -SmtpClientAuthenticationDisabled $false for the mailbox (it overrides the tenant), or switch on "Authenticated SMTP" under Manage email apps.',
        'Führen Sie Set-CASMailbox mit -SmtpClientAuthenticationDisabled $false für das Postfach aus (das geht dem Mandanten vor), oder schalten Sie „Authentifiziertes SMTP“ unter E-Mail-Apps verwalten ein.',
      ),
    ),
  },
  {
    id: 'basic-disabled',
    code: 'MAIL_BASIC_AUTH_RETIRED',
    protocols: smtp,
    when: [{ words: ['5.7.139', 'basic authentication is disabled'] }],
    causes: only('operator', text('A password was sent.', 'Es wurde ein Kennwort gesendet.'), useOauth),
  },
  {
    id: 'policy',
    code: 'MAIL_POLICY_BLOCKED',
    protocols: smtp,
    when: [
      { words: ['5.7.139', 'security defaults policy'] },
      { words: ['5.7.139', 'did not meet the criteria'] },
      { words: ['5.7.139'] },
    ],
    causes: only(
      'entra',
      text(
        'Security defaults, Conditional Access or a ban of legacy sign-ins applies.',
        'Sicherheitsstandards, bedingter Zugriff oder ein Verbot alter Anmeldungen greift.',
      ),
      text(
        'Switch the account to OAuth2; where it is on, exclude the account or this machine’s address from the policy.',
        'Stellen Sie das Konto auf OAuth2 um; ist es schon eingeschaltet, nehmen Sie das Konto oder die Adresse dieses Rechners von der Richtlinie aus.',
      ),
    ),
  },
  {
    id: 'basic-retired',
    code: 'MAIL_BASIC_AUTH_RETIRED',
    protocols: smtp,
    when: [{ words: ['5.7.30'] }],
    causes: only(
      'operator',
      text('Microsoft has retired passwords for sending.', 'Microsoft hat Kennwörter für das Senden abgeschafft.'),
      useOauth,
    ),
  },
  {
    id: 'not-authenticated',
    code: 'MAIL_NOT_AUTHENTICATED',
    protocols: smtp,
    when: [{ words: ['5.7.57'] }, { statuses: [530] }],
    causes: only(
      'operator',
      text(
        'No sign-in took place before the message, often for want of encryption.',
        'Vor der Nachricht fand keine Anmeldung statt, oft mangels Verschlüsselung.',
      ),
      text(
        'Choose STARTTLS with port 587 and a sign-in by OAuth2.',
        'Wählen Sie STARTTLS mit Port 587 und die Anmeldung über OAuth2.',
      ),
    ),
  },
  {
    id: 'send-as-denied',
    code: 'MAIL_SEND_AS_DENIED',
    when: [
      { words: ['5.7.60'] },
      { words: ['5.2.252'] },
      { words: ['5.2.0', 'SendAsDenied'] },
      { words: ['SendAsDenied'] },
      { reasons: ['ErrorSendAsDenied'] },
    ],
    causes: [
      {
        id: 'send-as',
        acts: 'exchange',
        cause: text(
          'Who signs in may not send as the address in From.',
          'Wer sich anmeldet, darf nicht als die Adresse in From senden.',
        ),
        remedy: text(
          'Grant "Send As" to the person, or run Add-RecipientPermission for the service principal of the application.',
          'Erteilen Sie der Person „Senden als“, oder führen Sie Add-RecipientPermission für den Dienstprinzipal der Anwendung aus.',
        ),
      },
      {
        id: 'from',
        acts: 'operator',
        cause: text(
          'The sender (From) is misspelt or an alias.',
          'Der Absender (From) ist falsch geschrieben oder ein Alias.',
        ),
        remedy: text('Enter the primary address of the mailbox.', 'Tragen Sie die primäre Adresse des Postfachs ein.'),
      },
      causes.notArrived,
    ],
  },
  {
    id: 'sent-copy-elsewhere',
    code: 'MAIL_SENT_COPY_ELSEWHERE',
    when: [{ codes: ['SENT_COPY_ELSEWHERE'] }],
    causes: only(
      'exchange',
      text(
        'The copy lies in Sent Items of the person who signs in.',
        'Die Kopie liegt in „Gesendete Elemente“ der Person, die sich anmeldet.',
      ),
      text(
        'Send by Microsoft Graph, or run Set-Mailbox with -MessageCopyForSentAsEnabled $true for the shared mailbox.',
        'Senden Sie über Microsoft Graph, oder führen Sie Set-Mailbox mit -MessageCopyForSentAsEnabled $true für das freigegebene Postfach aus.',
      ),
    ),
  },
  {
    id: 'too-large',
    code: 'MAIL_SIZE_REFUSED',
    when: [
      { words: ['5.3.4'] },
      { statuses: [552, 413] },
      { words: ['5.2.3'] },
      { codes: ['TOO_LARGE'] },
      { reasons: ['ErrorMessageSizeExceeded'] },
    ],
    causes: only(
      'operator',
      text('Message and attachments exceed the limit.', 'Nachricht und Anhänge überschreiten die Grenze.'),
      text(
        'Send less, or have the limit of the mailbox raised.',
        'Senden Sie weniger, oder lassen Sie die Grenze des Postfachs erhöhen.',
      ),
    ),
  },
  {
    id: 'sending-trouble',
    code: 'MAIL_TRY_LATER',
    protocols: smtp,
    when: [{ statuses: [[400, 499]] }],
    causes: only(
      'nobody',
      text(
        'The server is busy or asks to come back later.',
        'Der Server ist überlastet oder bittet um einen späteren Versuch.',
      ),
      passing,
    ),
  },
  {
    id: 'smtp-login-refused',
    code: 'MAIL_LOGIN_REFUSED',
    protocols: smtp,
    when: [{ words: ['5.7.3'] }, { statuses: [535] }],
    causes: [
      causes.wrongAudience,
      causes.noConsent,
      causes.noServicePrincipal,
      causes.sharedLogin,
      causes.protocolOff,
      causes.wrongUserName,
      causes.notArrived,
      causes.wrongPassword,
    ],
  },
  {
    id: 'sender-refused',
    code: 'MAIL_SENDER_REFUSED',
    protocols: smtp,
    stages: ['sender'],
    when: [{ statuses: [[500, 599]] }],
    causes: only(
      'operator',
      text('The server does not take this sender.', 'Der Server nimmt diesen Absender nicht an.'),
      text('Check the sender (From) of the account.', 'Prüfen Sie den Absender (From) des Kontos.'),
    ),
  },
  {
    id: 'recipient-refused',
    code: 'MAIL_RECIPIENT_REFUSED',
    stages: ['recipient'],
    when: [{ statuses: [[500, 599]] }],
    causes: only(
      'user',
      text(
        'The address does not exist, or takes no mail from this sender.',
        'Die Adresse existiert nicht oder nimmt von diesem Absender keine Mail an.',
      ),
      text('Correct the recipient’s address.', 'Korrigieren Sie die Adresse des Empfängers.'),
    ),
  },
  {
    id: 'message-refused',
    code: 'MAIL_MESSAGE_REFUSED',
    protocols: smtp,
    stages: ['data'],
    when: [{ statuses: [[500, 599]] }],
    causes: only(
      'operator',
      text(
        'A rule of the server, often against spam, holds the message back.',
        'Eine Regel des Servers, oft gegen Spam, hält die Nachricht zurück.',
      ),
      text(
        'Read the server’s words, and have the rule checked in Exchange.',
        'Lesen Sie die Worte des Servers und lassen Sie die Regel in Exchange prüfen.',
      ),
    ),
  },
];
