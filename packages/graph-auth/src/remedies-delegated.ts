import type { Text } from '@itsm-m365/plugin-api';
import type { AadstsRow } from './remedy-row.ts';

const text = (en: string, de: string): Text => ({ en, de });

type Short = readonly [numbers: readonly number[], cause: Text, remedy: Text, acts?: AadstsRow['acts']];

const again = text('Sign in again.', 'Melden Sie sich erneut an.');

const rows: readonly Short[] = [
  [
    [65004],
    text('The user declined the consent.', 'Der Benutzer hat die Zustimmung abgelehnt.'),
    text(
      'Sign in again and consent, or have an administrator consent.',
      'Melden Sie sich erneut an und stimmen Sie zu, oder lassen Sie einen Administrator zustimmen.',
    ),
  ],
  [
    [50011, 900971],
    text('The redirect address is not registered exactly so.', 'Die Umleitungsadresse ist nicht genau so registriert.'),
    text(
      'Copy the address shown into the registration, with scheme, port and path.',
      'Übernehmen Sie die angezeigte Adresse mit Schema, Port und Pfad in die Registrierung.',
    ),
    'entra',
  ],
  [
    [9002326],
    text(
      'The redirect address is registered for another platform than the one that redeems the code.',
      'Die Umleitungsadresse ist für eine andere Plattform registriert als die, die den Code einlöst.',
    ),
    text(
      'Register it under "Web" or "Mobile and desktop applications".',
      'Registrieren Sie sie unter „Web“ oder „Mobilgerät- und Desktopanwendungen“.',
    ),
    'entra',
  ],
  [
    [9002325, 501481, 50147, 54005, 70000],
    text(
      'The sign-in was begun elsewhere, used twice, or cut short.',
      'Die Anmeldung wurde anderswo begonnen, doppelt verwendet oder abgebrochen.',
    ),
    text('Begin the sign-in again, in one window.', 'Beginnen Sie die Anmeldung von vorn, in einem Fenster.'),
    'operator',
  ],
  [
    [50126, 50056, 50055, 50144],
    text('The password is wrong or has expired.', 'Das Kennwort ist falsch oder abgelaufen.'),
    text(
      'Stop signing in with a password; use a certificate, or a sign-in in the browser.',
      'Melden Sie sich nicht mehr mit Kennwort an; verwenden Sie ein Zertifikat oder die Anmeldung im Browser.',
    ),
  ],
  [
    [50034, 50020, 51004, 90072],
    text('The account is not in this tenant.', 'Das Konto gehört nicht zu diesem Mandanten.'),
    text('Use the right tenant and account.', 'Verwenden Sie den richtigen Mandanten und das richtige Konto.'),
  ],
  [
    [50053],
    text('The account is locked, or the address is blocked.', 'Das Konto ist gesperrt oder die Adresse blockiert.'),
    text(
      'Stop all attempts, then unlock the account in Entra.',
      'Stoppen Sie alle Versuche und entsperren Sie dann das Konto in Entra.',
    ),
    'entra',
  ],
  [
    [50072, 50074, 50076, 50079, 50078, 50158],
    text('A second factor is needed.', 'Ein zweiter Faktor ist nötig.'),
    text(
      'Sign in once in the browser, or use an application sign-in; do not switch the second factor off.',
      'Melden Sie sich einmal im Browser an oder verwenden Sie eine Anwendungsanmeldung; schalten Sie den zweiten Faktor nicht ab.',
    ),
  ],
  [
    [50105],
    text('The user is not assigned to the application.', 'Der Benutzer ist der Anwendung nicht zugewiesen.'),
    text(
      'Assign the user under Enterprise applications, Users and groups.',
      'Weisen Sie den Benutzer unter Unternehmensanwendungen, Benutzer und Gruppen zu.',
    ),
    'entra',
  ],
  [
    [530035],
    text('Security defaults block the sign-in.', 'Die Sicherheitsstandards sperren die Anmeldung.'),
    text('Use OAuth instead of a password.', 'Verwenden Sie OAuth statt eines Kennworts.'),
    'entra',
  ],
  [
    [700082, 70008],
    text('The stored sign-in was not used for too long.', 'Die gespeicherte Anmeldung wurde zu lange nicht verwendet.'),
    again,
  ],
  [
    [50173, 50132, 50133, 50089],
    text(
      'The password was changed, or sessions were revoked.',
      'Das Kennwort wurde geändert, oder Sitzungen wurden widerrufen.',
    ),
    again,
  ],
  [
    [70043],
    text(
      'A policy asks for a sign-in at short intervals.',
      'Eine Richtlinie verlangt in kurzen Abständen eine Anmeldung.',
    ),
    text(
      'Exclude the service account, or use an application sign-in.',
      'Nehmen Sie das Dienstkonto aus oder verwenden Sie eine Anwendungsanmeldung.',
    ),
    'entra',
  ],
  [
    [70016],
    text(
      'The sign-in with the code has not been finished yet.',
      'Die Anmeldung mit dem Code ist noch nicht abgeschlossen.',
    ),
    text('Finish it in the browser.', 'Schließen Sie sie im Browser ab.'),
  ],
  [
    [70018, 70019, 70020, 90120],
    text('The code is wrong, expired or used.', 'Der Code ist falsch, abgelaufen oder verbraucht.'),
    text('Ask for a new code.', 'Fordern Sie einen neuen Code an.'),
  ],
];

/** Rows for a signed-in user; the mail plugin shows them too. */
export const delegatedRows: readonly AadstsRow[] = rows.map(([numbers, cause, remedy, acts = 'user']) => ({
  numbers,
  code: 'ENTRA_REFUSED',
  acts,
  retry: false,
  cause,
  remedy,
}));
