import type { Instant, Transaction } from '@itsm-m365/plugin-api';
import { catalogueErrors } from '../errors.ts';
import { type SkuRow, skus } from '../tables.ts';
import type { ListedSku } from './parse-titles.ts';
import { shippedClass } from './sku-titles.ts';

export interface TitlePlan {
  readonly create: readonly SkuRow[];
  readonly change: readonly SkuRow[];
}

/** Compares Microsoft's list with what is stored, pure. Edited titles and classes stay; what left the list stays. */
export const planTitles = (stored: readonly SkuRow[], listed: readonly ListedSku[], at: Instant): TitlePlan => {
  const known = new Map(stored.map((row) => [row.sku, row]));
  const fromMicrosoft = stored.filter(({ title_source }) => title_source === 'microsoft').length;
  // A cut-off download still parses where it ends between two rows.
  if (listed.length * 2 < fromMicrosoft)
    throw catalogueErrors.SKU_LIST_INVALID({
      reason: `only ${listed.length} SKUs, where ${fromMicrosoft} were known`,
    });
  const create: SkuRow[] = [];
  const change: SkuRow[] = [];
  for (const { sku, partNumber, title } of listed) {
    const row = known.get(sku);
    if (row === undefined)
      create.push({
        sku,
        part_number: partNumber,
        title,
        title_source: 'microsoft',
        class: shippedClass(sku, partNumber),
        class_source: 'shipped',
        changed_at: at,
      });
    else if (row.title_source !== 'edited' && (row.title !== title || row.part_number !== partNumber))
      change.push({ ...row, part_number: partNumber, title, title_source: 'microsoft', changed_at: at });
  }
  return { create, change };
};

/**
 * Stores Microsoft's titles. A second time with the same list writes nothing.
 *
 * @throws SKU_LIST_INVALID where the list has less than half of what was known; nothing is changed then.
 */
export const applySkuTitles = async (
  trx: Transaction,
  listed: readonly ListedSku[],
  at: Instant,
): Promise<{ readonly created: number; readonly changed: number }> => {
  const { create, change } = planTitles(await trx.rows(skus), listed, at);
  await trx.insert(skus, create);
  for (const row of change) await trx.update(skus, row, (query) => query.where({ sku: row.sku }));
  return { created: create.length, changed: change.length };
};
