import { allSkus } from '@itsm-m365/licence-catalog';
import type { Database } from '@itsm-m365/plugin-api';
import { portalSkus } from './tables.ts';

/** A licence that can be excluded (M365-24). */
export interface AvailableSku {
  readonly skuId: string;
  readonly partNumber: string;
  readonly title: string;
  /** The tenant lists it, excluded or not. */
  readonly subscribed: boolean;
  readonly appliesTo: string;
}

const byTitle = (a: AvailableSku, b: AvailableSku): number =>
  a.title.localeCompare(b.title, 'en') || (a.skuId < b.skuId ? -1 : 1);

/**
 * All licences known to the product, and those of the portal, sorted by title. `subscribed` leaves only what the last
 * import saw in the portal; before the first import there is nothing to tell, and the list is empty.
 */
export const availableSkus = async (
  db: Database,
  portal: string | undefined,
  subscribed: boolean,
): Promise<readonly AvailableSku[]> =>
  db.read(async (trx) => {
    const known = await allSkus(trx);
    const rows = portal === undefined ? [] : await trx.rows(portalSkus, (query) => query.where({ portal }));
    const listed = new Map(rows.filter((row) => row.listed).map((row) => [row.sku, row]));
    const skus = new Map<string, AvailableSku>();
    for (const { sku, partNumber, title } of known.values()) {
      skus.set(sku, { skuId: sku, partNumber, title: title || partNumber || sku, subscribed: false, appliesTo: '' });
    }
    for (const row of listed.values()) {
      const before = skus.get(row.sku);
      skus.set(row.sku, {
        skuId: row.sku,
        partNumber: row.part_number,
        title: before?.title ?? row.part_number,
        subscribed: true,
        appliesTo: row.applies_to,
      });
    }
    return [...skus.values()].filter((sku) => sku.subscribed || !subscribed).sort(byTitle);
  });
