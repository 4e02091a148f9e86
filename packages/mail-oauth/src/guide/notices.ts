import { defineNotices } from '@itsm-m365/plugin-api';

/** What an account with a password is told; MAIL-01. */
export const passwordNotices = defineNotices({
  MAIL_PASSWORD_OFF: {
    severity: 'warning',
    message: {
      en: 'Exchange Online takes no passwords for {protocols} since {since}; this account will not work.',
      de: 'Exchange Online nimmt für {protocols} seit {since} keine Kennwörter an; dieses Konto wird nicht funktionieren.',
    },
    remedy: {
      en: 'Switch the account to OAuth2; its place in the mailbox is kept.',
      de: 'Stellen Sie das Konto auf OAuth2 um; seine Stelle im Postfach bleibt erhalten.',
    },
  },
  MAIL_PASSWORD_ENDS: {
    severity: 'warning',
    message: {
      en: 'Microsoft switches passwords for sending by SMTP off by default at the end of December 2026 ({until}), and says in the second half of 2027 when they end for good.',
      de: 'Microsoft schaltet Kennwörter für das Senden über SMTP Ende Dezember 2026 ({until}) standardmäßig aus und nennt in der zweiten Hälfte von 2027 das endgültige Ende.',
    },
    remedy: {
      en: 'Switch the account to OAuth2 before that day; its outbox is kept.',
      de: 'Stellen Sie das Konto vor diesem Tag auf OAuth2 um; sein Postausgang bleibt erhalten.',
    },
  },
  MAIL_PASSWORD_OFF_BY_DEFAULT: {
    severity: 'warning',
    message: {
      en: 'Passwords for sending by SMTP are off by default since {since}; an administrator can switch them on again until Microsoft ends them, as announced for the second half of 2027.',
      de: 'Kennwörter für das Senden über SMTP sind seit {since} standardmäßig aus; ein Administrator kann sie wieder einschalten, bis Microsoft sie beendet, wie für die zweite Hälfte von 2027 angekündigt.',
    },
    remedy: {
      en: 'Switch the account to OAuth2; its outbox is kept.',
      de: 'Stellen Sie das Konto auf OAuth2 um; sein Postausgang bleibt erhalten.',
    },
  },
});
