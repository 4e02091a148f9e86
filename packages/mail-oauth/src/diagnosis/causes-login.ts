import { type Cause, text } from './row.ts';

/** MAIL-24, ADV-02: shown wherever a change in Entra or Exchange may not have arrived. */
export const notArrived: Cause = {
  id: 'replication',
  acts: 'nobody',
  cause: text(
    'A change in Entra or Exchange was made a short time ago and has not arrived everywhere.',
    'Eine Änderung in Entra oder Exchange liegt kurz zurück und ist noch nicht überall angekommen.',
  ),
  remedy: text(
    'Wait some minutes, rarely hours, then test again with a new token.',
    'Warten Sie einige Minuten, selten Stunden, und testen Sie dann mit einem neuen Token.',
  ),
};

export const wrongAudience: Cause = {
  id: 'audience',
  acts: 'operator',
  cause: text(
    'The token is for another service, such as Microsoft Graph.',
    'Das Token gilt für einen anderen Dienst, etwa Microsoft Graph.',
  ),
  remedy: text(
    'Sign in again here, or have a new token fetched, so that it is asked for Exchange (https://outlook.office365.com).',
    'Melden Sie sich hier erneut an oder lassen Sie ein neues Token holen, damit es für Exchange (https://outlook.office365.com) angefordert wird.',
  ),
};

/** ADV-32. */
export const noConsent: Cause = {
  id: 'consent',
  acts: 'entra',
  cause: text(
    'The permission is missing in Entra, or no administrator has consented to it.',
    'Die Berechtigung fehlt in Entra, oder kein Administrator hat ihr zugestimmt.',
  ),
  remedy: text(
    'Open Identity > Applications > App registrations > your application > API permissions; where a warning icon is shown, choose "Grant admin consent for …".',
    'Öffnen Sie Identität > Anwendungen > App-Registrierungen > Ihre Anwendung > API-Berechtigungen; wird ein Warnsymbol angezeigt, wählen Sie „Administratorzustimmung für … erteilen“.',
  ),
};

/** ADV-33, MAIL-13. */
export const protocolOff: Cause = {
  id: 'protocol',
  acts: 'exchange',
  cause: text(
    'IMAP, POP or authenticated SMTP is switched off for the mailbox.',
    'IMAP, POP oder authentifiziertes SMTP ist für das Postfach ausgeschaltet.',
  ),
  remedy: text(
    'Open https://admin.microsoft.com, Users > Active users > mailbox > Mail > Manage email apps, and switch on "IMAP", "POP" and "Authenticated SMTP".',
    'Öffnen Sie https://admin.microsoft.com, Benutzer > Aktive Benutzer > Postfach > E-Mail > E-Mail-Apps verwalten, und schalten Sie „IMAP“, „POP“ und „Authentifiziertes SMTP“ ein.',
  ),
};

export const noServicePrincipal: Cause = {
  id: 'service-principal',
  acts: 'exchange',
  cause: text(
    'Application sign-in: Exchange does not know the application, or knows it by the object ID of the app registration.',
    'Anwendungsanmeldung: Exchange kennt die Anwendung nicht oder unter der Objekt-ID der App-Registrierung.',
  ),
  remedy: text(
    'Run New-ServicePrincipal with the application ID and the object ID of the enterprise application.',
    'Führen Sie New-ServicePrincipal mit der Anwendungs-ID und der Objekt-ID der Unternehmensanwendung aus.',
  ),
};

export const noMailboxRight: Cause = {
  id: 'mailbox-right',
  acts: 'exchange',
  cause: text(
    'The application, or the signed-in person, has no full access to the mailbox.',
    'Die Anwendung oder die angemeldete Person hat keinen Vollzugriff auf das Postfach.',
  ),
  remedy: text(
    'Run Add-MailboxPermission with -AccessRights FullAccess for this mailbox.',
    'Führen Sie Add-MailboxPermission mit -AccessRights FullAccess für dieses Postfach aus.',
  ),
};

export const wrongUserName: Cause = {
  id: 'user-name',
  acts: 'operator',
  cause: text(
    'The user name is not the sign-in name (UPN) of the account; a mail address may differ from it.',
    'Der Benutzername ist nicht der Anmeldename (UPN) des Kontos; eine Mailadresse kann davon abweichen.',
  ),
  remedy: text(
    'Enter the user principal name as Entra shows it.',
    'Tragen Sie den Benutzerprinzipalnamen ein, wie Entra ihn anzeigt.',
  ),
};

export const wrongPassword: Cause = {
  id: 'password',
  acts: 'user',
  cause: text(
    'An account with a password: user name or password is wrong.',
    'Ein Konto mit Kennwort: Benutzername oder Kennwort ist falsch.',
  ),
  remedy: text(
    'Enter both again; for Exchange Online switch the account to OAuth2.',
    'Tragen Sie beides neu ein; stellen Sie das Konto für Exchange Online auf OAuth2 um.',
  ),
};

export const sharedLogin: Cause = {
  id: 'shared-login',
  acts: 'operator',
  cause: text(
    'The SMTP login is a shared mailbox without a licence, which Exchange refuses.',
    'Die SMTP-Anmeldung ist ein freigegebenes Postfach ohne Lizenz, das Exchange ablehnt.',
  ),
  remedy: text(
    'Enter the person with access as SMTP login and the shared mailbox as sender (From).',
    'Tragen Sie die Person mit Zugriff als SMTP-Anmeldung und das freigegebene Postfach als Absender (From) ein.',
  ),
};
