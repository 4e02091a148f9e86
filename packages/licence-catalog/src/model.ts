import type { Instant, Randomness, RunReport, Transaction } from '@itsm-m365/plugin-api';

/** Why a product or licence cannot be synchronised: exactly one at a time (COMP-10), strongest first. */
export type SyncReason = 'portal-deleted' | 'excluded' | 'missing-in-portal';

export type SyncState = { readonly state: 'synced' } | { readonly state: 'unsynced'; readonly reason: SyncReason };

/** Microsoft's unit states of a SKU, kept apart (Graph: licenseUnitsDetail). */
export interface Units {
  readonly enabled: number;
  readonly warning: number;
  readonly suspended: number;
  readonly lockedOut: number;
  /** Microsoft's own count of assigned units; may exceed `enabled`. */
  readonly consumed: number;
}

/** Seats by what they rest on, summed over the SKU's subscriptions. */
export interface Seats {
  readonly paid: number;
  /** In the grace period after expiry (subscription status Warning). */
  readonly grace: number;
  readonly trial: number;
  /** When the earliest grace or trial seat ends; undefined where none does. */
  readonly endsAt: Instant | undefined;
}

/** A SKU as a portal has it now: subscribedSku joined with its companySubscriptions. */
export interface SkuReading {
  readonly skuId: string;
  readonly partNumber: string;
  readonly appliesTo: 'User' | 'Company';
  readonly capabilityStatus: string;
  readonly units: Units;
  readonly seats: Seats;
}

/** What one assignment rests on: `''` is direct, a group's object id is by that group, `'unknown'` where Graph names no path. */
export type AssignmentPath = string;

export interface StagedAssignment {
  readonly licence: number;
  readonly path: AssignmentPath;
  /** The person's assignedLicenses holds the SKU. False: a group wants to give it and could not (*waiting for a seat*). */
  readonly holds: boolean;
  /** Active, ActiveWithError, Disabled, Error, or `''` where Graph gave no state. */
  readonly state: string;
  /** CountViolation, …; `''` for none. Unknown ones are kept as they came. */
  readonly error: string;
}

/** Facts of a person that figures rest on; kept as history by intervals. `''` for unknown. */
export interface PersonFacts {
  readonly enabled: boolean;
  readonly personType: 'member' | 'guest' | 'agent' | 'unknown';
  readonly department: string;
  readonly company: string;
  readonly costCentre: string;
  readonly country: string;
  readonly usageLocation: string;
}

export interface StagedPerson {
  /** Entra object id, lower case. */
  readonly objectId: string;
  /** Deleted in Entra (`@removed`): the assignments end; the rest of the fields is ignored. */
  readonly removed?: boolean;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly mail: string;
  readonly givenName: string;
  readonly surname: string;
  readonly facts: PersonFacts;
  readonly assignments: readonly StagedAssignment[];
}

export interface StageOptions {
  readonly portal: string;
  readonly tenant: string;
  readonly ticket: string;
  /** `full`: what is not staged has ended. `changes`: only staged persons are compared. */
  readonly mode: 'full' | 'changes';
  /** Numbers of the licences that this import is about; others are left alone. */
  readonly licences: readonly number[];
  readonly random: Randomness;
}

/** What publishing would do, counted before anything changes. The guard decides on it. */
export interface Comparison {
  /** Persons staged. */
  readonly persons: number;
  /** Pairs of a licence and a person who holds it, before; always of the whole portal. */
  readonly before: number;
  /** Pairs that would hold newly. */
  readonly opened: number;
  /** Pairs that differ otherwise: path, state, error, waiting for a seat. Moving from direct to a group is here. */
  readonly changed: number;
  /** Pairs that would hold no longer, by no path. */
  readonly ended: number;
}

/** Rows written, by what happened to them. */
export interface PublishCounts {
  readonly contactsCreated: number;
  readonly contactsLinked: number;
  readonly contactsUpdated: number;
  /** Persons for whom mail or UPN fits several contacts; each got a new contact. Worth a notice. */
  readonly contactsAmbiguous: number;
  readonly factsChanged: number;
  readonly assignmentsOpened: number;
  readonly assignmentsChanged: number;
  readonly assignmentsEnded: number;
}

/** One listing on its way in: pages are committed as they come; nothing of it is visible until it is published. */
export interface Stage {
  /**
   * Takes a page in. Pages are gathered, a few at a time, and written while the next are read; a failure to write them
   * rejects a later call, `compare` at the latest. A person seen again replaces what was staged before.
   */
  add(persons: readonly StagedPerson[]): Promise<void>;
  /** Waits until all is written. To be called before `publish`. */
  compare(): Promise<Comparison>;
  /**
   * Publishes inside the caller's transaction (whose first statement was the fence): contacts, facts, assignments, by
   * set-based statements, in key ranges of at most 50,000 rows with a breath between them. Runs again harmlessly.
   */
  publish(trx: Transaction, at: Instant): Promise<PublishCounts>;
  /** Removes the staged rows. Left-overs of dead tickets are removed by {@link Stage} of the next run. */
  clear(): Promise<void>;
}

export type Notices = RunReport['notices'];
