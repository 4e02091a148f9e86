import { defineErrors } from '@itsm-m365/plugin-api';

const again = {
  en: 'Begin the sign-in again, and finish it in the same browser within ten minutes.',
  de: 'Beginnen Sie die Anmeldung von vorn und schließen Sie sie im selben Browser innerhalb von zehn Minuten ab.',
} as const;

/** What ends a person's sign-in on our side. Refusals of Entra are graph-auth's, those about the token `tokens/errors.ts`. */
export const signInErrors = defineErrors({
  SIGN_IN_NOT_DELEGATED: {
    kind: 'configuration',
    message: {
      en: 'The account’s application signs in by itself; no person signs in for it.',
      de: 'Die Anwendung des Kontos meldet sich selbst an; für sie meldet sich keine Person an.',
    },
    remedy: {
      en: 'Choose an application with a person’s sign-in in the account, or test the connection instead.',
      de: 'Wählen Sie im Konto eine Anwendung mit Anmeldung durch eine Person, oder testen Sie stattdessen die Verbindung.',
    },
  },
  SIGN_IN_REDIRECT_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The address that the browser comes back to cannot be used: {reason}.',
      de: 'Die Adresse, zu der der Browser zurückkehrt, ist nicht verwendbar: {reason}.',
    },
    remedy: {
      en: 'Set the public address of this server with https, or finish the sign-in by pasting the address.',
      de: 'Tragen Sie die öffentliche Adresse dieses Servers mit https ein, oder schließen Sie die Anmeldung durch Einfügen der Adresse ab.',
    },
  },
  SIGN_IN_ADDRESS_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The address is not the answer of a sign-in: {reason}.',
      de: 'Die Adresse ist nicht die Antwort einer Anmeldung: {reason}.',
    },
    remedy: {
      en: 'Copy the whole address from the browser’s address bar, from https to its end, after the sign-in page has gone blank.',
      de: 'Kopieren Sie die ganze Adresse aus der Adresszeile des Browsers, von https bis zum Ende, nachdem die Anmeldeseite leer geworden ist.',
    },
  },
  SIGN_IN_UNKNOWN: {
    kind: 'conflict',
    message: { en: 'This sign-in was not begun here.', de: 'Diese Anmeldung wurde nicht hier begonnen.' },
    remedy: again,
  },
  SIGN_IN_FOREIGN: {
    kind: 'conflict',
    status: 403,
    message: {
      en: 'This sign-in was begun by another person, in another browser or for another account.',
      de: 'Diese Anmeldung wurde von einer anderen Person, in einem anderen Browser oder für ein anderes Konto begonnen.',
    },
    remedy: again,
  },
  SIGN_IN_USED: {
    kind: 'conflict',
    message: { en: 'This sign-in was finished already.', de: 'Diese Anmeldung wurde bereits abgeschlossen.' },
    remedy: again,
  },
  SIGN_IN_EXPIRED: {
    kind: 'conflict',
    message: { en: 'This sign-in was begun too long ago.', de: 'Diese Anmeldung wurde vor zu langer Zeit begonnen.' },
    remedy: again,
  },
  SIGN_IN_WITHOUT_REFRESH: {
    kind: 'credentials',
    message: {
      en: 'Entra gave no refresh token, so the sign-in would end within the hour. Nothing was stored.',
      de: 'Entra hat kein Aktualisierungstoken ausgestellt; die Anmeldung wäre nach einer Stunde beendet. Es wurde nichts gespeichert.',
    },
    remedy: {
      en: 'Add the delegated permission offline_access to the application in Entra, consent to it and sign in again.',
      de: 'Fügen Sie der Anwendung in Entra die delegierte Berechtigung offline_access hinzu, stimmen Sie ihr zu und melden Sie sich erneut an.',
    },
  },
  SIGN_IN_SCOPES_MISSING: {
    kind: 'credentials',
    message: {
      en: 'Entra did not grant what the account needs: {scopes}. Nothing was stored.',
      de: 'Entra hat nicht gewährt, was das Konto braucht: {scopes}. Es wurde nichts gespeichert.',
    },
    remedy: {
      en: 'Add these delegated permissions to the application in Entra, consent to them and sign in again.',
      de: 'Fügen Sie der Anwendung in Entra diese delegierten Berechtigungen hinzu, stimmen Sie ihnen zu und melden Sie sich erneut an.',
    },
  },
  DEVICE_CODE_OFF: {
    kind: 'configuration',
    message: {
      en: 'The sign-in with a device code is not allowed for this application.',
      de: 'Die Anmeldung mit Gerätecode ist für diese Anwendung nicht erlaubt.',
    },
    remedy: {
      en: 'Sign in with the browser. Allow device codes in the application only where that is impossible: Microsoft recommends blocking them, because they are used for phishing.',
      de: 'Melden Sie sich mit dem Browser an. Erlauben Sie Gerätecodes in der Anwendung nur, wo das unmöglich ist: Microsoft empfiehlt, sie zu sperren, weil sie zum Phishing missbraucht werden.',
    },
  },
  DEVICE_ANSWER_UNREADABLE: {
    kind: 'remote',
    message: {
      en: 'Entra’s answer to the request for a device code cannot be read.',
      de: 'Die Antwort von Entra auf die Anforderung eines Gerätecodes ist nicht lesbar.',
    },
    remedy: {
      en: 'Try again; if it fails in the same way, check whether a proxy alters answers of the login host.',
      de: 'Versuchen Sie es erneut; schlägt es genauso fehl, prüfen Sie, ob ein Proxy Antworten des Anmeldeservers verändert.',
    },
  },
});
