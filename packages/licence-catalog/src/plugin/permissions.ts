import type { Permission } from '@itsm-m365/plugin-api';

export const readCataloguePermission: Permission = {
  id: 'licence-catalog.read',
  title: { en: 'See products and licences', de: 'Produkte und Lizenzen sehen' },
  description: {
    en: 'Products, licences, quantities, folders and counts of consumers. Shows no person.',
    de: 'Produkte, Lizenzen, Mengen, Ordner und Anzahl der Verbraucher. Zeigt keine Personen.',
  },
};

export const editCataloguePermission: Permission = {
  id: 'licence-catalog.edit',
  title: { en: 'Edit products, folders and SKU titles', de: 'Produkte, Ordner und SKU-Titel bearbeiten' },
  description: {
    en: 'Move products, edit products made by hand, folders, titles and classes of SKUs.',
    de: 'Produkte verschieben, manuelle Produkte, Ordner, Titel und Klassen von SKUs bearbeiten.',
  },
};

export const deleteProductsPermission: Permission = {
  id: 'licence-catalog.delete',
  title: { en: 'Delete products', de: 'Produkte löschen' },
  description: {
    en: 'Delete products that cannot be synchronised any more, with their licences.',
    de: 'Produkte, die nicht mehr synchronisiert werden können, samt ihren Lizenzen löschen.',
  },
};

export const seePersonsPermission: Permission = {
  id: 'licence-catalog.persons.see',
  title: { en: 'See persons', de: 'Personen sehen' },
  description: {
    en: 'Names of contacts and who holds which licence. Without it only counts are shown.',
    de: 'Namen der Kontakte und wer welche Lizenz hat. Ohne dieses Recht werden nur Anzahlen gezeigt.',
  },
};

export const erasePersonsPermission: Permission = {
  id: 'licence-catalog.persons.erase',
  title: { en: 'Erase persons', de: 'Personen anonymisieren' },
  description: {
    en: 'Remove the personal data of a contact for good. Figures stay.',
    de: 'Personenbezogene Daten eines Kontakts endgültig entfernen. Zahlen bleiben erhalten.',
  },
};
