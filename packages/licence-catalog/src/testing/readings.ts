import type { SkuReading } from '../model.ts';
import type { PortalIdentity, SubscriptionReading } from '../readings.ts';

export const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
export const e5 = '06ebc4ee-1bb5-47dd-8120-11324bc54e06';
export const unknownSku = 'eeeeeeee-0000-4000-8000-000000000001';

export const aPortal = (number: number, name = `Contoso ${number}`): PortalIdentity => ({
  id: `bbbbbbbb-0000-4000-8000-${String(number).padStart(12, '0')}`,
  name,
  tenant: `cccccccc-0000-4000-8000-${String(number).padStart(12, '0')}`,
});

export const aSku = (skuId: string, partNumber: string, enabled = 10, more: Partial<SkuReading> = {}): SkuReading => ({
  skuId,
  partNumber,
  appliesTo: 'User',
  capabilityStatus: 'Enabled',
  units: { enabled, warning: 0, suspended: 0, lockedOut: 0, consumed: 0 },
  seats: { paid: enabled, grace: 0, trial: 0, endsAt: undefined },
  ...more,
});

export const aSubscription = (
  id: string,
  skuId: string,
  more: Partial<SubscriptionReading> = {},
): SubscriptionReading => ({
  id,
  skuId,
  status: 'Enabled',
  isTrial: false,
  total: 10,
  created: 1_000,
  nextLifecycle: undefined,
  ownerTenant: '',
  ...more,
});
