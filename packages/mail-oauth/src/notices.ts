import { defineNotices } from '@itsm-m365/plugin-api';

/** What is said of accounts apart from single messages. */
export const accountNotices = defineNotices({
  MAIL_NO_TICKETS: {
    severity: 'info',
    message: {
      en: 'This host takes no mail, so none is fetched for {account}.',
      de: 'Dieser Host nimmt keine Mail an, daher wird für {account} keine abgeholt.',
    },
  },
  MAIL_ACCOUNT_SKIPPED: {
    severity: 'info',
    message: {
      en: 'The mail account {account} is switched off or gone.',
      de: 'Das Mailkonto {account} ist ausgeschaltet oder nicht mehr vorhanden.',
    },
  },
  MAIL_SIGN_IN_NEEDED: {
    severity: 'error',
    message: {
      en: 'The sign-in of {user} for the mail account {account} is no longer valid: {cause}',
      de: 'Die Anmeldung von {user} für das Mailkonto {account} gilt nicht mehr: {cause}',
    },
    remedy: {
      en: 'Sign in again in the account. Cursor and queue stay as they are, and nothing else has to be entered again.',
      de: 'Melden Sie sich im Konto erneut an. Cursor und Warteschlange bleiben, und sonst muss nichts neu eingegeben werden.',
    },
  },
  MAIL_CHECK_FAILED: {
    severity: 'error',
    message: {
      en: 'The check of the mail account {account} failed at "{stageEn}": {causeEn}',
      de: 'Die Prüfung des Mailkontos {account} ist bei „{stageDe}“ fehlgeschlagen: {causeDe}',
    },
    remedy: {
      en: 'Open the account and test the connection; the test names what to do and who has to do it.',
      de: 'Öffnen Sie das Konto und testen Sie die Verbindung; der Test nennt, was zu tun ist und von wem.',
    },
  },
  MAIL_FETCH_STALE: {
    severity: 'warning',
    message: {
      en: 'No mail was fetched for {account} for {hours} hours.',
      de: 'Für {account} wurde seit {hours} Stunden keine Mail abgeholt.',
    },
    remedy: {
      en: 'Look at the last run of the task, and test the connection of the account.',
      de: 'Sehen Sie sich den letzten Lauf der Aufgabe an und testen Sie die Verbindung des Kontos.',
    },
  },
});
