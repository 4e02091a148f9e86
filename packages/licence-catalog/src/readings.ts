import type { Instant } from '@itsm-m365/plugin-api';

/** A portal as it is configured when the import runs. */
export interface PortalIdentity {
  readonly id: string;
  readonly name: string;
  /** Directory id. */
  readonly tenant: string;
}

/** A companySubscription as a portal has it now. */
export interface SubscriptionReading {
  readonly id: string;
  readonly skuId: string;
  readonly status: string;
  readonly isTrial: boolean;
  readonly total: number;
  readonly created: Instant | undefined;
  readonly nextLifecycle: Instant | undefined;
  /** `''` where the directory itself bought it. */
  readonly ownerTenant: string;
}
