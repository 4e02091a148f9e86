import { type FaultRow, only, text } from './row.ts';

/** What our own channels find wrong before or after the server has spoken. */
export const channelRows: readonly FaultRow[] = [
  {
    id: 'authority-invalid',
    code: 'MAIL_AUTHORITY_INVALID',
    when: [{ codes: ['AUTHORITY_INVALID'] }],
    causes: only(
      'operator',
      text(
        'The private certification authority of the account is no certificate in PEM form.',
        'Die private Zertifizierungsstelle des Kontos ist kein Zertifikat in PEM-Form.',
      ),
      text(
        'Enter the file that begins with "-----BEGIN CERTIFICATE-----", or leave the field empty.',
        'Tragen Sie die Datei ein, die mit „-----BEGIN CERTIFICATE-----“ beginnt, oder lassen Sie das Feld leer.',
      ),
    ),
  },
  {
    id: 'login-invalid',
    code: 'MAIL_LOGIN_INVALID',
    when: [{ codes: ['LOGIN_INVALID', 'CREDENTIAL_INVALID'] }],
    causes: only(
      'operator',
      text(
        'User name or password is empty, or holds characters that the protocol cannot carry.',
        'Benutzername oder Kennwort ist leer oder enthält Zeichen, die das Protokoll nicht übertragen kann.',
      ),
      text('Enter the user name and the password again.', 'Tragen Sie Benutzername und Kennwort neu ein.'),
    ),
  },
  {
    id: 'mechanism-missing',
    code: 'MAIL_MECHANISM_MISSING',
    when: [{ codes: ['MECHANISM_MISSING', 'AUTH_NOT_OFFERED', 'OAUTH_NEEDED'] }],
    causes: [
      {
        id: 'no-oauth',
        acts: 'operator',
        cause: text(
          'The server does not offer OAuth2 (XOAUTH2), as only Exchange Online and few others do; or it offers no passwords.',
          'Der Server bietet kein OAuth2 (XOAUTH2) an, wie es nur Exchange Online und wenige andere tun; oder er bietet keine Kennwörter an.',
        ),
        remedy: text(
          'Check the server; for a server of your own choose the way of signing in that it offers.',
          'Prüfen Sie den Server; wählen Sie für einen eigenen Server die Anmeldung, die er anbietet.',
        ),
      },
      {
        id: 'inspection',
        acts: 'network',
        cause: text(
          'A device between this machine and the server takes the offer out.',
          'Ein Gerät zwischen diesem Rechner und dem Server entfernt das Angebot.',
        ),
        remedy: text(
          'Have mail inspection of the firewall switched off for this server.',
          'Lassen Sie die Mailprüfung der Firewall für diesen Server ausschalten.',
        ),
      },
    ],
  },
  {
    id: 'starttls-injection',
    code: 'MAIL_TLS_TAMPERED',
    when: [{ codes: ['STARTTLS_INJECTION'] }],
    causes: only(
      'network',
      text(
        'Somebody between this machine and the server added words before encryption began; nothing was sent.',
        'Jemand zwischen diesem Rechner und dem Server hat vor Beginn der Verschlüsselung etwas eingefügt; es wurde nichts gesendet.',
      ),
      text(
        'Choose SSL/TLS with its own port where the server has one, and have the network checked.',
        'Wählen Sie SSL/TLS mit eigenem Port, wo der Server ihn hat, und lassen Sie das Netz prüfen.',
      ),
    ),
  },
  {
    id: 'move-unsupported',
    code: 'MAIL_MOVE_UNSUPPORTED',
    when: [{ codes: ['MOVE_UNSUPPORTED'] }],
    causes: only(
      'operator',
      text('POP3 knows no folders.', 'POP3 kennt keine Ordner.'),
      text(
        'Choose IMAP, or leave or delete messages after they were taken.',
        'Wählen Sie IMAP, oder belassen oder löschen Sie Nachrichten nach der Übernahme.',
      ),
    ),
  },
  {
    id: 'uidplus-missing',
    code: 'MAIL_MOVE_UNSUPPORTED',
    when: [{ codes: ['UIDPLUS_MISSING'] }],
    causes: only(
      'operator',
      text(
        'The server cannot delete single messages (UIDPLUS); those that others have marked as deleted would go too.',
        'Der Server kann einzelne Nachrichten nicht löschen (UIDPLUS); von anderen als gelöscht markierte gingen mit.',
      ),
      text(
        'Have messages marked as read after they were taken.',
        'Lassen Sie Nachrichten nach der Übernahme als gelesen markieren.',
      ),
    ),
  },
  {
    id: 'envelope-sender',
    code: 'MAIL_SENDER_REFUSED',
    stages: ['sender'],
    when: [{ codes: ['EENVELOPE'] }],
    causes: only(
      'operator',
      text('The sender (From) is no mail address.', 'Der Absender (From) ist keine Mailadresse.'),
      text('Correct the sender (From) of the account.', 'Korrigieren Sie den Absender (From) des Kontos.'),
    ),
  },
  {
    id: 'envelope-recipient',
    code: 'MAIL_RECIPIENT_REFUSED',
    stages: ['recipient'],
    when: [{ codes: ['EENVELOPE'] }],
    causes: only(
      'user',
      text(
        'A recipient is no mail address, or there is none.',
        'Ein Empfänger ist keine Mailadresse, oder es gibt keinen.',
      ),
      text('Correct the recipients.', 'Korrigieren Sie die Empfänger.'),
    ),
  },
  {
    id: 'too-many-messages',
    code: 'MAIL_FOLDER_TOO_LARGE',
    when: [{ codes: ['TOO_MANY', 'TOO_MANY_MESSAGES'] }],
    causes: only(
      'operator',
      text(
        'The folder holds more messages than one listing can take.',
        'Der Ordner enthält mehr Nachrichten, als eine Auflistung fasst.',
      ),
      text(
        'Move old messages to another folder or to the archive, or choose another folder in the account.',
        'Verschieben Sie alte Nachrichten in einen anderen Ordner oder ins Archiv, oder wählen Sie im Konto einen anderen Ordner.',
      ),
    ),
  },
  {
    id: 'garbled',
    code: 'MAIL_UNEXPECTED_REPLY',
    when: [
      {
        codes: ['GARBLED', 'LINE_TOO_LONG', 'EPROTOCOL', 'PREAUTH', 'NOT_DONE', 'UIDL_INVALID', 'UIDVALIDITY_MISSING'],
      },
    ],
    causes: [
      {
        id: 'other-service',
        acts: 'operator',
        cause: text('Another service answers at this port.', 'An diesem Port antwortet ein anderer Dienst.'),
        remedy: text(
          'Check protocol, server and port of the account (IMAP 993, POP 995, SMTP 587).',
          'Prüfen Sie Protokoll, Server und Port des Kontos (IMAP 993, POP 995, SMTP 587).',
        ),
      },
      {
        id: 'altered',
        acts: 'network',
        cause: text('A device of the network alters the conversation.', 'Ein Gerät im Netz verändert das Gespräch.'),
        remedy: text(
          'Have mail inspection of the firewall switched off for this server.',
          'Lassen Sie die Mailprüfung der Firewall für diesen Server ausschalten.',
        ),
      },
    ],
  },
];
