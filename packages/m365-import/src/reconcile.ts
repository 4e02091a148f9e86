/** Microsoft's count of assigned units beside ours, for one SKU. */
export interface SkuCount {
  readonly skuId: string;
  readonly partNumber: string;
  readonly consumed: number;
  readonly counted: number;
}

/** consumed − counted: 0 where both agree. */
export const gapOf = ({ consumed, counted }: Pick<SkuCount, 'consumed' | 'counted'>): number => consumed - counted;

/**
 * SKUs whose gap is not the one we knew. A standing gap (units of deleted users, say) is no alarm; a new one means that
 * changes were missed, or that one of the two answers was not whole.
 */
export const movedGaps = (now: readonly SkuCount[], before: ReadonlyMap<string, number>): readonly SkuCount[] =>
  now.filter((sku) => gapOf(sku) !== (before.get(sku.skuId) ?? 0));

/**
 * Whether a full listing found fewer holders than Microsoft's own count lets expect. The answer decides only whether
 * Microsoft is asked for the number of users, so it may be wrong; a listing that broke off may miss one holder of each SKU.
 */
export const fewHolders = (now: readonly SkuCount[], before: ReadonlyMap<string, number>): boolean =>
  now.some((sku) => gapOf(sku) > (before.get(sku.skuId) ?? 0));

/** Whether a listing misses users; the count comes from an index that lags behind, hence the tolerance. */
export const missesUsers = (listed: number, count: number): boolean => count - listed > Math.max(2, count * 0.002);
