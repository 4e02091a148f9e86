import { type SyncReason, syncReasons, type Text } from './facts.ts';

export interface ReasonEntry {
  readonly id: SyncReason;
  readonly title: Text;
  readonly explanation: Text;
  /** What the administrator can do: one text for each way out. */
  readonly remedies: readonly Text[];
}

/** The three reasons of *Product cannot be synchronised*, strongest first (COMP-10 to -13). */
export const reasons: readonly ReasonEntry[] = [
  {
    id: 'portal-deleted',
    title: { en: 'The portal was deleted', de: 'Das Portal wurde gelöscht' },
    explanation: {
      en: 'The portal that the product or licence was imported from has been deleted in the settings.',
      de: 'Das Portal, aus dem das Produkt oder die Lizenz importiert wurde, wurde in den Einstellungen gelöscht.',
    },
    remedies: [
      {
        en: 'Delete the imported products and licences by hand.',
        de: 'Löschen Sie die importierten Produkte und Lizenzen von Hand.',
      },
    ],
  },
  {
    id: 'excluded',
    title: { en: 'Excluded afterwards', de: 'Nachträglich ausgeschlossen' },
    explanation: {
      en: 'The portal was edited after the import: the licence is among its exclusions now.',
      de: 'Das Portal wurde nach dem Import bearbeitet: Die Lizenz gehört jetzt zu seinen Ausschlüssen.',
    },
    remedies: [
      {
        en: 'If the exclusion is wanted: delete the imported licence and its products.',
        de: 'Ist der Ausschluss gewollt: Löschen Sie die importierte Lizenz und ihre Produkte.',
      },
      {
        en: 'If it is a mistake: edit the portal and remove the exclusion. The next import updates the data, and the recalculation after it shows the right status.',
        de: 'Ist er ein Versehen: Bearbeiten Sie das Portal und entfernen Sie den Ausschluss. Der nächste Import aktualisiert die Daten, und die Neuberechnung danach zeigt den richtigen Status.',
      },
    ],
  },
  {
    id: 'missing-in-portal',
    title: { en: 'No longer exists in the portal', de: 'Existiert nicht mehr im Portal' },
    explanation: {
      en: 'The product or licence was deleted in the Microsoft 365 portal.',
      de: 'Das Produkt oder die Lizenz wurde im Microsoft 365 Portal gelöscht.',
    },
    remedies: [
      {
        en: 'Select the entries and delete them.',
        de: 'Wählen Sie die Einträge aus und löschen Sie sie.',
      },
    ],
  },
];

/** The one reason that is shown: the strongest of those that hold (D2, rule 1). */
export const strongestReason = (held: readonly SyncReason[]): SyncReason | undefined =>
  syncReasons.find((reason) => held.includes(reason));

export const reasonOf = (id: SyncReason): ReasonEntry => {
  const found = reasons.find((reason) => reason.id === id);
  if (found === undefined) throw new RangeError(`No reason ${id}`);
  return found;
};
