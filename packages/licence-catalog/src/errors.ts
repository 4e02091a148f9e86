import { defineErrors, defineNotices } from '@itsm-m365/plugin-api';

export const catalogueErrors = defineErrors({
  PRODUCT_READ_ONLY: {
    kind: 'configuration',
    status: 409,
    message: {
      en: 'The product {product} comes from a Microsoft 365 portal and is read-only.',
      de: 'Das Produkt {product} stammt aus einem Microsoft-365-Portal und ist schreibgeschützt.',
    },
    remedy: {
      en: 'Change it in the portal; the next import brings the change. Only its folder can be chosen here.',
      de: 'Im Portal ändern; der nächste Import übernimmt die Änderung. Hier lässt sich nur der Ordner wählen.',
    },
  },
  PRODUCT_NOT_DELETABLE: {
    kind: 'configuration',
    status: 409,
    message: {
      en: '{count} of the chosen products are synchronised with a portal and cannot be deleted: {products}.',
      de: '{count} der gewählten Produkte werden mit einem Portal synchronisiert und lassen sich nicht löschen: {products}.',
    },
    remedy: {
      en: 'Exclude the SKU in the portal settings or delete the portal first; nothing was deleted.',
      de: 'Zuerst die SKU in den Portaleinstellungen ausschließen oder das Portal löschen; es wurde nichts gelöscht.',
    },
  },
  PRODUCT_NOT_FOUND: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no product {product}.', de: 'Es gibt kein Produkt {product}.' },
    remedy: {
      en: 'Reload the list; somebody may have deleted the product.',
      de: 'Die Liste neu laden; vielleicht hat jemand das Produkt gelöscht.',
    },
  },
  CONSUMER_TYPE_NOT_OFFERED: {
    kind: 'configuration',
    message: {
      en: 'The consumer type {type} cannot be chosen for a product made by hand.',
      de: 'Der Verbrauchertyp {type} steht für manuell angelegte Produkte nicht zur Auswahl.',
    },
    remedy: {
      en: 'Choose one of: {offered}. The type m365 is set by the import only.',
      de: 'Einen dieser Typen wählen: {offered}. Den Typ m365 vergibt nur der Import.',
    },
  },
  CATALOGUE_CHANGED: {
    kind: 'conflict',
    message: {
      en: 'A product or licence of portal {portal} changed while the import ran.',
      de: 'Ein Produkt oder eine Lizenz des Portals {portal} wurde während des Imports geändert.',
    },
    remedy: { en: 'Start the import again.', de: 'Den Import erneut starten.' },
  },
  FOLDER_NOT_FOUND: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no folder {folder}.', de: 'Es gibt keinen Ordner {folder}.' },
    remedy: { en: 'Reload the folders.', de: 'Die Ordner neu laden.' },
  },
  FOLDER_NAME_TAKEN: {
    kind: 'configuration',
    status: 409,
    message: {
      en: 'A folder of the name {name} is there already.',
      de: 'Einen Ordner mit dem Namen {name} gibt es dort schon.',
    },
    remedy: { en: 'Choose another name.', de: 'Einen anderen Namen wählen.' },
  },
  FOLDER_NOT_EMPTY: {
    kind: 'configuration',
    status: 409,
    message: { en: 'The folder {name} is not empty.', de: 'Der Ordner {name} ist nicht leer.' },
    remedy: {
      en: 'Move its products and folders first.',
      de: 'Zuerst die Produkte und Ordner darin verschieben.',
    },
  },
  FOLDER_OF_IMPORT: {
    kind: 'configuration',
    status: 409,
    message: {
      en: 'The folder {name} belongs to the import and cannot be deleted.',
      de: 'Der Ordner {name} gehört zum Import und lässt sich nicht löschen.',
    },
    remedy: { en: 'Rename it instead.', de: 'Ihn stattdessen umbenennen.' },
  },
  PERSON_NOT_FOUND: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no such contact.', de: 'Diesen Kontakt gibt es nicht.' },
    remedy: { en: 'Reload the list.', de: 'Die Liste neu laden.' },
  },
  LICENCE_NOT_FOUND: {
    kind: 'configuration',
    status: 404,
    message: { en: 'There is no licence {licence}.', de: 'Es gibt keine Lizenz {licence}.' },
    remedy: { en: 'Reload the list.', de: 'Die Liste neu laden.' },
  },
  EVIDENCE_NOT_FOUND: {
    kind: 'configuration',
    status: 404,
    message: {
      en: 'Run {run} kept no evidence of the kind {kind} for that portal.',
      de: 'Lauf {run} hat für dieses Portal keinen Nachweis der Art {kind} aufbewahrt.',
    },
    remedy: {
      en: 'It may have been removed after its time; choose a later run.',
      de: 'Er wurde vielleicht nach Ablauf der Frist entfernt; einen späteren Lauf wählen.',
    },
  },
  EVIDENCE_DAMAGED: {
    kind: 'internal',
    message: {
      en: 'The evidence {kind} of run {run} does not match its checksum.',
      de: 'Der Nachweis {kind} von Lauf {run} passt nicht zu seiner Prüfsumme.',
    },
    remedy: {
      en: 'Restore the database from a backup if the evidence is needed.',
      de: 'Die Datenbank aus einer Sicherung wiederherstellen, falls der Nachweis gebraucht wird.',
    },
  },
  SKU_LIST_INVALID: {
    kind: 'configuration',
    message: {
      en: 'The file is not Microsoft\'s list "Product names and service plan identifiers": {reason}. Nothing was changed.',
      de: 'Die Datei ist nicht Microsofts Liste „Product names and service plan identifiers“: {reason}. Es wurde nichts geändert.',
    },
    remedy: {
      en: 'Download the CSV again from Microsoft and choose that file.',
      de: 'Die CSV-Datei erneut bei Microsoft herunterladen und diese Datei wählen.',
    },
  },
  SKU_LIST_UNREACHABLE: {
    kind: 'network',
    message: {
      en: "Microsoft's list of product names cannot be read from {place} ({reason}).",
      de: 'Microsofts Liste der Produktnamen ist unter {place} nicht lesbar ({reason}).',
    },
    remedy: {
      en: 'Check the way out to download.microsoft.com, or upload the file; the titles known so far stay.',
      de: 'Die Verbindung zu download.microsoft.com prüfen oder die Datei hochladen; die bekannten Titel bleiben.',
    },
  },
  SKU_NOT_FOUND: {
    kind: 'configuration',
    status: 404,
    message: { en: 'No SKU {sku} is known.', de: 'Es ist keine SKU {sku} bekannt.' },
    remedy: {
      en: 'Check the id, import a portal that has it, or refresh the SKU titles.',
      de: 'Die Id prüfen, ein Portal mit dieser SKU importieren oder die SKU-Titel aktualisieren.',
    },
  },
});

export const catalogueNotices = defineNotices({
  CONTACT_AMBIGUOUS: {
    severity: 'warning',
    message: {
      en: '{count} persons fit several contacts by mail or user name; each got a contact of its own.',
      de: 'Zu {count} Personen passen nach E-Mail oder Benutzername mehrere Kontakte; jede erhielt einen eigenen Kontakt.',
    },
    remedy: {
      en: 'Look for contacts with the same mail address and merge them in the master data.',
      de: 'Kontakte mit gleicher E-Mail-Adresse suchen und in den Stammdaten zusammenführen.',
    },
  },
  SKU_UNRESOLVED: {
    severity: 'info',
    message: {
      en: '{count} SKUs have no title; their part number is shown.',
      de: '{count} SKUs haben keinen Titel; gezeigt wird ihre Artikelnummer.',
    },
    remedy: {
      en: 'Refresh the SKU titles, or enter a title for them.',
      de: 'Die SKU-Titel aktualisieren oder selbst einen Titel eintragen.',
    },
  },
});
