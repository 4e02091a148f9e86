import { defineErrors } from '@itsm-m365/plugin-api';

/** Cause and remedy come from the row of the table; each language has a placeholder of its own. */
const advised = { en: '{remedyEn}', de: '{remedyDe}' } as const;

/** What a mail server refuses, or what keeps it from answering: one code for a family of rows. */
export const mailErrors = defineErrors({
  MAIL_SERVER_UNKNOWN: {
    kind: 'network',
    message: {
      en: 'The name of {server} was not found: {reply}',
      de: 'Der Name von {server} wurde nicht gefunden: {reply}',
    },
    remedy: advised,
  },
  MAIL_ADDRESS_NOT_ALLOWED: {
    kind: 'configuration',
    message: {
      en: '{server} leads to an address that this product must not connect to: {reply}',
      de: '{server} führt zu einer Adresse, mit der sich dieses Produkt nicht verbinden darf: {reply}',
    },
    remedy: advised,
  },
  MAIL_CONNECTION_REFUSED: {
    kind: 'network',
    message: { en: '{server} refuses the connection: {reply}', de: '{server} lehnt die Verbindung ab: {reply}' },
    remedy: advised,
  },
  MAIL_UNREACHABLE: {
    kind: 'network',
    message: { en: '{server} cannot be reached: {reply}', de: '{server} ist nicht erreichbar: {reply}' },
    remedy: advised,
  },
  MAIL_TIMEOUT: {
    kind: 'network',
    message: { en: '{server} does not answer in time: {reply}', de: '{server} antwortet nicht rechtzeitig: {reply}' },
    remedy: advised,
  },
  MAIL_GREETING_MISSING: {
    kind: 'network',
    message: {
      en: '{server} accepts the connection but does not greet: {reply}',
      de: '{server} nimmt die Verbindung an, begrüßt aber nicht: {reply}',
    },
    remedy: advised,
  },
  MAIL_CONNECTION_CLOSED: {
    kind: 'network',
    message: { en: '{server} closed the connection: {reply}', de: '{server} hat die Verbindung geschlossen: {reply}' },
    remedy: advised,
  },
  MAIL_TLS_CERTIFICATE: {
    kind: 'configuration',
    message: {
      en: 'The certificate of {server} is not accepted: {reply}',
      de: 'Das Zertifikat von {server} wird nicht angenommen: {reply}',
    },
    remedy: advised,
  },
  MAIL_TLS_MISMATCH: {
    kind: 'configuration',
    message: {
      en: 'Encryption and port of {server} do not fit together: {reply}',
      de: 'Verschlüsselung und Port von {server} passen nicht zusammen: {reply}',
    },
    remedy: advised,
  },
  MAIL_TLS_OLD: {
    kind: 'configuration',
    message: {
      en: '{server} does not speak TLS 1.2 or newer: {reply}',
      de: '{server} spricht nicht TLS 1.2 oder neuer: {reply}',
    },
    remedy: advised,
  },
  MAIL_LOGIN_REFUSED: {
    kind: 'credentials',
    message: { en: '{server} refuses the sign-in: {reply}', de: '{server} lehnt die Anmeldung ab: {reply}' },
    remedy: advised,
  },
  /** Kind remote: Exchange says so in passing trouble too, and asking again does no harm once signed in. */
  MAIL_NOT_CONNECTED: {
    kind: 'remote',
    status: 424,
    message: {
      en: '{server} took the sign-in but does not open the mailbox: {reply}',
      de: '{server} hat die Anmeldung angenommen, öffnet aber das Postfach nicht: {reply}',
    },
    remedy: advised,
  },
  MAIL_THROTTLED: {
    kind: 'remote',
    message: { en: '{server} throttles this account: {reply}', de: '{server} drosselt dieses Konto: {reply}' },
    remedy: advised,
  },
  MAIL_TRY_LATER: {
    kind: 'remote',
    message: { en: '{server} is in trouble for a while: {reply}', de: '{server} ist vorübergehend gestört: {reply}' },
    remedy: advised,
  },
  MAIL_POLICY_BLOCKED: {
    kind: 'credentials',
    message: {
      en: 'A policy blocks the sign-in to {server}: {reply}',
      de: 'Eine Richtlinie sperrt die Anmeldung bei {server}: {reply}',
    },
    remedy: advised,
  },
  MAIL_SMTP_AUTH_DISABLED: {
    kind: 'configuration',
    message: {
      en: 'Authenticated SMTP is switched off in Exchange: {reply}',
      de: 'Authentifiziertes SMTP ist in Exchange ausgeschaltet: {reply}',
    },
    remedy: advised,
  },
  MAIL_BASIC_AUTH_RETIRED: {
    kind: 'configuration',
    message: {
      en: '{server} takes no passwords any more: {reply}',
      de: '{server} nimmt keine Kennwörter mehr an: {reply}',
    },
    remedy: advised,
  },
  MAIL_NOT_AUTHENTICATED: {
    kind: 'configuration',
    message: {
      en: '{server} asks for a sign-in first: {reply}',
      de: '{server} verlangt zuerst eine Anmeldung: {reply}',
    },
    remedy: advised,
  },
  MAIL_SEND_AS_DENIED: {
    kind: 'configuration',
    message: {
      en: '{server} does not allow this sender: {reply}',
      de: '{server} lässt diesen Absender nicht zu: {reply}',
    },
    remedy: advised,
  },
  MAIL_SENDER_REFUSED: {
    kind: 'configuration',
    message: { en: '{server} refuses the sender: {reply}', de: '{server} lehnt den Absender ab: {reply}' },
    remedy: advised,
  },
  MAIL_RECIPIENT_REFUSED: {
    kind: 'configuration',
    message: { en: '{server} refuses a recipient: {reply}', de: '{server} lehnt einen Empfänger ab: {reply}' },
    remedy: advised,
  },
  MAIL_SIZE_REFUSED: {
    kind: 'configuration',
    message: {
      en: 'The message is too large for {server}: {reply}',
      de: 'Die Nachricht ist zu groß für {server}: {reply}',
    },
    remedy: advised,
  },
  MAIL_MESSAGE_REFUSED: {
    kind: 'configuration',
    message: { en: '{server} refuses the message: {reply}', de: '{server} lehnt die Nachricht ab: {reply}' },
    remedy: advised,
  },
  MAIL_SENT_COPY_ELSEWHERE: {
    kind: 'configuration',
    message: {
      en: 'The sent copy is not in the mailbox of the sender: {reply}',
      de: 'Die gesendete Kopie liegt nicht im Postfach des Absenders: {reply}',
    },
    remedy: advised,
  },
  MAIL_MESSAGE_UNAVAILABLE: {
    kind: 'remote',
    message: {
      en: '{server} does not hand out a message yet: {reply}',
      de: '{server} gibt eine Nachricht noch nicht heraus: {reply}',
    },
    remedy: advised,
  },
  MAIL_MESSAGE_VANISHED: {
    kind: 'conflict',
    message: {
      en: 'The message is no longer in the mailbox: {reply}',
      de: 'Die Nachricht liegt nicht mehr im Postfach: {reply}',
    },
    remedy: advised,
  },
  MAIL_POSITION_LOST: {
    kind: 'configuration',
    message: {
      en: 'The mailbox is another than before: {reply}',
      de: 'Das Postfach ist ein anderes als zuvor: {reply}',
    },
    remedy: advised,
  },
  MAIL_FOLDER_MISSING: {
    kind: 'configuration',
    message: { en: '{server} has no such folder: {reply}', de: '{server} kennt diesen Ordner nicht: {reply}' },
    remedy: advised,
  },
  MAIL_FOLDER_TOO_LARGE: {
    kind: 'configuration',
    message: {
      en: '{server} holds more messages in the folder than can be listed: {reply}',
      de: '{server} hält im Ordner mehr Nachrichten vor, als sich auflisten lassen: {reply}',
    },
    remedy: advised,
  },
  MAIL_GRAPH_PERMISSION: {
    kind: 'credentials',
    message: {
      en: 'The token carries no permission for mail: {reply}',
      de: 'Das Token enthält keine Berechtigung für Mail: {reply}',
    },
    remedy: advised,
  },
  MAIL_GRAPH_ACCESS_DENIED: {
    kind: 'credentials',
    message: {
      en: 'Microsoft Graph does not allow access to this mailbox: {reply}',
      de: 'Microsoft Graph erlaubt den Zugriff auf dieses Postfach nicht: {reply}',
    },
    remedy: advised,
  },
  MAIL_MAILBOX_UNKNOWN: {
    kind: 'configuration',
    message: {
      en: 'Microsoft Graph finds no such mailbox: {reply}',
      de: 'Microsoft Graph findet dieses Postfach nicht: {reply}',
    },
    remedy: advised,
  },
  MAIL_EWS_RETIRED: {
    kind: 'configuration',
    message: {
      en: 'Exchange Web Services refuse the access: {reply}',
      de: 'Die Exchange-Webdienste lehnen den Zugriff ab: {reply}',
    },
    remedy: advised,
  },
  MAIL_AUTHORITY_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The private certification authority for {server} cannot be read: {reply}',
      de: 'Die private Zertifizierungsstelle für {server} ist nicht lesbar: {reply}',
    },
    remedy: advised,
  },
  MAIL_LOGIN_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The user name or password for {server} cannot be used: {reply}',
      de: 'Benutzername oder Kennwort für {server} ist nicht verwendbar: {reply}',
    },
    remedy: advised,
  },
  MAIL_MECHANISM_MISSING: {
    kind: 'configuration',
    message: {
      en: '{server} does not offer this way of signing in: {reply}',
      de: '{server} bietet diese Art der Anmeldung nicht an: {reply}',
    },
    remedy: advised,
  },
  MAIL_TLS_TAMPERED: {
    kind: 'configuration',
    message: {
      en: 'The beginning of encryption with {server} was tampered with: {reply}',
      de: 'In den Beginn der Verschlüsselung mit {server} wurde eingegriffen: {reply}',
    },
    remedy: advised,
  },
  MAIL_MOVE_UNSUPPORTED: {
    kind: 'configuration',
    message: {
      en: 'Messages cannot be moved or deleted on {server}: {reply}',
      de: 'Auf {server} lassen sich Nachrichten nicht verschieben oder löschen: {reply}',
    },
    remedy: advised,
  },
  /** What no row knows. Kind remote: the server's words are shown, and the next run asks again. */
  MAIL_UNEXPECTED_REPLY: {
    kind: 'remote',
    message: { en: '{server} answers unexpectedly: {reply}', de: '{server} antwortet unerwartet: {reply}' },
    remedy: advised,
  },
});

export type MailErrorCode = keyof typeof mailErrors.definitions;

/** What the test of an account finds before a mail server is asked. */
export const diagnosisErrors = defineErrors({
  MAIL_SETTINGS_WRONG: {
    kind: 'configuration',
    message: { en: 'Some entries are wrong: {problemsEn}', de: 'Einige Eingaben sind falsch: {problemsDe}' },
    remedy: { en: 'Correct these fields: {fields}.', de: 'Korrigieren Sie diese Felder: {fields}.' },
  },
  /** What a run tells as GRAPH_UNREACHABLE, in the words of mail. Kind network: asking again can help. */
  MAIL_LOGIN_HOST_UNREACHABLE: {
    kind: 'network',
    message: {
      en: 'No token can be asked for, since {server} cannot be reached: {reply}',
      de: 'Es lässt sich kein Token anfordern, weil {server} nicht erreichbar ist: {reply}',
    },
    remedy: advised,
  },
});
