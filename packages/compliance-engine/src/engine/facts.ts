/**
 * The engine's own vocabulary. Nothing is imported here, not even types: `@itsm-m365/plugin-api` names types of knex and
 * undici, which bring Node's globals along, and then `fetch` and `process` would compile in this folder. The shapes
 * equal those of the contract, so values pass both ways.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** A text in both languages. */
export interface Text {
  readonly en: string;
  readonly de: string;
}

/** Why a product or licence cannot be synchronised (COMP-10), strongest first (D2, rule 1). */
export const syncReasons = ['portal-deleted', 'excluded', 'missing-in-portal'] as const;
export type SyncReason = (typeof syncReasons)[number];

/** Microsoft's unit states of one SKU. What is absent counts as 0. */
export interface UnitFacts {
  readonly enabled?: number;
  readonly warning?: number;
  readonly suspended?: number;
  readonly lockedOut?: number;
  /** Microsoft's own count of assigned units. */
  readonly consumed?: number;
}

/** The SKU's seats by what they rest on, from its subscriptions. What is absent counts as 0. */
export interface SeatFacts {
  readonly paid?: number;
  readonly grace?: number;
  readonly trial?: number;
  /** When the earliest grace or trial seat ends. */
  readonly endsAt?: Instant | undefined;
}

export interface LicenceFacts {
  /** `Company`: nobody holds it; Microsoft's count is the need (D3). */
  readonly appliesTo: 'User' | 'Company';
  readonly units?: UnitFacts;
  readonly seats?: SeatFacts;
}

/** All that is known of one product (or one licence, which is judged like a product: COMP-09). */
export interface ProductFacts {
  /** Empty: synchronised. More than one: the strongest is shown. */
  readonly reasons: readonly SyncReason[];
  /** The licences linked to the product. */
  readonly licences: readonly LicenceFacts[];
  /** Distinct persons who hold one of the licences. */
  readonly consumers: number;
  /** Persons whom a group wants to give a licence and could not. They need no seat yet. */
  readonly waiting: number;
}

/** Which of Microsoft's units entitle to use. */
export interface EntitlementRule {
  readonly units: 'enabled' | 'enabled-and-warning' | 'enabled-warning-and-suspended';
  /** Whether seats of trial subscriptions count. */
  readonly trialSeats: boolean;
}

/** Enabled and warning: a seat in its grace period can still be assigned (D2, rule 7). */
export const defaultEntitlementRule: EntitlementRule = { units: 'enabled-and-warning', trialSeats: true };
