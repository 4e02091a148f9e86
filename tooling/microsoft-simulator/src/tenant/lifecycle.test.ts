import { beforeEach, describe, expect, test } from 'vitest';
import { day } from '../clock.ts';
import { createSimulator, type Simulator } from '../simulator.ts';
import type { SubscriptionSeed } from './model.ts';

const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const born = Date.UTC(2026, 2, 2);

describe('a purchase', () => {
  let simulator: Simulator;

  const bought = (seed: SubscriptionSeed): void => {
    const skus = [{ skuId, skuPartNumber: 'ONE', subscriptions: [{ seats: 7, ...seed }] }];
    simulator = createSimulator({ clock: { now: () => born }, tenants: [{ users: 10, skus }] });
  };
  const now = () => {
    const [sku] = simulator.tenant.truth.skus();
    const [purchase] = simulator.tenant.subscriptionsOf(skuId);
    const ends = purchase?.nextLifecycleAt ?? null;
    return [
      purchase?.status,
      sku?.capabilityStatus,
      Object.entries(sku?.units ?? {}).filter(([, units]) => units > 0),
      ends === null ? null : (ends - born) / day,
    ];
  };

  beforeEach(() => bought({ renewsInDays: 5, autoRenews: false, graceDays: 10, suspendedDays: 20 }));

  test('goes through the states of its life by time alone, and its units with it', () => {
    expect(now()).toEqual(['Enabled', 'Enabled', [['enabled', 7]], 5]);
    simulator.advance(5 * day - 1);
    expect(now()).toEqual(['Enabled', 'Enabled', [['enabled', 7]], 5]);
    simulator.advance(1);
    expect(now()).toEqual(['Warning', 'Warning', [['warning', 7]], 15]);
    simulator.advance(10 * day);
    expect(now()).toEqual(['Suspended', 'Suspended', [['suspended', 7]], 35]);
    simulator.advance(20 * day);
    expect(now()).toEqual(['Deleted', 'Deleted', [], null]);
  });

  test('has come to the same state when nobody looked for long', () => {
    simulator.advance(16 * day);
    expect(now()).toEqual(['Suspended', 'Suspended', [['suspended', 7]], 35]);
  });

  test('renews itself at the end of its term, unless it is a trial or was told not to', () => {
    bought({ renewsInDays: 5 });
    simulator.advance(6 * day);
    expect(now()).toEqual(['Enabled', 'Enabled', [['enabled', 7]], 370]);
    bought({ renewsInDays: 5, isTrial: true });
    simulator.advance(6 * day);
    expect(now()[0]).toBe('Warning');
  });

  test('that was cancelled is deleted in the end, and one that is bought anew lives on', () => {
    const id = simulator.tenant.subscriptionsOf(skuId)[0]?.id ?? '';
    simulator.tenant.expireSubscription(id, 'LockedOut');
    expect(now()).toEqual(['LockedOut', 'LockedOut', [['lockedOut', 7]], 20]);
    simulator.advance(20 * day);
    expect(now()[0]).toBe('Deleted');
    simulator.tenant.renewSubscription(id);
    expect(now()).toEqual(['Enabled', 'Enabled', [['enabled', 7]], 20 + 365]);
  });
});
