import { defineNotices } from '@itsm-m365/plugin-api';

/** What an administrator should read about an import that is less than its failure. */
export const importNotices = defineNotices({
  IMPORT_HELD: {
    severity: 'warning',
    message: {
      en: 'Nothing was changed for portal {portal}: this import would end {count} of {of} assignments. The figures are those of the last complete import.',
      de: 'Für das Portal {portal} wurde nichts geändert: Dieser Import würde {count} von {of} Zuweisungen beenden. Die Zahlen sind die des letzten vollständigen Imports.',
    },
    remedy: {
      en: 'Compare with the Microsoft 365 admin center. If the removal is right, confirm it in the overview of the portals and run the import again.',
      de: 'Vergleichen Sie mit dem Microsoft 365 Admin Center. Ist die Entfernung richtig, bestätigen Sie sie in der Übersicht der Portale und starten Sie den Import erneut.',
    },
  },
  IMPORT_HELD_EMPTY_USERS: {
    severity: 'warning',
    message: {
      en: 'Nothing was changed for portal {portal}: Microsoft listed no users, which would end {count} of {of} assignments. The figures are those of the last complete import.',
      de: 'Für das Portal {portal} wurde nichts geändert: Microsoft hat keine Benutzer aufgeführt, das würde {count} von {of} Zuweisungen beenden. Die Zahlen sind die des letzten vollständigen Imports.',
    },
    remedy: {
      en: 'Check the permission User.Read.All of the application. If the tenant really has no users, confirm it in the overview of the portals and run the import again.',
      de: 'Prüfen Sie die Berechtigung User.Read.All der Anwendung. Hat der Mandant wirklich keine Benutzer, bestätigen Sie das in der Übersicht der Portale und starten Sie den Import erneut.',
    },
  },
  IMPORT_HELD_EMPTY_SKUS: {
    severity: 'warning',
    message: {
      en: 'Nothing was changed for portal {portal}: Microsoft listed no licences, {count} of {of} would be marked as missing. The figures are those of the last complete import.',
      de: 'Für das Portal {portal} wurde nichts geändert: Microsoft hat keine Lizenzen aufgeführt, {count} von {of} würden als fehlend markiert. Die Zahlen sind die des letzten vollständigen Imports.',
    },
    remedy: {
      en: 'Check the permission Organization.Read.All of the application. If the tenant really has no licences, confirm it in the overview of the portals and run the import again.',
      de: 'Prüfen Sie die Berechtigung Organization.Read.All der Anwendung. Hat der Mandant wirklich keine Lizenzen, bestätigen Sie das in der Übersicht der Portale und starten Sie den Import erneut.',
    },
  },
  REMOVAL_CONFIRMED: {
    severity: 'info',
    message: {
      en: 'The removals of this import of portal {portal} were confirmed beforehand by {actor}, up to {count}.',
      de: 'Die Entfernungen dieses Imports des Portals {portal} wurden vorab von {actor} bestätigt, bis zu {count}.',
    },
  },
  FULL_LISTING: {
    severity: 'info',
    message: {
      en: 'All users of portal {portal} were listed instead of the changes only: {reason}.',
      de: 'Für das Portal {portal} wurden alle Benutzer gelesen statt nur der Änderungen: {reason}.',
    },
  },
  DELTA_NOT_SUPPORTED: {
    severity: 'info',
    message: {
      en: 'Microsoft gives no list of changes for portal {portal}; every import lists all users.',
      de: 'Microsoft liefert für das Portal {portal} keine Liste der Änderungen; jeder Import liest alle Benutzer.',
    },
  },
  LISTING_RESTARTED: {
    severity: 'info',
    message: {
      en: 'Microsoft dropped the listing of the users of portal {portal} half-way; it was read again from the beginning ({restarts} times).',
      de: 'Microsoft hat die Benutzerliste des Portals {portal} mittendrin verworfen; sie wurde von vorn gelesen ({restarts}-mal).',
    },
  },
  FIELDS_UNREADABLE: {
    severity: 'info',
    message: {
      en: 'Some descriptive values of portal {portal} could not be read and stay empty: {fields}.',
      de: 'Einige beschreibende Werte des Portals {portal} waren nicht lesbar und bleiben leer: {fields}.',
    },
  },
  SUBSCRIPTIONS_NOT_READABLE: {
    severity: 'warning',
    message: {
      en: 'The subscriptions of portal {portal} cannot be read; grace and trial seats are not told apart from paid ones.',
      de: 'Die Abonnements des Portals {portal} sind nicht lesbar; Plätze in der Nachfrist und Testplätze werden nicht von bezahlten unterschieden.',
    },
    remedy: {
      en: 'Give the application the permission Organization.Read.All (type Application) and grant administrator consent.',
      de: 'Geben Sie der Anwendung die Berechtigung Organization.Read.All (Typ Anwendung) und erteilen Sie die Administratorzustimmung.',
    },
  },
  SEATS_DIFFER: {
    severity: 'info',
    message: {
      en: 'The subscriptions of {sku} in portal {portal} have {subscriptions} seats, Microsoft counts {units} units; the units are used.',
      de: 'Die Abonnements von {sku} im Portal {portal} haben {subscriptions} Plätze, Microsoft zählt {units} Einheiten; verwendet werden die Einheiten.',
    },
  },
  CONSUMED_DIFFERS: {
    severity: 'info',
    message: {
      en: 'Microsoft counts {consumed} assigned units of {sku} in portal {portal}, {counted} persons were found to hold it.',
      de: 'Microsoft zählt für {sku} im Portal {portal} {consumed} zugewiesene Einheiten, gefunden wurden {counted} Personen, die sie besitzen.',
    },
  },
  SKUS_NOT_LISTED: {
    severity: 'info',
    message: {
      en: 'Users of portal {portal} hold licences that the tenant does not list, and that are therefore not imported: {skus}.',
      de: 'Benutzer des Portals {portal} besitzen Lizenzen, die der Mandant nicht aufführt und die daher nicht importiert werden: {skus}.',
    },
  },
  GROUP_NAMES_NOT_READABLE: {
    severity: 'info',
    message: {
      en: 'The names of groups in portal {portal} cannot be read; licences by group show the id of the group.',
      de: 'Die Namen von Gruppen im Portal {portal} sind nicht lesbar; Lizenzen über Gruppen zeigen die Kennung der Gruppe.',
    },
    remedy: {
      en: 'If you want to see names, give the application the optional permission GroupMember.Read.All (type Application).',
      de: 'Wenn Sie Namen sehen möchten, geben Sie der Anwendung die optionale Berechtigung GroupMember.Read.All (Typ Anwendung).',
    },
  },
  PORTAL_NOT_CONFIGURED: {
    severity: 'warning',
    message: {
      en: 'Portal {portal} has imported data but is no longer in the settings; its data was left as it is.',
      de: 'Das Portal {portal} hat importierte Daten, steht aber nicht mehr in den Einstellungen; seine Daten blieben unverändert.',
    },
    remedy: {
      en: 'Restore the settings, or delete the imported products and licences by hand.',
      de: 'Stellen Sie die Einstellungen wieder her oder löschen Sie die importierten Produkte und Lizenzen von Hand.',
    },
  },
  PORTAL_SKIPPED: {
    severity: 'info',
    message: {
      en: 'Portal {portal} was switched off or deleted before its turn came.',
      de: 'Das Portal {portal} wurde ausgeschaltet oder gelöscht, bevor es an der Reihe war.',
    },
  },
  IMPORT_STALE: {
    severity: 'warning',
    message: {
      en: 'Portal {portal} has had no complete import for {hours} hours; its figures are as of {date}.',
      de: 'Das Portal {portal} hatte seit {hours} Stunden keinen vollständigen Import; seine Zahlen sind vom {date}.',
    },
    remedy: {
      en: 'Open the last run of the task "Import Microsoft 365 licence data" and follow the remedy shown there.',
      de: 'Öffnen Sie den letzten Lauf der Aufgabe „Microsoft 365 Lizenzdaten importieren“ und folgen Sie der dort gezeigten Abhilfe.',
    },
  },
  IMPORT_NEVER: {
    severity: 'warning',
    message: {
      en: 'Portal {portal} has had no complete import yet, {hours} hours after it was first seen.',
      de: 'Das Portal {portal} hatte noch keinen vollständigen Import, {hours} Stunden nachdem es erstmals gesehen wurde.',
    },
    remedy: {
      en: 'Open the last run of the task "Import Microsoft 365 licence data" and follow the remedy shown there.',
      de: 'Öffnen Sie den letzten Lauf der Aufgabe „Microsoft 365 Lizenzdaten importieren“ und folgen Sie der dort gezeigten Abhilfe.',
    },
  },
});
