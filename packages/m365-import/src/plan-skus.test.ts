import type { SubscriptionReading } from '@itsm-m365/licence-catalog';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SubscribedSku } from './decode/skus.ts';
import { countsOf } from './gaps.ts';
import { planSkus } from './plan-skus.ts';

const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';

const sku = (patch: Partial<SubscribedSku> = {}): SubscribedSku => ({
  skuId,
  partNumber: 'SPE_E3',
  appliesTo: 'User',
  capabilityStatus: 'Enabled',
  units: { enabled: 100, warning: 0, suspended: 0, lockedOut: 0, consumed: 90 },
  subscriptionIds: ['a', 'b', 'c'],
  ...patch,
});

const bought = (id: string, seats: number, patch: Partial<SubscriptionReading> = {}): SubscriptionReading => ({
  id,
  skuId,
  status: 'Enabled',
  isTrial: false,
  total: seats,
  created: undefined,
  nextLifecycle: undefined,
  ownerTenant: '',
  ...patch,
});

const units = (enabled: number, warning = 0) => ({ enabled, warning, suspended: 0, lockedOut: 0, consumed: 0 });

describe('joining SKUs with their purchases', () => {
  it('sums several purchases of one SKU, and keeps paid, grace and trial seats apart', () => {
    const plan = planSkus(
      [sku({ units: units(100, 30) })],
      [
        bought('a', 80, { nextLifecycle: 1 }),
        bought('b', 20, { isTrial: true, nextLifecycle: 900 }),
        bought('c', 30, { status: 'Warning', nextLifecycle: 800 }),
      ],
    );
    expect(plan.readings[0]?.seats).toEqual({ paid: 80, grace: 30, trial: 20, endsAt: 800 });
    expect(plan.differences).toEqual([]);
  });

  it('lets the units win where the purchases do not add up, and notes the difference', () => {
    const plan = planSkus([sku({ units: units(25) })], [bought('a', 20), bought('b', 50, { isTrial: true })]);
    expect(plan.readings[0]?.seats).toEqual({ paid: 0, grace: 0, trial: 25, endsAt: undefined });
    expect(plan.differences).toEqual([{ skuId, partNumber: 'SPE_E3', units: 25, subscriptions: 70 }]);
  });

  it('counts all enabled units as paid where the purchases cannot be read', () => {
    const plan = planSkus([sku({ units: units(25, 5) })], undefined);
    expect(plan.readings[0]?.seats).toEqual({ paid: 25, grace: 5, trial: 0, endsAt: undefined });
    expect(plan.differences).toEqual([]);
  });

  it('never counts a purchase twice, nor one of another SKU, nor one that ended', () => {
    const plan = planSkus(
      [sku({ subscriptionIds: ['a', 'a', 'gone'], units: units(10) })],
      [bought('a', 10), bought('other', 7, { skuId: 'x' }), bought('unnamed', 9)],
    );
    expect(plan.differences).toEqual([]);
    expect(planSkus([sku({ units: units(0) })], [bought('a', 5, { status: 'Suspended' })]).differences).toEqual([]);
  });

  it('compares Microsoft’s count with ours for SKUs of persons only', () => {
    const company = sku({ skuId: '99049c9c-6011-4908-bf17-15f496e6519d', appliesTo: 'Company' });
    const skuPlan = planSkus([sku(), company], undefined);
    expect(countsOf({ skuPlan }, () => 0).map((one) => one.skuId)).toEqual([skuId]);
  });

  it('always splits the usable units into exactly paid, grace and trial', () => {
    const purchase = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      skuId: fc.constant(skuId),
      status: fc.constantFrom('Enabled', 'Warning', 'Suspended', 'Deleted', 'LockedOut', 'New'),
      isTrial: fc.boolean(),
      total: fc.nat(200),
      created: fc.constant(undefined),
      ownerTenant: fc.constant(''),
      nextLifecycle: fc.option(fc.nat(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.array(purchase), (enabled, warning, purchases) => {
        const seats = planSkus([sku({ units: units(enabled, warning) })], purchases).readings[0]?.seats;
        expect((seats?.paid ?? -1) + (seats?.grace ?? 0) + (seats?.trial ?? 0)).toBe(enabled + warning);
        expect(Math.min(seats?.paid ?? -1, seats?.grace ?? -1, seats?.trial ?? -1)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
