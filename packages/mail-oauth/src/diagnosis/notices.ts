import { defineNotices } from '@itsm-m365/plugin-api';

/** What the diagnosis warns of while everything works. */
export const diagnosisNotices = defineNotices({
  MAIL_READS_EVERY_MAILBOX: {
    severity: 'warning',
    message: {
      en: 'The token of this application can read every mailbox of the directory: {roles}.',
      de: 'Das Token dieser Anwendung kann jedes Postfach des Verzeichnisses lesen: {roles}.',
    },
    remedy: {
      en: 'Remove these application permissions in Entra and give the application a role for its mailboxes by RBAC for Applications in Exchange; the set-up help shows the commands. Permissions add up: a role limits nothing while the permission stays.',
      de: 'Entfernen Sie diese Anwendungsberechtigungen in Entra und geben Sie der Anwendung über RBAC für Anwendungen in Exchange eine Rolle für ihre Postfächer; die Einrichtungshilfe zeigt die Befehle. Berechtigungen summieren sich: Eine Rolle begrenzt nichts, solange die Berechtigung bleibt.',
    },
  },
  MAIL_CLAIMS_UNEXPECTED: {
    severity: 'warning',
    message: {
      en: 'The token says something else than the account: {causesEn}',
      de: 'Das Token sagt etwas anderes als das Konto: {causesDe}',
    },
    remedy: { en: '{remediesEn}', de: '{remediesDe}' },
  },
  MAIL_CLAIMS_UNREADABLE: {
    severity: 'info',
    message: {
      en: 'The token cannot be read here; Exchange decides about it.',
      de: 'Das Token ist hier nicht lesbar; Exchange entscheidet darüber.',
    },
  },
});
