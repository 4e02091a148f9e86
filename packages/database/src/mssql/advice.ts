import { defineNotices, type Notice } from '@itsm-m365/plugin-api';

export const databaseNotices = defineNotices({
  SNAPSHOT_ISOLATION_OFF: {
    severity: 'warning',
    message: {
      en: 'Snapshot isolation is off in the database {database}: reports and exports may wait for imports, and the reverse.',
      de: 'In der Datenbank {database} ist die Snapshot-Isolation aus: Berichte und Exporte warten womöglich auf Importe und umgekehrt.',
    },
    remedy: {
      en: 'Have a database administrator run: {sql}',
      de: 'Von der Datenbank-Administration ausführen lassen: {sql}',
    },
  },
  READ_COMMITTED_SNAPSHOT_OFF: {
    severity: 'warning',
    message: {
      en: 'READ_COMMITTED_SNAPSHOT is off in the database {database}: reads inside writing transactions wait for one another.',
      de: 'In der Datenbank {database} ist READ_COMMITTED_SNAPSHOT aus: Lesezugriffe in schreibenden Transaktionen warten aufeinander.',
    },
    remedy: {
      en: 'Have a database administrator run, with the product stopped: {sql}',
      de: 'Bei angehaltenem Produkt von der Datenbank-Administration ausführen lassen: {sql}',
    },
  },
});

export interface SnapshotOptions {
  /** ALLOW_SNAPSHOT_ISOLATION is on: readers can ask for one consistent state. */
  readonly snapshot: boolean;
  /** READ_COMMITTED_SNAPSHOT is on: plain reads do not wait for writers. */
  readonly readCommitted: boolean;
}

/** A plugin may not change the database's options; it says what a database administrator should. */
export const adviceOn = (database: string, { snapshot, readCommitted }: SnapshotOptions): readonly Notice[] => {
  const name = `[${database.replaceAll(']', ']]')}]`;
  return [
    ...(snapshot
      ? []
      : [
          databaseNotices.SNAPSHOT_ISOLATION_OFF({
            database,
            sql: `ALTER DATABASE ${name} SET ALLOW_SNAPSHOT_ISOLATION ON;`,
          }),
        ]),
    ...(readCommitted
      ? []
      : [
          databaseNotices.READ_COMMITTED_SNAPSHOT_OFF({
            database,
            sql: `ALTER DATABASE ${name} SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK AFTER 30 SECONDS;`,
          }),
        ]),
  ];
};
