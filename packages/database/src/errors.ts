import { defineErrors } from '@itsm-m365/plugin-api';

/**
 * Every error that leaves this package. The texts name tables, columns and numbers, never a value that was bound: what
 * SQL Server says about a duplicate key quotes the key, which may be a person's address.
 */
export const databaseErrors = defineErrors({
  DATABASE_UNREACHABLE: {
    kind: 'network',
    message: {
      en: 'The database at {place} cannot be reached, or the connection to it was lost ({reason}).',
      de: 'Die Datenbank unter {place} ist nicht erreichbar, oder die Verbindung zu ihr ist abgebrochen ({reason}).',
    },
    remedy: {
      en: 'Check that the server runs, that name and port are right and that no firewall stands between.',
      de: 'Prüfen, ob der Server läuft, ob Name und Port stimmen und ob keine Firewall dazwischen steht.',
    },
    status: 503,
  },
  DATABASE_CERTIFICATE_REFUSED: {
    kind: 'configuration',
    message: {
      en: 'The certificate of the database server at {place} is not trusted ({reason}). User and password were not sent.',
      de: 'Dem Zertifikat des Datenbankservers unter {place} wird nicht vertraut ({reason}). Benutzer und Passwort wurden nicht gesendet.',
    },
    remedy: {
      en: "Give the server a certificate in its own name from an issuer that this machine trusts (NODE_EXTRA_CA_CERTS names further ones). Only in a network that nobody else can reach, set 'trustServerCertificate'.",
      de: "Dem Server ein Zertifikat auf seinen Namen geben, von einem Aussteller, dem diese Maschine vertraut (NODE_EXTRA_CA_CERTS nennt weitere). Nur in einem Netz, in das sonst niemand gelangt, 'trustServerCertificate' setzen.",
    },
    status: 503,
  },
  DATABASE_ENCRYPTION_MISSING: {
    kind: 'configuration',
    message: {
      en: 'The database server at {place} offers no encrypted connection. User and password were not sent.',
      de: 'Der Datenbankserver unter {place} bietet keine verschlüsselte Verbindung an. Benutzer und Passwort wurden nicht gesendet.',
    },
    remedy: {
      en: "Set up encryption on the server, and make sure that it is the right server. Only in a network that nobody else can reach, set 'encrypt' to false.",
      de: "Die Verschlüsselung auf dem Server einrichten und sicherstellen, dass es der richtige Server ist. Nur in einem Netz, in das sonst niemand gelangt, 'encrypt' auf false setzen.",
    },
    status: 503,
  },
  DATABASE_ENCRYPTION_REQUIRED: {
    kind: 'configuration',
    message: {
      en: 'The database server at {place} takes encrypted connections only.',
      de: 'Der Datenbankserver unter {place} nimmt nur verschlüsselte Verbindungen an.',
    },
    remedy: {
      en: "Set 'encrypt' to true.",
      de: "'encrypt' auf true setzen.",
    },
    status: 503,
  },
  DATABASE_LOGIN_FAILED: {
    kind: 'credentials',
    message: {
      en: 'The database server at {place} refused the login.',
      de: 'Der Datenbankserver unter {place} hat die Anmeldung abgelehnt.',
    },
    remedy: {
      en: 'Check user and password, that the login is enabled and that it may open this database.',
      de: 'Benutzer und Passwort prüfen; der Anmeldename muss aktiv sein und die Datenbank öffnen dürfen.',
    },
  },
  DATABASE_RIGHT_MISSING: {
    kind: 'configuration',
    message: {
      en: 'The database login lacks a right ({reason}).',
      de: 'Dem Datenbank-Benutzer fehlt ein Recht ({reason}).',
    },
    remedy: {
      en: 'Grant the login SELECT, INSERT, UPDATE and DELETE on the schema; for setting up tables also CREATE TABLE and ALTER.',
      de: 'Dem Benutzer SELECT, INSERT, UPDATE und DELETE auf das Schema geben; zum Anlegen der Tabellen auch CREATE TABLE und ALTER.',
    },
  },
  DATABASE_FULL: {
    kind: 'configuration',
    message: {
      en: 'The database cannot grow: the disk, the file or the transaction log is full ({reason}).',
      de: 'Die Datenbank kann nicht wachsen: Datenträger, Datei oder Transaktionsprotokoll sind voll ({reason}).',
    },
    remedy: {
      en: 'Free disk space or enlarge the database files, then run the task again.',
      de: 'Speicherplatz schaffen oder die Datenbankdateien vergrößern und die Aufgabe erneut starten.',
    },
    status: 507,
  },
  DATABASE_READ_ONLY: {
    kind: 'configuration',
    message: {
      en: 'The database is read-only ({reason}).',
      de: 'Die Datenbank ist schreibgeschützt ({reason}).',
    },
    remedy: {
      en: 'Give the process write access to the file and its folder, or connect to the writable replica.',
      de: 'Dem Prozess Schreibrechte auf die Datei und ihren Ordner geben oder das beschreibbare Replikat eintragen.',
    },
  },
  DATABASE_BUSY: {
    kind: 'conflict',
    message: {
      en: 'The database was too busy with other transactions ({reason}).',
      de: 'Die Datenbank war mit anderen Transaktionen beschäftigt ({reason}).',
    },
    remedy: {
      en: 'Run the task again; if it happens often, move it to a quieter time.',
      de: 'Die Aufgabe erneut starten; tritt das häufig auf, in eine ruhigere Zeit verlegen.',
    },
  },
  DATABASE_LOCKED_BY_OTHER_PROCESS: {
    kind: 'configuration',
    message: {
      en: 'The database file {file} is in use by another process.',
      de: 'Die Datenbankdatei {file} wird von einem anderen Prozess benutzt.',
    },
    remedy: {
      en: 'Stop the other process, or use SQL Server where several processes share one database.',
      de: 'Den anderen Prozess beenden oder SQL Server verwenden, wenn mehrere Prozesse eine Datenbank teilen.',
    },
    status: 409,
  },
  DATABASE_DAMAGED: {
    kind: 'configuration',
    message: {
      en: 'The database file cannot be read as a database, or the disk failed ({reason}).',
      de: 'Die Datenbankdatei ist nicht als Datenbank lesbar, oder der Datenträger meldet Fehler ({reason}).',
    },
    remedy: {
      en: 'Check the disk and restore the file from a backup.',
      de: 'Den Datenträger prüfen und die Datei aus einer Sicherung wiederherstellen.',
    },
  },
  DATABASE_CONSTRAINT: {
    kind: 'internal',
    message: {
      en: 'The database refused a row: {reason}.',
      de: 'Die Datenbank hat eine Zeile abgelehnt: {reason}.',
    },
    remedy: {
      en: 'Run the task again; if the error comes back, report it with the log.',
      de: 'Die Aufgabe erneut starten; bleibt der Fehler, mit dem Protokoll melden.',
    },
    status: 409,
  },
  DATABASE_CONFLICT: {
    kind: 'conflict',
    message: {
      en: 'Another transaction changed the same rows ({reason}).',
      de: 'Eine andere Transaktion hat dieselben Zeilen geändert ({reason}).',
    },
    remedy: {
      en: 'Run the task again.',
      de: 'Die Aufgabe erneut starten.',
    },
  },
  DATABASE_TIMEOUT: {
    kind: 'network',
    message: {
      en: 'The database did not answer in time ({reason}).',
      de: 'Die Datenbank hat nicht rechtzeitig geantwortet ({reason}).',
    },
    remedy: {
      en: 'Look for blocking sessions and load on the server; raise the request timeout where the data is large.',
      de: 'Auf dem Server nach blockierenden Sitzungen und nach Last suchen; bei großen Datenmengen die Wartezeit für Abfragen erhöhen.',
    },
    status: 504,
  },
  DATABASE_COMMIT_UNKNOWN: {
    kind: 'network',
    message: {
      en: 'The connection to the database was lost during the commit; whether it took effect is not known.',
      de: 'Die Verbindung zur Datenbank brach während des Commits ab; ob er wirksam wurde, ist nicht bekannt.',
    },
    remedy: {
      en: 'Run the task again: it compares with what is stored and does only what is left to do.',
      de: 'Die Aufgabe erneut starten: Sie vergleicht mit dem gespeicherten Stand und erledigt nur den Rest.',
    },
    status: 503,
  },
  DATABASE_MISSING: {
    kind: 'configuration',
    message: {
      en: 'The database {database} does not exist, or the login may not open it.',
      de: 'Die Datenbank {database} gibt es nicht, oder der Benutzer darf sie nicht öffnen.',
    },
    remedy: {
      en: 'Create the database, or correct its name and the rights of the login.',
      de: 'Die Datenbank anlegen oder ihren Namen und die Rechte des Benutzers berichtigen.',
    },
  },
  DATABASE_URL_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The database address is invalid: {reason}.',
      de: 'Die Datenbankadresse ist ungültig: {reason}.',
    },
    remedy: {
      en: 'Write mssql://user:password@host:1433/database?schema=dbo or sqlite:/path/to/file.db.',
      de: 'In der Form mssql://benutzer:passwort@host:1433/datenbank?schema=dbo oder sqlite:/pfad/zur/datei.db angeben.',
    },
  },
  SCHEMA_MISSING: {
    kind: 'configuration',
    message: {
      en: 'The database lacks tables of this version. Missing migrations: {missing}.',
      de: 'In der Datenbank fehlen Tabellen dieser Version. Fehlende Migrationen: {missing}.',
    },
    remedy: {
      en: 'Start with migrations applied, or have a database administrator run the script made by the script mode.',
      de: 'Mit angewandten Migrationen starten oder das Skript aus dem Skript-Modus von der Datenbank-Administration ausführen lassen.',
    },
  },
  SCHEMA_NEWER: {
    kind: 'configuration',
    message: {
      en: 'The database was set up by a newer version. Migrations unknown to this version: {unknown}.',
      de: 'Die Datenbank wurde von einer neueren Version eingerichtet. Dieser Version unbekannte Migrationen: {unknown}.',
    },
    remedy: {
      en: 'Install the newer version again; an older version does not run on a newer schema.',
      de: 'Die neuere Version wieder installieren; eine ältere läuft nicht auf einem neueren Schema.',
    },
  },
  MIGRATION_LOSES_DATA: {
    kind: 'configuration',
    message: {
      en: 'Going back would delete the data in {place}.',
      de: 'Der Rückschritt würde die Daten in {place} löschen.',
    },
    remedy: {
      en: 'Back the database up and allow the loss of data explicitly.',
      de: 'Die Datenbank sichern und den Datenverlust ausdrücklich erlauben.',
    },
    status: 409,
  },
  MIGRATION_FAILED: {
    kind: 'internal',
    message: {
      en: 'Migration {migration} of {plugin} failed and was undone: {reason}',
      de: 'Migration {migration} von {plugin} ist gescheitert und wurde zurückgenommen: {reason}',
    },
    remedy: {
      en: 'Remove the cause named in the message and start again; nothing of the migration remains.',
      de: 'Die genannte Ursache beheben und neu starten; von der Migration ist nichts übrig geblieben.',
    },
  },
  MIGRATION_INVALID: {
    kind: 'internal',
    message: {
      en: 'A migration is wrong: {reason}.',
      de: 'Eine Migration ist fehlerhaft: {reason}.',
    },
    remedy: {
      en: 'Correct the migration in the code.',
      de: 'Die Migration im Code berichtigen.',
    },
  },
  DATABASE_VALUE_INVALID: {
    kind: 'internal',
    message: {
      en: 'A value does not fit {column} ({type}).',
      de: 'Ein Wert passt nicht in {column} ({type}).',
    },
    remedy: {
      en: 'Report the error with the log.',
      de: 'Den Fehler mit dem Protokoll melden.',
    },
  },
  DATABASE_STATEMENTS_OVERLAP: {
    kind: 'internal',
    message: {
      en: 'Two statements were started at once on one transaction. Rule: await each statement of a transaction before the next, never Promise.all.',
      de: 'Auf einer Transaktion wurden zwei Anweisungen zugleich gestartet. Regel: jede Anweisung abwarten, bevor die nächste beginnt, nie Promise.all.',
    },
    remedy: {
      en: 'Correct the code; report the error with the log.',
      de: 'Den Code berichtigen; den Fehler mit dem Protokoll melden.',
    },
  },
  DATABASE_TRANSACTION_NESTED: {
    kind: 'internal',
    message: {
      en: 'A transaction ({inner}) was started inside another ({outer}). Rule: pass the transaction on instead of opening a second one, which would wait for the first for ever.',
      de: 'In einer Transaktion ({outer}) wurde eine zweite ({inner}) begonnen. Regel: die Transaktion weiterreichen, statt eine zweite zu öffnen, die ewig auf die erste warten würde.',
    },
    remedy: {
      en: 'Correct the code; report the error with the log.',
      de: 'Den Code berichtigen; den Fehler mit dem Protokoll melden.',
    },
  },
  DATABASE_MISUSED: {
    kind: 'internal',
    message: {
      en: 'The database was used in a way that is not allowed: {reason}.',
      de: 'Die Datenbank wurde auf unerlaubte Weise benutzt: {reason}.',
    },
    remedy: {
      en: 'Correct the code; report the error with the log.',
      de: 'Den Code berichtigen; den Fehler mit dem Protokoll melden.',
    },
  },
  DATABASE_FAILED: {
    kind: 'internal',
    message: {
      en: 'The database reported an error ({reason}).',
      de: 'Die Datenbank hat einen Fehler gemeldet ({reason}).',
    },
    remedy: {
      en: 'Look the number up in the log and report it if it comes back.',
      de: 'Die Nummer im Protokoll nachsehen und melden, wenn der Fehler wiederkehrt.',
    },
  },
});
