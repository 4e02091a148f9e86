import { gapOf, movedGaps, type SkuCount } from './reconcile.ts';
import type { PortalImport } from './start.ts';
import type { PortalSkuRow } from './tables.ts';

/** Gaps between Microsoft's count and ours at the last import. */
export const gapsBefore = (run: PortalImport): Map<string, number> =>
  new Map(run.memory.skus.filter((row) => row.imported).map((row) => [row.sku, gapOf(row)]));

/** Units of User SKUs only: company-wide ones are consumed by nobody. */
export const countsOf = (
  run: Pick<PortalImport, 'skuPlan'>,
  counted: (skuId: string) => number | undefined,
): SkuCount[] =>
  run.skuPlan.readings.flatMap(({ skuId, partNumber, appliesTo, units }) => {
    const found = appliesTo === 'User' ? counted(skuId) : undefined;
    return found === undefined ? [] : [{ skuId, partNumber, consumed: units.consumed, counted: found }];
  });

/** SKUs whose gap is another than at the last import, by the rows that are about to be stored. */
export const movedOf = (run: PortalImport, rows: readonly PortalSkuRow[]): readonly SkuCount[] => {
  const counted = new Map(rows.filter((row) => row.imported).map((row) => [row.sku, row.counted]));
  return movedGaps(
    countsOf(run, (skuId) => counted.get(skuId)),
    gapsBefore(run),
  );
};
