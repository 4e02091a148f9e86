import { day } from '../clock.ts';
import { guidOf } from '../random.ts';
import type { Consumption } from './consumption.ts';
import { enter, live } from './lifecycle.ts';
import type { Sku, SkuSeed, Subscription, SubscriptionSeed, SubscriptionStatus } from './model.ts';

export interface Units {
  readonly enabled: number;
  readonly warning: number;
  readonly suspended: number;
  readonly lockedOut: number;
}

/**
 * The products and purchases of a tenant. Seats are dimensioned by the units consumed, hence on first use; every look at
 * them lets the purchases age first.
 */
export interface Inventory {
  all(): readonly Sku[];
  find(skuId: string): Sku;
  units(sku: Sku): Units;
  capabilityStatus(sku: Sku): SubscriptionStatus;
  addSku(seed: SkuSeed): Sku;
  subscribe(sku: Sku, seed: SubscriptionSeed): Subscription;
  findSubscription(subscriptionId: string): Subscription;
  /** Puts a purchase into a state from now on; time goes on from there. */
  enter(subscription: Subscription, status: SubscriptionStatus): void;
  setSeats(sku: Sku, seats: number): void;
}

const statusUnits = (sku: Sku, status: SubscriptionStatus): number =>
  sku.subscriptions.reduce((sum, entry) => sum + (entry.status === status ? entry.totalLicenses : 0), 0);

export const skuOf = (seed: SkuSeed, number: number): Sku => ({
  number,
  skuId: seed.skuId.toLowerCase(),
  skuPartNumber: seed.skuPartNumber,
  appliesTo: seed.appliesTo ?? 'User',
  listed: seed.listed ?? true,
  omitsLockedOut: seed.omitsLockedOut ?? false,
  servicePlans: seed.servicePlans ?? [],
  subscriptions: [],
});

export const createInventory = (options: {
  readonly seed: number;
  readonly skus: Sku[];
  readonly seeds: readonly SkuSeed[];
  readonly consumption: Consumption;
  readonly now: () => number;
}): Inventory => {
  const { seed, skus, seeds, consumption, now } = options;
  const bornAt = now();
  let subscriptionCount = 0;
  let dimensioned = false;

  const subscribe = (sku: Sku, template: SubscriptionSeed): Subscription => {
    subscriptionCount += 1;
    // Those of the generated tenant as of its birth, whenever it is first looked at.
    const midnight = Math.floor((dimensioned ? now() : bornAt) / day) * day;
    const subscription: Subscription = {
      id: guidOf(seed, subscriptionCount, 2),
      commerceSubscriptionId: guidOf(seed, subscriptionCount, 3),
      status: template.status ?? 'Enabled',
      totalLicenses:
        template.seats ?? Math.max(1, Math.ceil(Math.max(1, consumption.generated(sku)) * (template.share ?? 1))),
      isTrial: template.isTrial ?? false,
      createdAt: midnight - 365 * day + ((template.renewsInDays ?? 365) % 365) * day,
      nextLifecycleAt: template.status === 'Deleted' ? null : midnight + (template.renewsInDays ?? 365) * day,
      autoRenews: template.autoRenews ?? template.isTrial !== true,
      graceDays: template.graceDays ?? 30,
      suspendedDays: template.suspendedDays ?? 90,
    };
    sku.subscriptions.push(subscription);
    return subscription;
  };

  const generate = (): void => {
    if (dimensioned) return;
    seeds.forEach((entry, number) => {
      const sku = skus[number];
      if (sku === undefined) return;
      const templates = entry.subscriptions ?? (sku.listed ? [{ share: 1.2 }] : []);
      for (const template of templates) subscribe(sku, template);
    });
    dimensioned = true;
  };

  const dimension = (): void => {
    generate();
    const at = now();
    for (const sku of skus) for (const entry of sku.subscriptions) live(entry, at);
  };

  const find = (skuId: string): Sku => {
    dimension();
    const sku = skus.find((entry) => entry.skuId === skuId.toLowerCase());
    if (sku === undefined) throw new Error(`The tenant has no product ${skuId}.`);
    return sku;
  };

  return {
    all: () => {
      dimension();
      return skus;
    },
    find,
    units: (sku) => {
      dimension();
      return {
        enabled: statusUnits(sku, 'Enabled'),
        warning: statusUnits(sku, 'Warning'),
        suspended: statusUnits(sku, 'Suspended'),
        lockedOut: statusUnits(sku, 'LockedOut'),
      };
    },
    capabilityStatus: (sku) => {
      dimension();
      const order: readonly SubscriptionStatus[] = ['Enabled', 'Warning', 'Suspended', 'LockedOut'];
      return order.find((status) => statusUnits(sku, status) > 0) ?? 'Deleted';
    },
    addSku: (entry) => {
      dimension();
      if (skus.some((sku) => sku.skuId === entry.skuId.toLowerCase())) {
        throw new Error(`The tenant has the product ${entry.skuId} already.`);
      }
      const sku = skuOf(entry, skus.length);
      skus.push(sku);
      for (const template of entry.subscriptions ?? [{ seats: 10 }]) subscribe(sku, template);
      return sku;
    },
    subscribe: (sku, template) => {
      dimension();
      return subscribe(sku, template);
    },
    findSubscription: (subscriptionId) => {
      dimension();
      const found = skus.flatMap((sku) => sku.subscriptions).find((entry) => entry.id === subscriptionId.toLowerCase());
      if (found === undefined) throw new Error(`The tenant has no subscription ${subscriptionId}.`);
      return found;
    },
    enter: (subscription, status) => {
      dimension();
      enter(subscription, status, now());
    },
    setSeats: (sku, seats) => {
      dimension();
      const enabled = sku.subscriptions.filter((entry) => entry.status === 'Enabled');
      const [first, ...rest] = enabled;
      if (first === undefined) {
        subscribe(sku, { seats });
        return;
      }
      for (const entry of rest) entry.totalLicenses = 0;
      first.totalLicenses = seats;
    },
  };
};
