import { defineErrors } from '@itsm-m365/plugin-api';

/** What keeps an account from having an access token. Refusals of Entra itself are graph-auth's (`ENTRA_…`). */
export const tokenErrors = defineErrors({
  MAIL_RESOURCE_UNUSED: {
    kind: 'configuration',
    message: {
      en: 'The account neither fetches nor sends by {resource}, so no token is asked for it.',
      de: 'Das Konto holt und sendet nicht über {resource}, deshalb wird dafür kein Token angefordert.',
    },
    remedy: {
      en: 'Choose a protocol for fetching or for sending.',
      de: 'Wählen Sie ein Protokoll zum Abholen oder zum Senden.',
    },
  },
  MAIL_SIGN_IN_MISSING: {
    kind: 'credentials',
    message: {
      en: 'Nobody has signed in for this account yet.',
      de: 'Für dieses Konto hat sich noch niemand angemeldet.',
    },
    remedy: { en: 'Sign in for the account.', de: 'Melden Sie sich für das Konto an.' },
  },
  MAIL_SIGN_IN_OUTDATED: {
    kind: 'credentials',
    message: {
      en: 'The stored sign-in was made for another application or directory.',
      de: 'Die gespeicherte Anmeldung wurde für eine andere Anwendung oder ein anderes Verzeichnis gemacht.',
    },
    remedy: {
      en: 'Sign in again for the account. Mail and queue stay as they are.',
      de: 'Melden Sie sich für das Konto erneut an. Mail und Warteschlange bleiben, wie sie sind.',
    },
  },
  MAIL_SIGN_IN_UNREADABLE: {
    kind: 'credentials',
    message: {
      en: 'The stored sign-in cannot be read any more.',
      de: 'Die gespeicherte Anmeldung lässt sich nicht mehr lesen.',
    },
    remedy: {
      en: 'Check the key that this server encrypts its secrets with; if it is lost, sign in again for the account.',
      de: 'Prüfen Sie den Schlüssel, mit dem dieser Server seine Geheimnisse verschlüsselt; ist er verloren, melden Sie sich für das Konto erneut an.',
    },
  },
  MAIL_SIGN_IN_DEAD: {
    kind: 'credentials',
    message: {
      en: 'The stored sign-in has ended: {causeEn} (AADSTS{aadsts})',
      de: 'Die gespeicherte Anmeldung ist beendet: {causeDe} (AADSTS{aadsts})',
    },
    remedy: {
      en: 'Sign in again for the account; mail and queue stay as they are. {remedyEn}',
      de: 'Melden Sie sich für das Konto erneut an; Mail und Warteschlange bleiben, wie sie sind. {remedyDe}',
    },
  },
  MAIL_OTHER_ACCOUNT_BROWSER: {
    kind: 'credentials',
    message: {
      en: 'The sign-in was made as {signedIn}, but the account needs {expected}. Nothing was stored.',
      de: 'Die Anmeldung erfolgte als {signedIn}, das Konto braucht aber {expected}. Es wurde nichts gespeichert.',
    },
    remedy: {
      en: 'If no window to choose an account opened, single sign-on signed you in as the user of Windows or of the browser: begin again in a private window or another browser profile, or sign in to Windows as the mailbox’s user. If {signedIn} is the right person, enter it as "Signed-in user" of the account: the user principal name may differ from the mail address.',
      de: 'Wenn sich kein Fenster zur Kontoauswahl geöffnet hat, hat Single Sign-on Sie als Benutzer von Windows oder des Browsers angemeldet: Beginnen Sie in einem privaten Fenster oder einem anderen Browserprofil von vorn, oder melden Sie sich in Windows als Benutzer des Postfachs an. Ist {signedIn} die richtige Person, tragen Sie sie im Konto als „Angemeldeter Benutzer“ ein: Der Benutzerprinzipalname kann von der Mailadresse abweichen.',
    },
  },
  MAIL_OTHER_ACCOUNT: {
    kind: 'credentials',
    message: {
      en: 'The token is of {signedIn}, but the account needs {expected}. Nothing was stored.',
      de: 'Das Token gehört zu {signedIn}, das Konto braucht aber {expected}. Es wurde nichts gespeichert.',
    },
    remedy: {
      en: 'Sign in again as the right person, or enter {signedIn} as "Signed-in user" of the account: the user principal name may differ from the mail address.',
      de: 'Melden Sie sich als die richtige Person erneut an, oder tragen Sie {signedIn} im Konto als „Angemeldeter Benutzer“ ein: Der Benutzerprinzipalname kann von der Mailadresse abweichen.',
    },
  },
  MAIL_OTHER_TENANT: {
    kind: 'credentials',
    message: {
      en: 'The token is of the directory {tenant}, but the application is registered for {expected}. Nothing was stored.',
      de: 'Das Token gehört zum Verzeichnis {tenant}, die Anwendung ist aber für {expected} eingetragen. Es wurde nichts gespeichert.',
    },
    remedy: {
      en: 'Sign in with an account of that directory, or correct the directory (tenant) ID of the application.',
      de: 'Melden Sie sich mit einem Konto dieses Verzeichnisses an, oder berichtigen Sie die Verzeichnis-ID (Mandant) der Anwendung.',
    },
  },
  MAIL_TOKEN_UNREADABLE: {
    kind: 'remote',
    message: {
      en: 'Entra’s answer does not tell whose token it is: {reason}. Nothing was stored.',
      de: 'Die Antwort von Entra sagt nicht, wessen Token es ist: {reason}. Es wurde nichts gespeichert.',
    },
    remedy: {
      en: 'Check this server’s clock and whether a proxy alters answers of the login host, then try again.',
      de: 'Prüfen Sie die Uhr dieses Servers und ob ein Proxy Antworten des Anmeldeservers verändert, und versuchen Sie es erneut.',
    },
  },
  MAIL_RENEWAL_BUSY: {
    kind: 'conflict',
    message: {
      en: 'Other servers have been renewing the sign-in of this account for minutes.',
      de: 'Andere Server erneuern die Anmeldung dieses Kontos seit Minuten.',
    },
    remedy: {
      en: 'Nothing has to be changed; it is tried again by itself.',
      de: 'Es muss nichts geändert werden; es wird von selbst erneut versucht.',
    },
  },
  MAIL_REGISTERED_AS_WEB: {
    kind: 'configuration',
    message: {
      en: 'The application is registered as "Web", but is used without a credential: {entraMessage}',
      de: 'Die Anwendung ist als „Web“ registriert, wird aber ohne Anmeldeinformation verwendet: {entraMessage}',
    },
    remedy: {
      en: 'In Entra, under Authentication, remove the platform "Web", add "Mobile and desktop applications" with the redirect address shown here, and allow public client flows; or store a credential of the application.',
      de: 'Entfernen Sie in Entra unter Authentifizierung die Plattform „Web“, fügen Sie „Mobilgerät- und Desktopanwendungen“ mit der hier gezeigten Umleitungsadresse hinzu und erlauben Sie öffentliche Clientflows; oder speichern Sie eine Anmeldeinformation der Anwendung.',
    },
  },
});
