import { defineErrors } from '@itsm-m365/plugin-api';

/** Errors of the reference host itself: start, secrets, sign-in. */
export const hostErrors = defineErrors({
  ARGUMENT_UNKNOWN: {
    kind: 'configuration',
    message: { en: 'An argument is not known: {message}', de: 'Ein Argument ist nicht bekannt: {message}' },
    remedy: { en: 'Run with --help to see the arguments.', de: 'Mit --help aufrufen, um die Argumente zu sehen.' },
  },
  ARGUMENT_WRONG: {
    kind: 'configuration',
    message: {
      en: 'The value "{value}" of {name} is not one of: {expected}.',
      de: 'Der Wert „{value}“ von {name} ist keiner von: {expected}.',
    },
    remedy: { en: 'Run with --help to see the arguments.', de: 'Mit --help aufrufen, um die Argumente zu sehen.' },
  },
  ENVIRONMENT_INCOMPLETE: {
    kind: 'configuration',
    message: {
      en: 'The environment names a tenant, but {missing} is missing.',
      de: 'Die Umgebung nennt einen Mandanten, aber {missing} fehlt.',
    },
    remedy: {
      en: 'Set M365_TENANT_ID, M365_CLIENT_ID and either M365_CLIENT_SECRET with M365_CLIENT_SECRET_EXPIRES (YYYY-MM-DD) or M365_CERTIFICATE_FILE with M365_KEY_FILE; or none of them to use the simulator.',
      de: 'M365_TENANT_ID, M365_CLIENT_ID und entweder M365_CLIENT_SECRET mit M365_CLIENT_SECRET_EXPIRES (JJJJ-MM-TT) oder M365_CERTIFICATE_FILE mit M365_KEY_FILE setzen; oder keine davon, um den Simulator zu benutzen.',
    },
  },
  PORT_IN_USE: {
    kind: 'configuration',
    message: { en: 'Port {port} is already in use.', de: 'Port {port} wird bereits benutzt.' },
    remedy: { en: 'Choose another with --port.', de: 'Mit --port einen anderen wählen.' },
  },
  SECRETS_KEY_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The key for stored secrets is not 32 bytes in base64.',
      de: 'Der Schlüssel für gespeicherte Geheimnisse besteht nicht aus 32 Bytes in Base64.',
    },
    remedy: {
      en: 'Make one with: openssl rand -base64 32',
      de: 'Einen erzeugen mit: openssl rand -base64 32',
    },
  },
  SECRETS_KEY_READABLE: {
    kind: 'configuration',
    message: {
      en: 'The key file {file} can be read by others than its owner.',
      de: 'Die Schlüsseldatei {file} kann von anderen als ihrem Besitzer gelesen werden.',
    },
    remedy: { en: 'Run: chmod 600 {file}', de: 'Ausführen: chmod 600 {file}' },
  },
  BACKUP_BY_SERVER: {
    kind: 'configuration',
    message: {
      en: 'The database is on SQL Server, which backs it up and restores it itself.',
      de: 'Die Datenbank liegt auf SQL Server, der sie selbst sichert und wiederherstellt.',
    },
    remedy: {
      en: 'Use BACKUP DATABASE and RESTORE DATABASE as in docs/backup-and-restore.md; a restore is noticed at the next look.',
      de: 'BACKUP DATABASE und RESTORE DATABASE wie in docs/backup-and-restore.md verwenden; eine Wiederherstellung wird beim nächsten Blick bemerkt.',
    },
  },
  BACKUP_FOLDER_TAKEN: {
    kind: 'configuration',
    message: {
      en: 'The folder {folder} holds a backup already.',
      de: 'Der Ordner {folder} enthält bereits eine Sicherung.',
    },
    remedy: { en: 'Name a folder of its own for each backup.', de: 'Für jede Sicherung einen eigenen Ordner nennen.' },
  },
  BACKUP_MISSING: {
    kind: 'configuration',
    message: {
      en: 'There is no backup in {folder}, or it was not finished: backup.json cannot be read.',
      de: 'In {folder} ist keine Sicherung, oder sie wurde nicht beendet: backup.json ist nicht lesbar.',
    },
    remedy: { en: 'Name the folder given to --backup.', de: 'Den bei --backup genannten Ordner angeben.' },
  },
  BACKUP_DAMAGED: {
    kind: 'configuration',
    message: {
      en: 'The file {file} of the backup is not as it was written.',
      de: 'Die Datei {file} der Sicherung ist nicht, wie sie geschrieben wurde.',
    },
    remedy: {
      en: 'Use another backup; nothing was changed.',
      de: 'Eine andere Sicherung verwenden; nichts wurde geändert.',
    },
  },
  RESTORE_UNFINISHED: {
    kind: 'configuration',
    message: {
      en: 'A restore was begun in this data folder and not finished.',
      de: 'In diesem Datenordner wurde eine Wiederherstellung begonnen und nicht beendet.',
    },
    remedy: {
      en: 'Run it again: --restore {folder}',
      de: 'Sie erneut ausführen: --restore {folder}',
    },
  },
  SECRET_UNREADABLE: {
    kind: 'credentials',
    message: {
      en: 'A stored secret cannot be read: {reason}.',
      de: 'Ein gespeichertes Geheimnis kann nicht gelesen werden: {reason}.',
    },
    remedy: {
      en: 'Enter the credential again in the settings of {owner}.',
      de: 'Die Anmeldedaten in den Einstellungen von {owner} erneut eingeben.',
    },
  },
  SETTINGS_CHANGED: {
    kind: 'conflict',
    message: {
      en: 'The settings were changed by somebody else in the meantime.',
      de: 'Die Einstellungen wurden inzwischen von jemand anderem geändert.',
    },
    remedy: { en: 'Load them again and repeat the change.', de: 'Neu laden und die Änderung wiederholen.' },
  },
  SIGN_IN_FAILED: {
    kind: 'credentials',
    status: 401,
    message: { en: 'User name or password is wrong.', de: 'Benutzername oder Passwort ist falsch.' },
    remedy: {
      en: 'Check both; after five failures the user is locked for 15 minutes.',
      de: 'Beides prüfen; nach fünf Fehlversuchen ist der Benutzer 15 Minuten gesperrt.',
    },
  },
  FIRST_PASSWORD_REFUSED: {
    kind: 'credentials',
    status: 403,
    message: {
      en: 'The one-time token is wrong or was used already.',
      de: 'Das Einmal-Token ist falsch oder wurde bereits benutzt.',
    },
    remedy: {
      en: 'Read it from the file first-password-token in the data folder.',
      de: 'Es aus der Datei first-password-token im Datenordner lesen.',
    },
  },
  PASSWORD_TOO_SHORT: {
    kind: 'configuration',
    message: {
      en: 'The password has fewer than {minimum} characters.',
      de: 'Das Passwort hat weniger als {minimum} Zeichen.',
    },
    remedy: { en: 'Choose a longer one.', de: 'Ein längeres wählen.' },
  },
  ORIGIN_REFUSED: {
    kind: 'configuration',
    status: 403,
    message: { en: 'The request came from another site.', de: 'Die Anfrage kam von einer fremden Seite.' },
    remedy: {
      en: 'Use the address of this host, or set PUBLIC_URL to the one people use.',
      de: 'Die Adresse dieses Hosts benutzen oder PUBLIC_URL auf die benutzte setzen.',
    },
  },
  REQUEST_INVALID: {
    kind: 'configuration',
    status: 400,
    message: { en: 'The request is not valid: {problem}.', de: 'Die Anfrage ist ungültig: {problem}.' },
    remedy: {
      en: 'Send JSON with the fields that the start page sends.',
      de: 'JSON mit den Feldern senden, die die Startseite sendet.',
    },
  },
  REQUEST_TOO_LARGE: {
    kind: 'configuration',
    status: 413,
    message: {
      en: 'The body of the request is larger than this host takes.',
      de: 'Der Inhalt der Anfrage ist größer, als dieser Host ihn annimmt.',
    },
    remedy: { en: 'Send less at once.', de: 'Weniger auf einmal senden.' },
  },
  REQUEST_MEDIA_TYPE: {
    kind: 'configuration',
    status: 415,
    message: { en: 'The body of the request is not JSON.', de: 'Der Inhalt der Anfrage ist kein JSON.' },
    remedy: {
      en: 'Send JSON with the header "Content-Type: application/json".',
      de: 'JSON mit dem Header „Content-Type: application/json“ senden.',
    },
  },
  REQUEST_TIMED_OUT: {
    kind: 'network',
    status: 408,
    message: {
      en: 'The request did not arrive in time.',
      de: 'Die Anfrage ist nicht rechtzeitig angekommen.',
    },
    remedy: {
      en: 'Send it again; where it happens often, look at the connection and the proxy between.',
      de: 'Erneut senden; geschieht das oft, Verbindung und Proxy dazwischen prüfen.',
    },
  },
  HEADERS_TOO_LARGE: {
    kind: 'configuration',
    status: 431,
    message: {
      en: 'The headers of the request are larger than this host takes.',
      de: 'Die Header der Anfrage sind größer, als dieser Host sie annimmt.',
    },
    remedy: {
      en: 'Delete the cookies of this address, or send fewer headers.',
      de: 'Die Cookies dieser Adresse löschen oder weniger Header senden.',
    },
  },
  PAGE_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is nothing at {path}.', de: 'Unter {path} gibt es nichts.' },
    remedy: {
      en: 'The plugins are under /itsm, the OpenAPI page is under /docs.',
      de: 'Die Plugins liegen unter /itsm, die OpenAPI-Seite unter /docs.',
    },
  },
  REQUEST_FAILED: {
    kind: 'internal',
    message: { en: 'The request failed inside the host.', de: 'Die Anfrage ist im Host fehlgeschlagen.' },
    remedy: { en: 'Look at the host log.', de: 'Das Protokoll des Hosts ansehen.' },
  },
});
