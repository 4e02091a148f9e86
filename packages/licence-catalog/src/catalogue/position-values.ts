import { openEnd } from '@itsm-m365/plugin-api';
import type { SkuReading } from '../model.ts';
import type { SubscriptionReading } from '../readings.ts';
import type { PositionRow, SubscriptionRow } from '../tables.ts';

export type PositionValues = Omit<PositionRow, 'valid_from' | 'valid_to'>;
export type SubscriptionValues = Omit<SubscriptionRow, 'valid_from' | 'valid_to'>;

export const positionValues = (licence: number, reading: SkuReading): PositionValues => ({
  licence,
  enabled: reading.units.enabled,
  warning: reading.units.warning,
  suspended: reading.units.suspended,
  locked_out: reading.units.lockedOut,
  consumed: reading.units.consumed,
  paid: reading.seats.paid,
  grace: reading.seats.grace,
  trial: reading.seats.trial,
  seats_end_at: reading.seats.endsAt ?? openEnd,
  capability_status: reading.capabilityStatus.slice(0, 24),
  applies_to: reading.appliesTo,
});

export const subscriptionValues = (portal: string, reading: SubscriptionReading): SubscriptionValues => ({
  portal: portal.toLowerCase(),
  subscription_id: reading.id.slice(0, 80),
  sku: reading.skuId.toLowerCase(),
  status: reading.status.slice(0, 24),
  is_trial: reading.isTrial,
  total: reading.total,
  created: reading.created ?? null,
  next_lifecycle: reading.nextLifecycle ?? null,
  owner_tenant: reading.ownerTenant.toLowerCase(),
});
