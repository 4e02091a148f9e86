export type SubscriptionStatus = 'Enabled' | 'Warning' | 'Suspended' | 'LockedOut' | 'Deleted';
export type AssignmentState = 'Active' | 'ActiveWithError' | 'Disabled' | 'Error';

export interface ServicePlan {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
}

/** What a purchase of a product looks like when a tenant is generated; `share` is relative to the units consumed. */
export interface SubscriptionSeed {
  readonly seats?: number;
  readonly share?: number;
  readonly status?: SubscriptionStatus;
  readonly isTrial?: boolean;
  /** Until the end of its first state: the term while Enabled, the grace period while Warning. */
  readonly renewsInDays?: number;
  /** Bought anew at the end of each term. Default: true, but for trials. */
  readonly autoRenews?: boolean;
  /** Days in Warning; default 30. */
  readonly graceDays?: number;
  /** Days in Suspended, and in LockedOut; default 90. */
  readonly suspendedDays?: number;
}

/** A product for a generated tenant. `weight` is how often users hold it, `suite` that a user holds at most one such. */
export interface SkuSeed {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly appliesTo?: 'User' | 'Company';
  readonly weight?: number;
  readonly suite?: boolean;
  /** False: users hold it, `/subscribedSkus` does not list it. */
  readonly listed?: boolean;
  /** True: its `prepaidUnits` lack `lockedOut`, as in every national cloud. */
  readonly omitsLockedOut?: boolean;
  readonly servicePlans?: readonly ServicePlan[];
  readonly subscriptions?: readonly SubscriptionSeed[];
}

export interface Subscription {
  readonly id: string;
  readonly commerceSubscriptionId: string;
  status: SubscriptionStatus;
  totalLicenses: number;
  isTrial: boolean;
  createdAt: number;
  /** When it moves to the next state by itself; null once deleted. Seats follow its state, see `lifecycle.ts`. */
  nextLifecycleAt: number | null;
  autoRenews: boolean;
  readonly graceDays: number;
  readonly suspendedDays: number;
}

/** A product as the tenant has it now. `number` is its place in the tenant and never changes. */
export interface Sku {
  readonly number: number;
  readonly skuId: string;
  skuPartNumber: string;
  readonly appliesTo: 'User' | 'Company';
  listed: boolean;
  readonly omitsLockedOut: boolean;
  readonly servicePlans: readonly ServicePlan[];
  readonly subscriptions: Subscription[];
}

/** One path by which a user has (or should have) a product: directly (`groupId` null) or through a group. */
export interface AssignmentRow {
  readonly sku: Sku;
  readonly groupId: string | null;
  readonly state: AssignmentState;
  readonly error: string | null;
  readonly updatedAt: number;
  readonly disabledPlans: readonly string[];
}

export interface UserFacts {
  readonly id: string;
  readonly kind: 'user' | 'agentUser';
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly mailNickname: string;
  readonly accountEnabled: boolean;
  readonly userType: string | null;
  readonly usageLocation: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly country: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly officeLocation: string | null;
  readonly jobTitle: string | null;
  readonly employeeId: string | null;
  readonly employeeType: string | null;
  readonly costCenter: string | null;
  readonly division: string | null;
  readonly createdAt: number;
  readonly externalUserState: string | null;
  readonly preferredLanguage: string | null;
  readonly mobilePhone: string | null;
  readonly businessPhone: string | null;
  readonly onPremisesSyncEnabled: boolean | null;
  readonly onPremisesSamAccountName: string | null;
  readonly isResourceAccount: boolean | null;
  readonly employeeLeaveAt: number | null;
  readonly lastSignInAt: number | null;
}

/** A user as the tenant has it now. `index` is its place in listings. */
export interface UserRecord {
  readonly index: number;
  readonly facts: UserFacts;
  readonly rows: readonly AssignmentRow[];
}

/** A row gives the product unless its state is Error or Disabled: such users are missing from `assignedLicenses`. */
export const holds = (row: AssignmentRow): boolean => row.state === 'Active' || row.state === 'ActiveWithError';

export interface Group {
  readonly id: string;
  displayName: string;
  readonly description: string;
}
