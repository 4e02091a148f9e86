import { defineTask } from '@itsm-m365/plugin-api';
import { catalogueNotices } from '../errors.ts';
import { applySkuTitles } from '../skus/apply-titles.ts';
import { fetchSkuTitles } from '../skus/fetch-titles.ts';
import { unresolvedSkus } from '../skus/titles.ts';
import { editCataloguePermission } from './permissions.ts';
import { skuSourceSettings } from './sku-source.ts';

const minutesOfAWeek = 7 * 24 * 60;

export const refreshSkuTitlesTask = defineTask({
  kind: 'work',
  id: 'licence-catalog.refresh-sku-titles',
  title: { en: 'Refresh titles of Microsoft licences', de: 'Titel der Microsoft-Lizenzen aktualisieren' },
  description: {
    en: "Reads Microsoft's list of product names. Titles entered by hand stay; a bad file changes nothing.",
    de: 'Liest Microsofts Liste der Produktnamen. Von Hand eingetragene Titel bleiben; eine fehlerhafte Datei ändert nichts.',
  },
  schedule: { kind: 'interval', minutes: minutesOfAWeek },
  timeoutMinutes: 15,
  permission: editCataloguePermission,
  settings: skuSourceSettings,
  async run({ options, http, db, clock, signal, fence, progress }) {
    progress.report({ phase: { en: 'Reading the list', de: 'Liste lesen' }, done: 0 });
    const listed = await fetchSkuTitles(options, http, signal);
    const { created, changed } = await db.write(
      async (trx) => {
        await fence(trx);
        return applySkuTitles(trx, listed, clock.now());
      },
      { signal },
    );
    const unresolved = await db.read(unresolvedSkus);
    return {
      counts: { listed: listed.length, created, changed, unresolved: unresolved.length },
      notices: unresolved.length === 0 ? [] : [catalogueNotices.SKU_UNRESOLVED({ count: unresolved.length })],
    };
  },
});
