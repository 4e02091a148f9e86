import type { ApplicationSettings } from '../application-fields.ts';
import * as commands from './commands.ts';
import type { SetupFlow } from './needs.ts';
import { notArrivedYet, type SetupStep, text } from './step.ts';

/** MAIL-15, ADV-22, MAIL-19, MAIL-24, ADV-02. */
export const finishSteps = (flow: SetupFlow): readonly SetupStep[] => [
  {
    id: 'enter',
    title: text('Enter application and account', 'Anwendung und Konto eintragen'),
    acts: 'operator',
    requirement: 'required',
    paths: [
      text(
        'System > Settings > Server > E-Mail Service (ACMP: System > Settings > ACMP Server > E-Mail Service)',
        'System > Einstellungen > Server > E-Mail Service (ACMP: System > Einstellungen > ACMP Server > E-Mail Service)',
      ),
      text(
        'System > Settings > E-Mail-Anbindung > New account, or Change account',
        'System > Einstellungen > E-Mail-Anbindung > Neues Konto oder Konto ändern',
      ),
    ],
    text: text(
      'Enter the IDs under the application and choose it in the account. Leave server and port empty for Exchange Online.',
      'Tragen Sie die IDs bei der Anwendung ein und wählen Sie sie im Konto. Lassen Sie Server und Port für Exchange Online leer.',
    ),
  },
  {
    id: 'wait',
    title: text('Wait until the change has arrived', 'Warten, bis die Änderung angekommen ist'),
    acts: 'nobody',
    requirement: 'recommended',
    text: notArrivedYet,
  },
  ...(flow === 'app-only'
    ? []
    : [
        {
          id: 'sign-in',
          title: text('Sign in once', 'Einmal anmelden'),
          acts: 'user',
          requirement: 'required',
          text: text(
            'Sign in with the account’s "Signed-in user", in a browser window that lets you choose the account. A second factor stays on; it is asked for once.',
            'Melden Sie sich mit dem „Angemeldeten Benutzer“ des Kontos an, in einem Browserfenster, in dem Sie das Konto wählen. Ein zweiter Faktor bleibt eingeschaltet; er wird einmal verlangt.',
          ),
        } as const satisfies SetupStep,
      ]),
  {
    id: 'test',
    title: text('Test the connection', 'Verbindung testen'),
    acts: 'operator',
    requirement: 'required',
    text: text(
      'Choose Test connection in the account: it tells stage by stage what works and whose turn it is.',
      'Wählen Sie im Konto Verbindung testen: Der Test sagt Stufe für Stufe, was geht und wer an der Reihe ist.',
    ),
  },
];

/** What goes wrong on the way: ADV-34 to ADV-36. */
export const troubleSteps = (flow: SetupFlow, application: ApplicationSettings): readonly SetupStep[] => [
  {
    id: 'unknown-parameter',
    title: text('PowerShell does not know a parameter', 'PowerShell kennt einen Parameter nicht'),
    acts: 'exchange',
    requirement: 'if-needed',
    links: ['https://learn.microsoft.com/powershell/'],
    text: text(
      'Install the latest PowerShell and the latest module. Older modules name the parameter -ServiceId instead of -ObjectId.',
      'Installieren Sie die neueste PowerShell und das neueste Modul. Ältere Module nennen den Parameter -ServiceId statt -ObjectId.',
    ),
    ...(flow === 'app-only'
      ? { command: commands.newServicePrincipalOld(application.clientId, application.enterpriseObjectId) }
      : {}),
  },
  {
    id: 'tpm',
    title: text('Windows reports an error of the TPM', 'Windows meldet einen Fehler des TPM'),
    acts: 'nobody',
    requirement: 'if-needed',
    text: text(
      'Ignore the error of the Trusted Platform Module while the commands run; the mailboxes are set up all the same.',
      'Ignorieren Sie den Fehler des Trusted Platform Module während der Befehle; die Postfächer werden trotzdem eingerichtet.',
    ),
  },
  {
    id: 'portal',
    title: text('The Entra portal lacks functions', 'Im Entra-Portal fehlen Funktionen'),
    acts: 'entra',
    requirement: 'if-needed',
    text: text(
      'Reload the page; use the current version of the browser; use a browser of another maker.',
      'Laden Sie die Seite neu; verwenden Sie die aktuelle Version des Browsers; verwenden Sie einen Browser eines anderen Herstellers.',
    ),
  },
];
