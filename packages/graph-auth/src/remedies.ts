import type { Text } from '@itsm-m365/plugin-api';
import { delegatedRows } from './remedies-delegated.ts';
import type { AadstsRow } from './remedy-row.ts';

export type { AadstsRow, Acts, EntraCode } from './remedy-row.ts';

const text = (en: string, de: string): Text => ({ en, de });

const consent = text(
  'Open the application’s API permissions in Entra and choose "Grant admin consent".',
  'Öffnen Sie in Entra die API-Berechtigungen der Anwendung und wählen Sie „Administratorzustimmung erteilen“.',
);

const later = text(
  'Nothing has to be changed; it is tried again by itself.',
  'Es muss nichts geändert werden; es wird von selbst erneut versucht.',
);

/** App-only rows; those of a signed-in user are in `remedies-delegated.ts`. */
const appRows: readonly AadstsRow[] = [
  {
    numbers: [700016, 700011, 70001],
    code: 'ENTRA_CONFIGURATION',
    acts: 'entra',
    retry: false,
    cause: text(
      'The application is not in this tenant: wrong client ID or tenant, or never consented to.',
      'Die Anwendung ist in diesem Mandanten nicht vorhanden: falsche Client-ID, falscher Mandant oder nie zugestimmt.',
    ),
    remedy: text(
      'Compare the application (client) ID and the directory (tenant) ID with the application’s overview in Entra, then grant admin consent.',
      'Vergleichen Sie Anwendungs-ID (Client) und Verzeichnis-ID (Mandant) mit der Übersicht der Anwendung in Entra und erteilen Sie dann die Administratorzustimmung.',
    ),
  },
  {
    numbers: [90002, 900023],
    code: 'ENTRA_CONFIGURATION',
    acts: 'operator',
    retry: false,
    cause: text(
      'The tenant was not found: wrong directory ID, or another national cloud.',
      'Der Mandant wurde nicht gefunden: falsche Verzeichnis-ID oder andere nationale Cloud.',
    ),
    remedy: text(
      'Copy the directory (tenant) ID from the overview in Entra, and check that the tenant is in the cloud that is used here.',
      'Kopieren Sie die Verzeichnis-ID (Mandant) aus der Übersicht in Entra und prüfen Sie, ob der Mandant in der Cloud liegt, die hier verwendet wird.',
    ),
  },
  {
    numbers: [90038, 900382, 900432],
    code: 'ENTRA_CONFIGURATION',
    acts: 'operator',
    retry: false,
    cause: text(
      'The tenant belongs to another national cloud.',
      'Der Mandant gehört zu einer anderen nationalen Cloud.',
    ),
    remedy: text(
      'Choose the tenant’s cloud here; where there is no choice, the global cloud alone is served.',
      'Wählen Sie hier die Cloud des Mandanten; wo es keine Auswahl gibt, wird nur die globale Cloud bedient.',
    ),
  },
  {
    numbers: [90112],
    code: 'ENTRA_CONFIGURATION',
    acts: 'operator',
    retry: false,
    cause: text('The client ID is no GUID.', 'Die Client-ID ist keine GUID.'),
    remedy: text(
      'Enter the application (client) ID, not the application’s name.',
      'Tragen Sie die Anwendungs-ID (Client) ein, nicht den Namen der Anwendung.',
    ),
  },
  {
    numbers: [70011, 28000, 28002, 700022],
    code: 'ENTRA_CONFIGURATION',
    acts: 'operator',
    retry: false,
    cause: text(
      'The scope is wrong, or names two resources.',
      'Der Bereich (Scope) ist falsch oder nennt zwei Ressourcen.',
    ),
    remedy: text(
      'One resource per token, ".default" for an application; check the cloud, and report it to support.',
      'Eine Ressource je Token, „.default“ für eine Anwendung; prüfen Sie die Cloud und melden Sie es dem Support.',
    ),
  },
  {
    numbers: [9001023, 90130, 90124, 50194],
    code: 'ENTRA_CONFIGURATION',
    acts: 'operator',
    retry: false,
    cause: text(
      'The request went to /common or /consumers instead of a tenant.',
      'Die Anfrage ging an /common oder /consumers statt an einen Mandanten.',
    ),
    remedy: text('Enter the directory (tenant) ID.', 'Tragen Sie die Verzeichnis-ID (Mandant) ein.'),
  },
  {
    numbers: [500011, 50001, 650057, 650052],
    code: 'ENTRA_CONFIGURATION',
    acts: 'entra',
    retry: false,
    cause: text(
      'The resource is not known in the tenant, or not among the application’s permissions.',
      'Die Ressource ist im Mandanten nicht bekannt oder nicht unter den Berechtigungen der Anwendung.',
    ),
    remedy: text(
      'Add the service to the API permissions of the application (for mail: Office 365 Exchange Online), and check that the tenant subscribes to it and is in the cloud that is used here.',
      'Fügen Sie den Dienst den API-Berechtigungen der Anwendung hinzu (für Mail: Office 365 Exchange Online), und prüfen Sie, ob der Mandant ihn abonniert hat und in der Cloud liegt, die hier verwendet wird.',
    ),
  },
  {
    numbers: [900144, 90014],
    code: 'ENTRA_CONFIGURATION',
    acts: 'operator',
    retry: false,
    cause: text('A field of the request is missing.', 'Ein Feld der Anfrage fehlt.'),
    remedy: text(
      'Check that no field is empty; else report it to support.',
      'Prüfen Sie, ob kein Feld leer ist; melden Sie es sonst dem Support.',
    ),
  },
  {
    numbers: [7000215],
    code: 'ENTRA_CREDENTIAL_REFUSED',
    acts: 'entra',
    retry: false,
    cause: text(
      'The secret is wrong; often it is the secret ID instead of the value.',
      'Das Geheimnis ist falsch; oft wurde die Geheimnis-ID statt des Werts eingetragen.',
    ),
    remedy: text(
      'Create a new secret in Entra, copy its value (not its ID) and store it here.',
      'Erstellen Sie in Entra ein neues Geheimnis, kopieren Sie dessen Wert (nicht die ID) und speichern Sie ihn hier.',
    ),
  },
  {
    numbers: [7000222],
    code: 'ENTRA_CREDENTIAL_REFUSED',
    acts: 'entra',
    retry: false,
    cause: text('The secret has expired.', 'Das Geheimnis ist abgelaufen.'),
    remedy: text(
      'Create a new secret or, better, a certificate, and store it here with its validity.',
      'Erstellen Sie ein neues Geheimnis oder besser ein Zertifikat und speichern Sie es hier mit seiner Gültigkeit.',
    ),
  },
  {
    numbers: [7000218, 7000216, 7000214],
    code: 'ENTRA_CREDENTIAL_REFUSED',
    acts: 'entra',
    retry: false,
    cause: text(
      'No secret and no assertion was sent, but the application is registered as confidential.',
      'Es wurde weder ein Geheimnis noch eine Assertion gesendet, die Anwendung ist aber als vertraulich registriert.',
    ),
    remedy: text(
      'Store a credential, or register the platform "Mobile and desktop applications" and allow public client flows.',
      'Speichern Sie eine Anmeldeinformation, oder registrieren Sie die Plattform „Mobilgerät- und Desktopanwendungen“ und erlauben Sie öffentliche Clientflows.',
    ),
  },
  {
    numbers: [700025],
    code: 'ENTRA_CREDENTIAL_REFUSED',
    acts: 'operator',
    retry: false,
    cause: text(
      'The application is a public client, but a secret was sent.',
      'Die Anwendung ist ein öffentlicher Client, es wurde aber ein Geheimnis gesendet.',
    ),
    remedy: text('Remove the secret here.', 'Entfernen Sie hier das Geheimnis.'),
  },
  {
    numbers: [700027, 700030, 50012],
    code: 'ENTRA_CREDENTIAL_REFUSED',
    acts: 'entra',
    retry: false,
    cause: text(
      'The certificate is not uploaded to this application, or thumbprint, key or clock do not fit.',
      'Das Zertifikat ist bei dieser Anwendung nicht hochgeladen, oder Fingerabdruck, Schlüssel oder Uhr passen nicht.',
    ),
    remedy: text(
      'Upload the certificate to the application in Entra, compare its thumbprint and check this server’s clock.',
      'Laden Sie das Zertifikat bei der Anwendung in Entra hoch, vergleichen Sie seinen Fingerabdruck und prüfen Sie die Uhr dieses Servers.',
    ),
  },
  {
    numbers: [700024, 500133, 50013],
    code: 'ENTRA_CREDENTIAL_REFUSED',
    acts: 'operator',
    retry: false,
    cause: text(
      'The signed assertion is outside its time, or invalid.',
      'Die signierte Assertion liegt außerhalb ihrer Gültigkeit oder ist ungültig.',
    ),
    remedy: text(
      'Set this server’s clock by a time server.',
      'Stellen Sie die Uhr dieses Servers über einen Zeitserver.',
    ),
  },
  {
    numbers: [70021, 700211, 700213, 7002138, 700212],
    code: 'ENTRA_CREDENTIAL_REFUSED',
    acts: 'entra',
    retry: false,
    cause: text(
      'Issuer, subject or audience of the federated assertion do not match; upper and lower case count.',
      'Aussteller, Antragsteller oder Zielgruppe der föderierten Assertion stimmen nicht überein; Groß- und Kleinschreibung zählt.',
    ),
    remedy: text(
      'Compare all three, letter by letter, with the federated credential in Entra.',
      'Vergleichen Sie alle drei Zeichen für Zeichen mit der Verbundanmeldeinformation in Entra.',
    ),
  },
  {
    numbers: [65001, 650056, 90094, 90095, 65005],
    code: 'ENTRA_CONSENT_MISSING',
    acts: 'entra',
    retry: false,
    cause: text(
      'The permissions are listed, but no administrator has consented to them.',
      'Die Berechtigungen sind eingetragen, aber kein Administrator hat ihnen zugestimmt.',
    ),
    remedy: consent,
  },
  {
    numbers: [7000112, 50057],
    code: 'ENTRA_POLICY_BLOCKED',
    acts: 'entra',
    retry: false,
    cause: text('The application or the account is disabled.', 'Die Anwendung oder das Konto ist deaktiviert.'),
    remedy: text(
      'Enable it under Enterprise applications (or Users) in Entra.',
      'Aktivieren Sie sie in Entra unter Unternehmensanwendungen (oder Benutzer).',
    ),
  },
  {
    numbers: [53003, 530032, 53000, 53001, 50097, 50131],
    code: 'ENTRA_POLICY_BLOCKED',
    acts: 'entra',
    retry: false,
    cause: text(
      'A Conditional Access policy blocks the sign-in.',
      'Eine Richtlinie für bedingten Zugriff sperrt die Anmeldung.',
    ),
    remedy: text(
      'Read the sign-in log in Entra (of users or of service principals) and exclude the account, the application or this server’s address.',
      'Lesen Sie in Entra das Anmeldeprotokoll (der Benutzer oder der Dienstprinzipale) und nehmen Sie das Konto, die Anwendung oder die Adresse dieses Servers aus.',
    ),
  },
  {
    numbers: [500021, 500022],
    code: 'ENTRA_POLICY_BLOCKED',
    acts: 'network',
    retry: false,
    cause: text(
      'A proxy adds tenant restrictions that exclude this tenant.',
      'Ein Proxy setzt Mandanteneinschränkungen, die diesen Mandanten ausschließen.',
    ),
    remedy: text(
      'Have the proxy’s administrator allow this tenant for this server.',
      'Lassen Sie diesen Mandanten von der Proxyverwaltung für diesen Server zulassen.',
    ),
  },
  {
    numbers: [50196],
    code: 'ENTRA_UNAVAILABLE',
    acts: 'operator',
    retry: true,
    cause: text('Tokens are requested in a loop.', 'Token werden in einer Schleife angefordert.'),
    remedy: text(
      'Stop other programs that use the same application; it is tried again later by itself.',
      'Halten Sie andere Programme an, die dieselbe Anwendung verwenden; später wird es von selbst erneut versucht.',
    ),
  },
  {
    numbers: [90055, 90024, 90033, 90006, 90012, 50087, 50033, 90020],
    code: 'ENTRA_UNAVAILABLE',
    acts: 'nobody',
    retry: true,
    cause: text('Entra is throttling or out of order for a while.', 'Entra drosselt oder ist vorübergehend gestört.'),
    remedy: later,
  },
];

/** AADSTS numbers with cause, remedy and who acts. Microsoft may change numbers: unknown ones keep Microsoft's text only. */
export const aadstsRows: readonly AadstsRow[] = [...appRows, ...delegatedRows];

const byNumber = new Map(aadstsRows.flatMap((row) => row.numbers.map((number) => [number, row] as const)));

/** The row of a number, or undefined. */
export const aadstsRow = (number: number): AadstsRow | undefined => byNumber.get(number);
