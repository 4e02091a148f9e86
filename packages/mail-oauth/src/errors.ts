import { defineErrors } from '@itsm-m365/plugin-api';

/** What can be wrong with an account before any server is asked. */
export const accountErrors = defineErrors({
  MAIL_ACCOUNT_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no mail account {account}.', de: 'Es gibt kein Mailkonto {account}.' },
    remedy: {
      en: 'Choose an account from the list; it may have been deleted meanwhile.',
      de: 'Wählen Sie ein Konto aus der Liste; es wurde möglicherweise inzwischen gelöscht.',
    },
  },
  MAIL_APPLICATION_UNKNOWN: {
    kind: 'configuration',
    message: {
      en: 'The account {account} names no application, or one that no longer exists; without a registered application no mail goes in or out.',
      de: 'Das Konto {account} nennt keine oder eine nicht mehr vorhandene Anwendung; ohne registrierte Anwendung wird keine Mail abgeholt oder gesendet.',
    },
    remedy: {
      en: 'Register an application in Entra, enter it under mail applications, and choose it in the account.',
      de: 'Registrieren Sie eine Anwendung in Entra, tragen Sie sie unter Mail-Anwendungen ein und wählen Sie sie im Konto.',
    },
  },
  MAIL_PASSWORD_MISSING: {
    kind: 'credentials',
    message: {
      en: 'The account {account} has no password stored.',
      de: 'Für das Konto {account} ist kein Kennwort hinterlegt.',
    },
    remedy: {
      en: 'Enter the password in the account, or switch it to OAuth2.',
      de: 'Tragen Sie das Kennwort im Konto ein oder stellen Sie es auf OAuth2 um.',
    },
  },
  MAIL_NOT_RECEIVING: {
    kind: 'configuration',
    message: { en: 'The account {account} fetches no mail.', de: 'Das Konto {account} holt keine Mail ab.' },
    remedy: {
      en: 'Choose a protocol under incoming mail.',
      de: 'Wählen Sie unter Posteingang ein Protokoll.',
    },
  },
  MAIL_NOT_SENDING: {
    kind: 'configuration',
    message: { en: 'The account {account} sends no mail.', de: 'Das Konto {account} sendet keine Mail.' },
    remedy: {
      en: 'Choose a protocol under outgoing mail.',
      de: 'Wählen Sie unter Postausgang ein Protokoll.',
    },
  },
});
