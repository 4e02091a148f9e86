import { defineSettings } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { editCataloguePermission, readCataloguePermission } from './permissions.ts';

/** Where titles come from. A file is read by the server, so network paths are refused: opening one logs on there. */
export const skuSourceSettings = defineSettings({
  id: 'licence-catalog.sku-source',
  kind: 'value',
  title: { en: 'Titles of Microsoft licences', de: 'Titel der Microsoft-Lizenzen' },
  description: {
    en: 'Where the list "Product names and service plan identifiers" is read from.',
    de: 'Woher die Liste „Product names and service plan identifiers“ gelesen wird.',
  },
  location: [
    { en: 'System', de: 'System' },
    { en: 'Settings', de: 'Einstellungen' },
    { en: 'Licence Management', de: 'Lizenzmanagement' },
  ],
  schema: Type.Object(
    {
      source: Type.Union([Type.Literal('microsoft'), Type.Literal('file')], {
        ui: {
          title: { en: 'Source', de: 'Quelle' },
          widget: 'select',
          labels: {
            microsoft: { en: "Microsoft's address", de: 'Adresse von Microsoft' },
            file: { en: 'File on the server', de: 'Datei auf dem Server' },
          },
        },
      }),
      file: Type.String({
        maxLength: 500,
        ui: {
          title: { en: 'Path of the CSV file', de: 'Pfad der CSV-Datei' },
          accept: ['.csv'],
          showWhen: { field: 'source', is: ['file'] },
        },
      }),
    },
    { additionalProperties: false },
  ),
  defaults: { source: 'microsoft', file: '' },
  permissions: { read: readCataloguePermission, edit: editCataloguePermission },
  async validate(value) {
    if (value.source !== 'file') return [];
    const local = /^([A-Za-z]:[\\/]|\/(?!\/))/.test(value.file) && value.file.toLowerCase().endsWith('.csv');
    if (local) return [];
    return [
      {
        path: '/file',
        code: 'SKU_FILE_PATH',
        message: {
          en: 'Enter the full path of a .csv file on the server itself; network paths are not read.',
          de: 'Den vollständigen Pfad einer .csv-Datei auf dem Server selbst angeben; Netzwerkpfade werden nicht gelesen.',
        },
      },
    ];
  },
});
