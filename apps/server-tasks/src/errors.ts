import { defineErrors } from '@itsm-m365/plugin-api';

/** Errors of the core: registration, runs, settings, HTTP. */
export const taskErrors = defineErrors({
  PLUGIN_LOAD_FAILED: {
    kind: 'configuration',
    message: {
      en: 'The plugin package "{package}" could not be loaded: {cause}.',
      de: 'Das Plugin-Paket „{package}“ konnte nicht geladen werden: {cause}.',
    },
    remedy: {
      en: 'Install the package "{package}" beside the host, or remove its name from the list of plugins.',
      de: 'Das Paket „{package}“ neben dem Host installieren oder seinen Namen aus der Plugin-Liste entfernen.',
    },
  },
  PLUGIN_EXPORT_MISSING: {
    kind: 'configuration',
    message: {
      en: 'The package "{package}" has no export "{export}".',
      de: 'Das Paket „{package}“ hat keinen Export „{export}“.',
    },
    remedy: {
      en: 'Export the plugin under the name computed from its id: "m365-import" becomes "m365ImportPlugin".',
      de: 'Das Plugin unter dem aus seiner Id gebildeten Namen exportieren: aus „m365-import“ wird „m365ImportPlugin“.',
    },
  },
  PLUGIN_API_VERSION: {
    kind: 'configuration',
    message: {
      en: 'The plugin "{plugin}" is written for version {version} of the contract; this core speaks version {expected}.',
      de: 'Das Plugin „{plugin}“ ist für Version {version} des Vertrags geschrieben; dieser Kern spricht Version {expected}.',
    },
    remedy: {
      en: 'Install a version of "{plugin}" that fits this core.',
      de: 'Eine Version von „{plugin}“ installieren, die zu diesem Kern passt.',
    },
  },
  PLUGIN_ID_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The id "{id}" of a {what} of plugin "{plugin}" is not in kebab case.',
      de: 'Die Id „{id}“ ({what}) des Plugins „{plugin}“ ist nicht in Kebab-Schreibweise.',
    },
    remedy: {
      en: 'Use lower case letters, digits and single hyphens: "m365-import", "m365-import.import-licences".',
      de: 'Kleinbuchstaben, Ziffern und einzelne Bindestriche verwenden: „m365-import“, „m365-import.import-licences“.',
    },
  },
  PLUGIN_DUPLICATE: {
    kind: 'configuration',
    message: {
      en: 'The plugin "{plugin}" is given more than once.',
      de: 'Das Plugin „{plugin}“ ist mehrfach angegeben.',
    },
    remedy: { en: 'Name "{plugin}" once.', de: '„{plugin}“ nur einmal nennen.' },
  },
  PLUGIN_REQUIRES_MISSING: {
    kind: 'configuration',
    message: {
      en: 'The plugin "{plugin}" requires "{required}", which is not there or did not start.',
      de: 'Das Plugin „{plugin}“ benötigt „{required}“, das fehlt oder nicht gestartet ist.',
    },
    remedy: {
      en: 'Add "{required}" to the plugins, or mend the reason it is listed with.',
      de: '„{required}“ zu den Plugins hinzufügen oder den dort genannten Grund beheben.',
    },
  },
  PLUGIN_REQUIRES_CYCLE: {
    kind: 'configuration',
    message: {
      en: 'The plugin "{plugin}" requires itself by way of {path}.',
      de: 'Das Plugin „{plugin}“ benötigt sich selbst über {path}.',
    },
    remedy: { en: 'Break the circle of requirements.', de: 'Den Kreis der Anforderungen auflösen.' },
  },
  PLUGIN_ID_NOT_PREFIXED: {
    kind: 'configuration',
    message: {
      en: 'The {what} "{id}" of plugin "{plugin}" does not begin with "{plugin}.".',
      de: '{what} „{id}“ des Plugins „{plugin}“ beginnt nicht mit „{plugin}.“.',
    },
    remedy: { en: 'Name it "{plugin}.…".', de: '„{plugin}.…“ als Namen verwenden.' },
  },
  PLUGIN_ID_TAKEN: {
    kind: 'configuration',
    message: {
      en: 'The {what} "{id}" of plugin "{plugin}" is already defined by "{owner}".',
      de: '{what} „{id}“ des Plugins „{plugin}“ ist bereits von „{owner}“ definiert.',
    },
    remedy: { en: 'Choose another id.', de: 'Eine andere Id wählen.' },
  },
  PLUGIN_ID_REMOVED: {
    kind: 'configuration',
    message: {
      en: 'The {what} "{id}" of plugin "{plugin}" was removed: {reason}.',
      de: '{what} „{id}“ des Plugins „{plugin}“ wurde entfernt: {reason}.',
    },
    remedy: {
      en: 'Update the plugin, or choose an id that was never used.',
      de: 'Das Plugin aktualisieren oder eine nie benutzte Id wählen.',
    },
  },
  PLUGIN_SCHEMA_FAILED: {
    kind: 'configuration',
    message: {
      en: 'The tables of plugin "{plugin}" could not be brought up to date: {cause}',
      de: 'Die Tabellen des Plugins „{plugin}“ konnten nicht auf den Stand gebracht werden: {cause}',
    },
    remedy: {
      en: 'Run the migrations with an account that may change the schema, or have a DBA run the script of `migrate: "script"`.',
      de: 'Die Migrationen mit einem Konto ausführen, das das Schema ändern darf, oder das Skript von `migrate: "script"` von der Datenbankverwaltung ausführen lassen.',
    },
  },
  SCHEDULE_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The schedule of task "{task}" is not valid: {problem}.',
      de: 'Die Startbedingung der Aufgabe „{task}“ ist ungültig: {problem}.',
    },
    remedy: {
      en: 'Give an interval of 1 to 527040 minutes, a time of day such as "03:30" with an IANA zone such as "Europe/Berlin", or a cron expression of five fields.',
      de: 'Ein Intervall von 1 bis 527040 Minuten, eine Uhrzeit wie „03:30“ mit IANA-Zone wie „Europe/Berlin“ oder einen Cron-Ausdruck mit fünf Feldern angeben.',
    },
  },
  TASK_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no task "{task}".', de: 'Es gibt keine Aufgabe „{task}“.' },
    remedy: {
      en: 'Choose a task from the list of tasks; a plugin that did not start is listed with its reason.',
      de: 'Eine Aufgabe aus der Liste wählen; ein nicht gestartetes Plugin ist mit seinem Grund aufgeführt.',
    },
  },
  TASK_HELD_AFTER_RESTORE: {
    kind: 'conflict',
    message: {
      en: 'The task "{task}" is held: the database was restored, and what the task would send or fetch may have been done since the backup.',
      de: 'Die Aufgabe „{task}“ ist angehalten: Die Datenbank wurde wiederhergestellt, und was die Aufgabe senden oder abholen würde, ist seit der Sicherung vielleicht schon geschehen.',
    },
    remedy: {
      en: 'Look at the cursors of the restored mode and release them; a missed start is made up for once.',
      de: 'Die Lesestände des Wiederherstellungsmodus ansehen und freigeben; ein verpasster Start wird einmal nachgeholt.',
    },
  },
  NOT_RESTORED: {
    kind: 'conflict',
    message: { en: 'Restored mode is not on.', de: 'Der Wiederherstellungsmodus ist nicht aktiv.' },
    remedy: {
      en: 'Nothing needs to be released; somebody may have done so.',
      de: 'Es ist nichts freizugeben; vielleicht hat es schon jemand getan.',
    },
  },
  RESTORED_CHANGED: {
    kind: 'conflict',
    message: {
      en: 'What is held is no longer what was shown; nothing was released.',
      de: 'Was angehalten ist, ist nicht mehr, was angezeigt wurde; nichts wurde freigegeben.',
    },
    remedy: {
      en: 'Look at the restored mode again, and release what it shows now.',
      de: 'Den Wiederherstellungsmodus erneut ansehen und freigeben, was er jetzt zeigt.',
    },
  },
  RESTORED_NOT_HELD: {
    kind: 'configuration',
    message: {
      en: 'Restored mode holds no "{item}" of plugin "{plugin}".',
      de: 'Der Wiederherstellungsmodus hält kein „{item}“ des Plugins „{plugin}“ an.',
    },
    remedy: {
      en: 'Name a plugin and an item as the restored mode shows them, or neither to release everything.',
      de: 'Plugin und Eintrag so nennen, wie der Wiederherstellungsmodus sie zeigt, oder keines von beiden, um alles freizugeben.',
    },
  },
  RESTORED_UNREADABLE: {
    kind: 'conflict',
    message: {
      en: 'The cursors of {plugins} cannot be read, so nobody can have seen what a release would let go on.',
      de: 'Die Lesestände von {plugins} sind nicht lesbar; niemand kann gesehen haben, was eine Freigabe weiterlaufen ließe.',
    },
    remedy: {
      en: 'See the log of the server for the reason, mend it, and look again.',
      de: 'Die Ursache im Server-Protokoll nachsehen, beheben und erneut ansehen.',
    },
  },
  RUN_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no run "{run}".', de: 'Es gibt keinen Lauf „{run}“.' },
    remedy: { en: 'Choose a run from the list of runs.', de: 'Einen Lauf aus der Liste wählen.' },
  },
  RUN_CANCELLED: {
    kind: 'conflict',
    message: { en: 'The run was cancelled.', de: 'Der Lauf wurde abgebrochen.' },
    remedy: { en: 'Start the task again when it suits.', de: 'Die Aufgabe bei Bedarf erneut starten.' },
  },
  RUN_TIMED_OUT: {
    kind: 'conflict',
    message: {
      en: 'The run took longer than {minutes} minutes and was stopped.',
      de: 'Der Lauf dauerte länger als {minutes} Minuten und wurde angehalten.',
    },
    remedy: {
      en: 'Look in the run log for what was slow, or raise the time limit of the task.',
      de: 'Im Protokoll des Laufs nach der Ursache sehen oder das Zeitlimit der Aufgabe erhöhen.',
    },
  },
  SHUTTING_DOWN: {
    kind: 'conflict',
    status: 503,
    message: { en: 'The server is shutting down.', de: 'Der Server wird beendet.' },
    remedy: { en: 'Try again in a moment.', de: 'Gleich noch einmal versuchen.' },
  },
  NOT_READY: {
    kind: 'network',
    status: 503,
    message: {
      en: 'The server cannot serve requests now: its database does not answer, or it is shutting down.',
      de: 'Der Server kann zurzeit keine Anfragen bearbeiten: Die Datenbank antwortet nicht, oder er wird beendet.',
    },
    remedy: {
      en: 'Look at the database and at the log of the server.',
      de: 'Datenbank und Server-Protokoll ansehen.',
    },
  },
  LEASE_LOST: {
    kind: 'conflict',
    message: {
      en: 'Another node has taken over "{item}" of task "{task}"; nothing more is published here.',
      de: 'Ein anderer Knoten hat „{item}“ der Aufgabe „{task}“ übernommen; hier wird nichts mehr veröffentlicht.',
    },
    remedy: {
      en: 'Nothing needs to be done; if it happens often, look at the load and the database connection of this node.',
      de: 'Es ist nichts zu tun; tritt es häufig auf, Auslastung und Datenbankverbindung dieses Knotens prüfen.',
    },
  },
  INTERNAL: {
    kind: 'internal',
    message: {
      en: 'Something went wrong inside the product. It is logged as {id}.',
      de: 'Im Produkt ist ein Fehler aufgetreten. Er ist unter {id} protokolliert.',
    },
    remedy: {
      en: 'Look for {id} in the log of the server and report it with its stack.',
      de: 'Im Server-Protokoll nach {id} suchen und den Eintrag melden.',
    },
  },
  UNAUTHENTICATED: {
    kind: 'configuration',
    status: 401,
    message: { en: 'Nobody is signed in.', de: 'Niemand ist angemeldet.' },
    remedy: { en: 'Sign in and try again.', de: 'Anmelden und erneut versuchen.' },
  },
  FORBIDDEN: {
    kind: 'configuration',
    status: 403,
    message: {
      en: 'The permission "{permission}" is missing.',
      de: 'Das Recht „{permission}“ fehlt.',
    },
    remedy: {
      en: 'Have an administrator grant "{permission}".',
      de: 'Eine Administratorin oder einen Administrator um „{permission}“ bitten.',
    },
  },
  NOT_FOUND: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is nothing at "{path}".', de: 'Unter „{path}“ ist nichts vorhanden.' },
    remedy: { en: 'Check the address.', de: 'Die Adresse prüfen.' },
  },
  SECTION_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There are no settings "{section}".', de: 'Es gibt keine Einstellungen „{section}“.' },
    remedy: { en: 'Choose a section from the list of settings.', de: 'Einen Abschnitt aus der Liste wählen.' },
  },
  SETTINGS_ITEM_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no "{id}" in "{section}".', de: 'In „{section}“ gibt es kein „{id}“.' },
    remedy: {
      en: 'Read the list again; somebody may have removed it.',
      de: 'Die Liste neu laden; der Eintrag wurde vielleicht entfernt.',
    },
  },
  SETTINGS_CHANGED: {
    kind: 'conflict',
    message: {
      en: 'Somebody else has changed "{id}" of "{section}" in the meantime.',
      de: '„{id}“ in „{section}“ wurde inzwischen von anderer Seite geändert.',
    },
    remedy: {
      en: 'Read it again, and enter the change once more.',
      de: 'Neu laden und die Änderung noch einmal eingeben.',
    },
  },
  SETTINGS_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The settings "{section}" are not valid: {fields}.',
      de: 'Die Einstellungen „{section}“ sind ungültig: {fields}.',
    },
    remedy: {
      en: 'Correct the fields named, and save again.',
      de: 'Die genannten Felder berichtigen und erneut speichern.',
    },
  },
  SETTINGS_NOT_TESTABLE: {
    kind: 'configuration',
    status: 404,
    message: {
      en: 'The settings "{section}" have no test.',
      de: 'Für die Einstellungen „{section}“ gibt es keinen Test.',
    },
    remedy: { en: 'Save them without a test.', de: 'Ohne Test speichern.' },
  },
  SETTINGS_WRONG_KIND: {
    kind: 'configuration',
    status: 404,
    message: {
      en: 'The settings "{section}" are not a {kind}.',
      de: 'Die Einstellungen „{section}“ sind nicht vom Typ {kind}.',
    },
    remedy: {
      en: 'Use the address that the list of settings shows.',
      de: 'Die in der Liste gezeigte Adresse verwenden.',
    },
  },
  INPUT_INVALID: {
    kind: 'configuration',
    message: { en: 'The input is not valid: {fields}.', de: 'Die Eingabe ist ungültig: {fields}.' },
    remedy: { en: 'Correct the fields named.', de: 'Die genannten Felder berichtigen.' },
  },
  REQUEST_MALFORMED: {
    kind: 'configuration',
    status: 400,
    message: {
      en: 'The request cannot be read: {problem}.',
      de: 'Die Anfrage ist nicht lesbar: {problem}.',
    },
    remedy: { en: 'Send valid JSON in UTF-8.', de: 'Gültiges JSON in UTF-8 senden.' },
  },
  BODY_TOO_LARGE: {
    kind: 'configuration',
    status: 413,
    message: {
      en: 'The body of the request is larger than {limit} bytes.',
      de: 'Der Inhalt der Anfrage ist größer als {limit} Byte.',
    },
    remedy: { en: 'Send less at once.', de: 'Weniger auf einmal senden.' },
  },
  MEDIA_TYPE_UNSUPPORTED: {
    kind: 'configuration',
    status: 415,
    message: {
      en: 'The body of the request is not application/json.',
      de: 'Der Inhalt der Anfrage ist nicht application/json.',
    },
    remedy: {
      en: 'Send JSON with the header "Content-Type: application/json".',
      de: 'JSON mit dem Header „Content-Type: application/json“ senden.',
    },
  },
  TOO_MANY_STREAMS: {
    kind: 'conflict',
    status: 429,
    message: {
      en: 'More than {limit} progress streams are open.',
      de: 'Mehr als {limit} Fortschrittsströme sind geöffnet.',
    },
    remedy: {
      en: 'Close a page that shows progress, or poll the run.',
      de: 'Eine Seite mit Fortschrittsanzeige schließen oder den Lauf abfragen.',
    },
  },
  ADDRESS_REFUSED: {
    kind: 'network',
    message: {
      en: 'The host "{host}" leads to {address}, which is a loopback, link-local or private address.',
      de: 'Der Host „{host}“ führt zu {address}, einer Loopback-, Link-Local- oder privaten Adresse.',
    },
    remedy: {
      en: 'Check the host name; where the address is meant, give the host product an `http` dispatcher that allows it.',
      de: 'Den Hostnamen prüfen; ist die Adresse gewollt, dem Host-Produkt einen `http`-Dispatcher geben, der sie zulässt.',
    },
  },
});
