import { certificate, noTls, refusedConnection, timeouts, unknownName } from './network-codes.ts';
import { type FaultRow, only, text } from './row.ts';

/** Hosts of Microsoft's that nobody types, reached by HTTPS: the login host and Graph. */
const web = ['graph'] as const;

const letThrough = text(
  'Have HTTPS (port 443) to this host allowed for this machine; where the web is reached by a proxy only, have the proxy entered in the configuration of this product.',
  'Lassen Sie HTTPS (Port 443) zu diesem Host für diesen Rechner zu; ist das Web nur über einen Proxy erreichbar, lassen Sie ihn in der Konfiguration dieses Produkts eintragen.',
);

/** Table 7a, its last line, and 7e where no mail server is asked: nobody can have misspelt these hosts. */
export const webRows: readonly FaultRow[] = [
  {
    id: 'web-name-unknown',
    code: 'MAIL_SERVER_UNKNOWN',
    protocols: web,
    when: [{ codes: unknownName }],
    causes: only(
      'network',
      text(
        'This machine resolves no public names, or reaches the web by a proxy only.',
        'Dieser Rechner löst keine öffentlichen Namen auf oder erreicht das Web nur über einen Proxy.',
      ),
      text(
        'Have the name servers of this machine checked, or the proxy entered in the configuration of this product.',
        'Lassen Sie die Namensserver dieses Rechners prüfen oder den Proxy in der Konfiguration dieses Produkts eintragen.',
      ),
    ),
  },
  {
    id: 'web-refused',
    code: 'MAIL_CONNECTION_REFUSED',
    protocols: web,
    when: [{ codes: refusedConnection }],
    causes: only(
      'network',
      text('A firewall rejects the connection.', 'Eine Firewall weist die Verbindung ab.'),
      letThrough,
    ),
  },
  {
    id: 'web-timeout',
    code: 'MAIL_TIMEOUT',
    protocols: web,
    when: [{ codes: timeouts }],
    causes: only(
      'network',
      text(
        'A firewall drops the connection, or the way to Microsoft is overloaded.',
        'Eine Firewall verwirft die Verbindung, oder der Weg zu Microsoft ist überlastet.',
      ),
      letThrough,
    ),
  },
  {
    id: 'web-tls',
    code: 'MAIL_TLS_MISMATCH',
    protocols: web,
    when: [{ codes: noTls }],
    causes: only(
      'network',
      text(
        'Something that speaks no TLS answers in place of Microsoft, such as a proxy.',
        'Anstelle von Microsoft antwortet etwas, das kein TLS spricht, etwa ein Proxy.',
      ),
      letThrough,
    ),
  },
  {
    id: 'web-certificate',
    code: 'MAIL_TLS_CERTIFICATE',
    protocols: web,
    when: [{ codes: Object.values(certificate).flat() }],
    causes: only(
      'network',
      text(
        'A device of the network inspects TLS or answers in place of Microsoft, or the clock of this machine is wrong.',
        'Ein Gerät im Netz bricht TLS auf oder antwortet anstelle von Microsoft, oder die Uhr dieses Rechners geht falsch.',
      ),
      text(
        'Exclude this host from inspection, or have the certification authority of the network trusted in the configuration of this product; check the clock. Certificate checks stay on.',
        'Nehmen Sie diesen Host von der Prüfung aus, oder lassen Sie der Zertifizierungsstelle des Netzes in der Konfiguration dieses Produkts vertrauen; prüfen Sie die Uhr. Die Zertifikatsprüfung bleibt eingeschaltet.',
      ),
    ),
  },
  {
    id: 'web-altered',
    code: 'MAIL_UNEXPECTED_REPLY',
    protocols: web,
    when: [{ codes: ['REPLY_UNREADABLE', 'REPLY_TOO_LARGE', 'PAGE_LOOP', 'FOREIGN_LINK', 'KEY_INVALID'] }],
    causes: only(
      'network',
      text(
        'A proxy or another device answers in place of Microsoft, or alters the answers.',
        'Ein Proxy oder ein anderes Gerät antwortet anstelle von Microsoft oder verändert die Antworten.',
      ),
      text(
        'Have this host let through without a sign-in page, inspection or cache in between.',
        'Lassen Sie diesen Host ohne Anmeldeseite, Prüfung oder Zwischenspeicher durch.',
      ),
    ),
  },
];
