import { type Database, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { reserveLicenceNumbers } from '../counters.ts';
import { skuTitles } from '../skus/titles.ts';
import { folders, licences, products } from '../tables.ts';
import {
  type CatalogueInput,
  type CataloguePlan,
  type CatalogueState,
  newLicenceCount,
  planCatalogue,
} from './plan-catalogue.ts';
import { rootSystemKey } from './plan-folders.ts';

/** What is stored of a portal. Small: a row per SKU, and the folders of the two upper levels. */
export const loadCatalogue = async (trx: Transaction, portal: string): Promise<CatalogueState> => {
  const alive = { portal: portal.toLowerCase(), deleted_at: trx.encode('time', openEnd) };
  const top = await trx.rows(folders, (query) => query.where({ parent: '' }));
  const root = top.find(({ system_key }) => system_key === rootSystemKey);
  return {
    products: await trx.rows(products, (query) => query.where({ ...alive, source: 'm365' })),
    licences: await trx.rows(licences, (query) => query.where(alive).orderBy('number')),
    folders:
      root === undefined ? top : [...top, ...(await trx.rows(folders, (query) => query.where({ parent: root.id })))],
    titles: await skuTitles(trx),
  };
};

/**
 * Reads what is stored, reserves numbers for new licences and plans. Changes no product: that is `applyCatalogue`, in
 * the publishing transaction. Running it twice loses the numbers of the first plan, nothing else.
 */
export const prepareCatalogue = async (db: Database, input: CatalogueInput): Promise<CataloguePlan> => {
  const current = await db.read((trx) => loadCatalogue(trx, input.portal.id));
  return planCatalogue(current, input, await reserveLicenceNumbers(db, newLicenceCount(current, input)));
};
