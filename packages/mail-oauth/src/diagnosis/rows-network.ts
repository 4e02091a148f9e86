import { refusedConnection, timeouts, unknownName } from './network-codes.ts';
import { type Cause, type FaultRow, only, text } from './row.ts';

const overloaded: Cause = {
  id: 'overloaded',
  acts: 'nobody',
  cause: text(
    'The server is overloaded, or inspects connections slowly.',
    'Der Server ist überlastet oder prüft Verbindungen langsam.',
  ),
  remedy: text(
    'Nothing has to be changed; it is tried again by itself.',
    'Es muss nichts geändert werden; es wird von selbst erneut versucht.',
  ),
};

/** Table 7e, MAIL-03 and ADV-30. Codes of Node, OpenSSL and the libraries; the server has said nothing. */
export const networkRows: readonly FaultRow[] = [
  {
    id: 'name-unknown',
    code: 'MAIL_SERVER_UNKNOWN',
    when: [{ codes: unknownName }],
    causes: [
      {
        id: 'typed',
        acts: 'operator',
        cause: text('The server is misspelt.', 'Der Servername ist falsch geschrieben.'),
        remedy: text(
          'Compare the server in the account with the one Microsoft names; leave it empty for Exchange Online.',
          'Vergleichen Sie den Server im Konto mit dem von Microsoft genannten; lassen Sie das Feld für Exchange Online leer.',
        ),
      },
      {
        id: 'dns',
        acts: 'network',
        cause: text('This machine resolves no public names.', 'Dieser Rechner löst keine öffentlichen Namen auf.'),
        remedy: text(
          'Have the name servers of this machine checked.',
          'Lassen Sie die Namensserver dieses Rechners prüfen.',
        ),
      },
    ],
  },
  {
    id: 'address-not-allowed',
    code: 'MAIL_ADDRESS_NOT_ALLOWED',
    when: [{ codes: ['ADDRESS_REFUSED'] }],
    causes: only(
      'operator',
      text(
        'The server’s name leads to a loopback, link-local or private address.',
        'Der Servername führt zu einer Loopback-, Link-Local- oder privaten Adresse.',
      ),
      text(
        'Check the server’s name; where an internal server is meant, allow its host in the product’s configuration.',
        'Prüfen Sie den Servernamen; ist ein interner Server gemeint, lassen Sie ihn in der Konfiguration des Produkts zu.',
      ),
    ),
  },
  {
    id: 'connection-refused',
    code: 'MAIL_CONNECTION_REFUSED',
    when: [{ codes: refusedConnection }],
    causes: only(
      'network',
      text(
        'Nothing listens at this port, or a firewall rejects it.',
        'An diesem Port lauscht nichts, oder eine Firewall weist ihn ab.',
      ),
      text(
        'Check server and port (IMAP 993, POP 995, SMTP 587); then have the firewall let them through.',
        'Prüfen Sie Server und Port (IMAP 993, POP 995, SMTP 587); lassen Sie sie dann in der Firewall zu.',
      ),
    ),
  },
  {
    id: 'unreachable',
    code: 'MAIL_UNREACHABLE',
    when: [{ codes: ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'] }],
    causes: only(
      'network',
      text('There is no route to the server.', 'Es gibt keinen Weg zum Server.'),
      text(
        'Have routing and firewall between this machine and the server checked.',
        'Lassen Sie Routing und Firewall zwischen diesem Rechner und dem Server prüfen.',
      ),
    ),
  },
  {
    id: 'greeting-missing',
    code: 'MAIL_GREETING_MISSING',
    stages: ['greeting'],
    when: [{ codes: timeouts }],
    causes: [
      {
        id: 'mixed-up',
        acts: 'operator',
        cause: text(
          'The port expects the other kind of encryption.',
          'Der Port erwartet die andere Art der Verschlüsselung.',
        ),
        remedy: text(
          'Choose SSL/TLS for 993, 995 and 465, STARTTLS for 143, 110 and 587.',
          'Wählen Sie SSL/TLS für 993, 995 und 465, STARTTLS für 143, 110 und 587.',
        ),
      },
      overloaded,
    ],
  },
  {
    id: 'answer-missing',
    code: 'MAIL_TIMEOUT',
    stages: ['login', 'folder', 'list', 'read', 'acknowledge', 'sender', 'recipient', 'data', 'sent-items'],
    when: [{ codes: timeouts }],
    causes: [
      overloaded,
      {
        id: 'held-back',
        acts: 'network',
        cause: text(
          'A firewall lets the connection through but holds its answers back.',
          'Eine Firewall lässt die Verbindung zu, hält aber ihre Antworten zurück.',
        ),
        remedy: text(
          'Have mail inspection of the firewall switched off for this server.',
          'Lassen Sie die Mailprüfung der Firewall für diesen Server ausschalten.',
        ),
      },
    ],
  },
  {
    id: 'timeout',
    code: 'MAIL_TIMEOUT',
    when: [{ codes: timeouts }],
    causes: [
      {
        id: 'server-settings',
        acts: 'operator',
        cause: text('Server or port is wrong.', 'Server oder Port ist falsch.'),
        remedy: text(
          'Check server and port of incoming and outgoing mail (IMAP 993, POP 995, SMTP 587).',
          'Prüfen Sie Server und Port von Posteingang und Postausgang (IMAP 993, POP 995, SMTP 587).',
        ),
      },
      {
        id: 'firewall',
        acts: 'network',
        cause: text(
          'A firewall or security software blocks IMAP, POP or SMTP.',
          'Eine Firewall oder Sicherheitssoftware blockiert IMAP, POP oder SMTP.',
        ),
        remedy: text(
          'Have outgoing connections of this machine to the server and port allowed.',
          'Lassen Sie ausgehende Verbindungen dieses Rechners zu Server und Port zu.',
        ),
      },
    ],
  },
  {
    id: 'connection-closed',
    code: 'MAIL_CONNECTION_CLOSED',
    when: [
      {
        codes: [
          'CLOSED',
          'ECONNRESET',
          'EPIPE',
          'ECONNABORTED',
          'EConnectionClosed',
          'NoConnection',
          'ClosedAfterConnectTLS',
          'ClosedAfterConnectText',
          'ECONNECTION',
          'ESOCKET',
          'UND_ERR_SOCKET',
        ],
      },
      // Said in words, with no code of SMTP's before them.
      { statuses: [0], words: ['BYE'] },
      { statuses: [0], words: ['Connection is closed'] },
      { statuses: [0], words: ['Session timed out'] },
    ],
    causes: only(
      'nobody',
      text(
        'The server ended an idle connection, or counts too many of them.',
        'Der Server hat eine untätige Verbindung beendet, oder er zählt zu viele davon.',
      ),
      text(
        'Nothing has to be changed; it is tried again by itself. Where it happens at once and always, have the firewall checked.',
        'Es muss nichts geändert werden; es wird von selbst erneut versucht. Geschieht es sofort und immer, lassen Sie die Firewall prüfen.',
      ),
    ),
  },
];
