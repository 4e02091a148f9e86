import type { Consumption } from './consumption.ts';
import { assignedLicensesOf, type Directory } from './directory.ts';
import type { Inventory, Units } from './inventory.ts';
import { type AssignmentState, holds, type SubscriptionStatus, type UserFacts, type UserRecord } from './model.ts';

export interface TruthPath {
  readonly skuId: string;
  /** Null: assigned directly. */
  readonly groupId: string | null;
  readonly state: AssignmentState;
  readonly error: string | null;
  readonly holds: boolean;
}

export interface TruthUser {
  readonly id: string;
  readonly kind: 'user' | 'agentUser';
  readonly userPrincipalName: string;
  readonly displayName: string | null;
  readonly accountEnabled: boolean;
  readonly userType: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly costCenter: string | null;
  /** Everything else the directory knows about the user. */
  readonly facts: UserFacts;
  /** SKU ids the user holds, each once. */
  readonly held: readonly string[];
  readonly paths: readonly TruthPath[];
}

export interface TruthSku {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly appliesTo: 'User' | 'Company';
  /** False: users may hold it, but Graph does not list it. */
  readonly listed: boolean;
  readonly capabilityStatus: SubscriptionStatus;
  readonly consumed: number;
  readonly units: Units;
  readonly subscriptionIds: readonly string[];
}

/** The tenant's own record, for comparison with what a client made of the HTTP answers. Faults do not reach it. */
export interface Truth {
  userCount(): number;
  users(from?: number, count?: number): Iterable<TruthUser>;
  user(idOrPrincipalName: string): TruthUser | undefined;
  /** Ids of the users that hold a product; counted afresh on every call, not taken from the cached numbers. */
  holders(skuId: string): Iterable<string>;
  skus(): readonly TruthSku[];
}

export const truthUser = (record: UserRecord): TruthUser => {
  const { facts } = record;
  return {
    id: facts.id,
    kind: facts.kind,
    userPrincipalName: facts.userPrincipalName,
    displayName: facts.displayName,
    accountEnabled: facts.accountEnabled,
    userType: facts.userType,
    department: facts.department,
    companyName: facts.companyName,
    costCenter: facts.costCenter,
    facts,
    held: assignedLicensesOf(record.rows).map((row) => row.sku.skuId),
    paths: record.rows.map((row) => ({
      skuId: row.sku.skuId,
      groupId: row.groupId,
      state: row.state,
      error: row.error,
      holds: holds(row),
    })),
  };
};

export const createTruth = (directory: Directory, inventory: Inventory, consumption: Consumption): Truth => {
  function* records(from = 0, count = Number.POSITIVE_INFINITY): Generator<UserRecord> {
    let given = 0;
    for (let index = from; index < directory.places() && given < count; index += 1) {
      const record = directory.at(index);
      if (record === undefined) continue;
      given += 1;
      yield record;
    }
  }

  return {
    userCount: () => directory.liveCount(),
    *users(from, count) {
      for (const record of records(from, count)) yield truthUser(record);
    },
    user: (key) => {
      const place = directory.place(key);
      const record = place === undefined ? undefined : directory.at(place);
      return record === undefined ? undefined : truthUser(record);
    },
    *holders(skuId) {
      const wanted = skuId.toLowerCase();
      for (const record of records()) {
        if (record.rows.some((row) => row.sku.skuId === wanted && holds(row))) yield record.facts.id;
      }
    },
    skus: () =>
      inventory.all().map((sku) => ({
        skuId: sku.skuId,
        skuPartNumber: sku.skuPartNumber,
        appliesTo: sku.appliesTo,
        listed: sku.listed,
        capabilityStatus: inventory.capabilityStatus(sku),
        consumed: consumption.of(sku),
        units: inventory.units(sku),
        subscriptionIds: sku.subscriptions.map((entry) => entry.id),
      })),
  };
};
