import { certificate, noTls } from './network-codes.ts';
import { type FaultRow, only, text } from './row.ts';

/** Table 7e and MAIL-03: OpenSSL's and Node's codes, and what our own channels add. */
export const tlsRows: readonly FaultRow[] = [
  {
    id: 'tls-mismatch',
    code: 'MAIL_TLS_MISMATCH',
    when: [{ codes: noTls }],
    causes: only(
      'operator',
      text(
        'SSL/TLS is spoken to a port that expects STARTTLS.',
        'Ein Port, der STARTTLS erwartet, wird mit SSL/TLS angesprochen.',
      ),
      text(
        'Choose SSL/TLS for 993, 995 and 465, STARTTLS for 143, 110 and 587.',
        'Wählen Sie SSL/TLS für 993, 995 und 465, STARTTLS für 143, 110 und 587.',
      ),
    ),
  },
  {
    id: 'starttls-missing',
    code: 'MAIL_TLS_MISMATCH',
    when: [{ codes: ['STARTTLS_MISSING', 'STARTTLS_REFUSED', 'ETLS'] }],
    causes: [
      {
        id: 'implicit',
        acts: 'operator',
        cause: text('The port wants SSL/TLS from the first byte.', 'Der Port verlangt SSL/TLS ab dem ersten Byte.'),
        remedy: text(
          'Choose SSL/TLS for 993, 995 and 465, STARTTLS for 143, 110 and 587.',
          'Wählen Sie SSL/TLS für 993, 995 und 465, STARTTLS für 143, 110 und 587.',
        ),
      },
      {
        id: 'stripped',
        acts: 'network',
        cause: text(
          'A device between this machine and the server takes STARTTLS out.',
          'Ein Gerät zwischen diesem Rechner und dem Server entfernt STARTTLS.',
        ),
        remedy: text(
          'Have SMTP or mail inspection of the firewall switched off for this server.',
          'Lassen Sie die SMTP- oder Mailprüfung der Firewall für diesen Server ausschalten.',
        ),
      },
    ],
  },
  {
    id: 'tls-old',
    code: 'MAIL_TLS_OLD',
    when: [
      {
        codes: [
          'ERR_SSL_UNSUPPORTED_PROTOCOL',
          'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
          'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
          'ERR_TLS_PROTOCOL_VERSION',
          'TLS_OLD',
        ],
      },
    ],
    causes: only(
      'network',
      text(
        'The server, or a device before it, speaks only TLS older than 1.2.',
        'Der Server oder ein Gerät davor spricht nur TLS älter als 1.2.',
      ),
      text(
        'Update the server or the device; connections with less than TLS 1.2 are refused.',
        'Aktualisieren Sie den Server oder das Gerät; Verbindungen unter TLS 1.2 werden abgelehnt.',
      ),
    ),
  },
  {
    id: 'certificate-expired',
    code: 'MAIL_TLS_CERTIFICATE',
    when: [{ codes: certificate.expired }],
    causes: only(
      'network',
      text(
        'The certificate has expired, or the clock of this machine is ahead.',
        'Das Zertifikat ist abgelaufen, oder die Uhr dieses Rechners geht vor.',
      ),
      text(
        'Check the clock of this machine, then have the certificate of the server renewed.',
        'Prüfen Sie die Uhr dieses Rechners und lassen Sie dann das Zertifikat des Servers erneuern.',
      ),
    ),
  },
  {
    id: 'certificate-early',
    code: 'MAIL_TLS_CERTIFICATE',
    when: [{ codes: certificate.early }],
    causes: only(
      'operator',
      text(
        'The certificate is not valid yet: the clock of this machine is behind.',
        'Das Zertifikat gilt noch nicht: Die Uhr dieses Rechners geht nach.',
      ),
      text(
        'Set the clock of this machine by a time server.',
        'Stellen Sie die Uhr dieses Rechners über einen Zeitserver.',
      ),
    ),
  },
  {
    id: 'certificate-name',
    code: 'MAIL_TLS_CERTIFICATE',
    when: [{ codes: certificate.name }],
    causes: only(
      'operator',
      text('The certificate is for another name.', 'Das Zertifikat gilt für einen anderen Namen.'),
      text(
        'Enter the server by the name that stands in its certificate.',
        'Tragen Sie den Server unter dem Namen ein, der in seinem Zertifikat steht.',
      ),
    ),
  },
  {
    id: 'certificate-untrusted',
    code: 'MAIL_TLS_CERTIFICATE',
    when: [{ codes: certificate.untrusted }],
    causes: [
      {
        id: 'inspection',
        acts: 'network',
        cause: text('A device of the network inspects TLS.', 'Ein Gerät im Netz bricht TLS auf.'),
        remedy: text(
          'Exclude the server from inspection, or enter the private certification authority of the network in the account. Certificate checks stay on.',
          'Nehmen Sie den Server von der Prüfung aus, oder tragen Sie die private Zertifizierungsstelle des Netzes im Konto ein. Die Zertifikatsprüfung bleibt eingeschaltet.',
        ),
      },
      {
        id: 'private',
        acts: 'operator',
        cause: text(
          'The server is your own, with a certificate of a private authority.',
          'Es ist Ihr eigener Server mit einem Zertifikat einer privaten Zertifizierungsstelle.',
        ),
        remedy: text(
          'Enter the certificate of the private certification authority in the account.',
          'Tragen Sie das Zertifikat der privaten Zertifizierungsstelle im Konto ein.',
        ),
      },
    ],
  },
  {
    id: 'certificate-other',
    code: 'MAIL_TLS_CERTIFICATE',
    stages: ['tls'],
    when: [{ codes: certificate.other }],
    causes: only(
      'network',
      text(
        'The certificate is damaged, revoked or made for something else.',
        'Das Zertifikat ist beschädigt, gesperrt oder für einen anderen Zweck ausgestellt.',
      ),
      text('Have the certificate of the server replaced.', 'Lassen Sie das Zertifikat des Servers ersetzen.'),
    ),
  },
];
