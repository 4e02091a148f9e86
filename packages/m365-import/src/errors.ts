import { defineErrors } from '@itsm-m365/plugin-api';

/** What can end the import of one portal, or refuse a request about it. Errors of Graph and Entra are graph-auth's. */
export const importErrors = defineErrors({
  IMPORT_OBJECT_UNREADABLE: {
    kind: 'remote',
    message: {
      en: 'Microsoft answered with an object that cannot be read: {resource}, field {field}, expected {expected}.',
      de: 'Microsoft hat ein nicht lesbares Objekt geliefert: {resource}, Feld {field}, erwartet wird {expected}.',
    },
    remedy: {
      en: 'Nothing was changed. Run the import again; if it fails in the same way, check whether a proxy alters the answers of Microsoft Graph, and contact support with this message.',
      de: 'Es wurde nichts geändert. Starten Sie den Import erneut; schlägt er genauso fehl, prüfen Sie, ob ein Proxy die Antworten von Microsoft Graph verändert, und wenden Sie sich mit dieser Meldung an den Support.',
    },
  },
  IMPORT_LISTING_UNSTABLE: {
    kind: 'remote',
    message: {
      en: 'The listing of the users of portal {portal} had to be restarted {restarts} times and still did not end.',
      de: 'Die Benutzerliste des Portals {portal} musste {restarts}-mal neu begonnen werden und kam trotzdem nicht zum Ende.',
    },
    remedy: {
      en: 'Nothing was changed. The next run tries again; if this lasts, check the service health of Microsoft 365.',
      de: 'Es wurde nichts geändert. Der nächste Lauf versucht es erneut; hält das an, prüfen Sie den Dienststatus von Microsoft 365.',
    },
  },
  IMPORT_LISTING_INCOMPLETE: {
    kind: 'remote',
    message: {
      en: 'Microsoft listed {listed} users of portal {portal} but counts {count}; the listing is not complete.',
      de: 'Microsoft hat {listed} Benutzer des Portals {portal} aufgeführt, zählt aber {count}; die Liste ist nicht vollständig.',
    },
    remedy: {
      en: 'Nothing was changed. Run the import again; if it fails in the same way, check whether a proxy alters the answers of Microsoft Graph.',
      de: 'Es wurde nichts geändert. Starten Sie den Import erneut; schlägt er genauso fehl, prüfen Sie, ob ein Proxy die Antworten von Microsoft Graph verändert.',
    },
  },
  PORTAL_UNKNOWN: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no portal {portal}.', de: 'Es gibt kein Portal {portal}.' },
    remedy: {
      en: 'Choose a portal from the list; it may have been deleted meanwhile.',
      de: 'Wählen Sie ein Portal aus der Liste; es wurde möglicherweise inzwischen gelöscht.',
    },
  },
  IMPORT_NOT_HELD: {
    kind: 'conflict',
    message: {
      en: 'The import of portal {portal} is not waiting for a confirmation.',
      de: 'Der Import des Portals {portal} wartet nicht auf eine Bestätigung.',
    },
    remedy: {
      en: 'Reload the overview of the portals; a later run may have ended normally.',
      de: 'Laden Sie die Übersicht der Portale neu; ein späterer Lauf ist möglicherweise normal zu Ende gegangen.',
    },
  },
  HELD_COUNT_CHANGED: {
    kind: 'conflict',
    message: {
      en: 'The import of portal {portal} is held with {count} removals, not with {seen}.',
      de: 'Der Import des Portals {portal} ist mit {count} Entfernungen angehalten, nicht mit {seen}.',
    },
    remedy: {
      en: 'Reload the overview, look at the number shown now, and confirm that one.',
      de: 'Laden Sie die Übersicht neu, prüfen Sie die jetzt angezeigte Zahl und bestätigen Sie diese.',
    },
  },
});
