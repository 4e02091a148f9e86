import type { Seats, SkuReading, SubscriptionReading } from '@itsm-m365/licence-catalog';
import type { SubscribedSku } from './decode/skus.ts';

/** Where the purchases of a SKU do not add up to its units; the units win. */
export interface SeatDifference {
  readonly skuId: string;
  readonly partNumber: string;
  readonly units: number;
  readonly subscriptions: number;
}

export interface SkuPlan {
  readonly readings: readonly SkuReading[];
  readonly differences: readonly SeatDifference[];
}

const sum = (entries: readonly SubscriptionReading[]): number =>
  entries.reduce((total, entry) => total + entry.total, 0);

const withStatus = (entries: readonly SubscriptionReading[], status: string): readonly SubscriptionReading[] =>
  entries.filter((entry) => entry.status.toLowerCase() === status);

/** Purchases of a SKU: by the ids it names, each once. Nothing is guessed from equal SKU ids unless it names none. */
const purchasesOf = (
  sku: SubscribedSku,
  byId: ReadonlyMap<string, SubscriptionReading>,
): readonly SubscriptionReading[] => {
  const named = [...new Set(sku.subscriptionIds)].flatMap((id) => byId.get(id) ?? []);
  if (sku.subscriptionIds.length > 0) return named;
  return [...byId.values()].filter((entry) => entry.skuId === sku.skuId);
};

/**
 * Splits the usable units (enabled + warning) into paid, grace and trial. prepaidUnits decides how many there are:
 * the purchases only say what they rest on, so paid + grace + trial is enabled + warning, always.
 */
const seatsOf = (sku: SubscribedSku, purchases: readonly SubscriptionReading[]): Seats => {
  const active = withStatus(purchases, 'enabled');
  const expired = withStatus(purchases, 'warning');
  const activeTrial = Math.min(sum(active.filter((entry) => entry.isTrial)), sku.units.enabled);
  const expiredTrial = Math.min(sum(expired.filter((entry) => entry.isTrial)), sku.units.warning);
  const ends = [...active.filter((entry) => entry.isTrial), ...expired]
    .filter((entry) => entry.total > 0)
    .flatMap((entry) => entry.nextLifecycle ?? []);
  return {
    paid: sku.units.enabled - activeTrial,
    grace: sku.units.warning - expiredTrial,
    trial: activeTrial + expiredTrial,
    endsAt: ends.length === 0 ? undefined : Math.min(...ends),
  };
};

/**
 * Joins SKUs with their purchases. Several purchases of one SKU are summed (CIPP #1817: not summing them shows over-use
 * that is not there). `subscriptions` undefined: they could not be read; every enabled unit then counts as paid.
 */
export const planSkus = (
  skus: readonly SubscribedSku[],
  subscriptions: readonly SubscriptionReading[] | undefined,
): SkuPlan => {
  const byId = new Map((subscriptions ?? []).map((entry) => [entry.id, entry]));
  const differences: SeatDifference[] = [];
  const readings = skus.map((sku): SkuReading => {
    const purchases = purchasesOf(sku, byId);
    const bought = sum(withStatus(purchases, 'enabled')) + sum(withStatus(purchases, 'warning'));
    const usable = sku.units.enabled + sku.units.warning;
    if (subscriptions !== undefined && bought !== usable) {
      differences.push({ skuId: sku.skuId, partNumber: sku.partNumber, units: usable, subscriptions: bought });
    }
    return {
      skuId: sku.skuId,
      partNumber: sku.partNumber,
      appliesTo: sku.appliesTo,
      capabilityStatus: sku.capabilityStatus,
      units: sku.units,
      seats: seatsOf(sku, purchases),
    };
  });
  return { readings, differences };
};
