import { guidOf } from '../random.ts';
import { changedFactProperties, changedLicenceProperties, type Directory } from './directory.ts';
import type { Inventory } from './inventory.ts';
import type {
  AssignmentRow,
  AssignmentState,
  Group,
  SkuSeed,
  Subscription,
  SubscriptionSeed,
  SubscriptionStatus,
  UserFacts,
  UserRecord,
} from './model.ts';
import { blankFacts } from './population.ts';

export interface AssignmentOptions {
  /** Id of a group of the tenant; absent or null: directly. */
  readonly groupId?: string | null;
  readonly state?: AssignmentState;
  readonly error?: string | null;
  readonly disabledPlans?: readonly string[];
}

/** What an administrator could do to the tenant; every call shows in listings at once and in delta queries by rule. */
export interface TenantMutations {
  /** Returns the new user's id. */
  addUser(facts?: Partial<UserFacts>): string;
  updateUser(userId: string, facts: Partial<Omit<UserFacts, 'id'>>): void;
  /** Soft-deletes (restorable), or deletes for good. */
  removeUser(userId: string, options?: { readonly permanently?: boolean }): void;
  restoreUser(userId: string): void;
  /** Adds a path; a path that exists already (same product, same group) is replaced. */
  assign(userId: string, skuId: string, options?: AssignmentOptions): void;
  /** Takes one path away; without `groupId` every path of the product. */
  unassign(userId: string, skuId: string, options?: { readonly groupId?: string | null }): void;
  /** Returns the new group's id. */
  addGroup(displayName: string): string;
  addSku(seed: SkuSeed): void;
  /** Takes the product out of `/subscribedSkus`; its holders keep it, as after an expired contract. */
  removeSku(skuId: string): void;
  /** Lists a product again that was taken out. */
  listSku(skuId: string): void;
  renameSku(skuId: string, skuPartNumber: string): void;
  setSeats(skuId: string, seats: number): void;
  /** Returns the new subscription's id. */
  addSubscription(skuId: string, seed: SubscriptionSeed): string;
  /** Moves one subscription to a state of its life before its time; default Warning (the grace period). */
  expireSubscription(subscriptionId: string, status?: SubscriptionStatus): void;
  /** Buys one subscription anew: Enabled for a term from now on, whatever it had come to. */
  renewSubscription(subscriptionId: string): void;
  /** Whether the term of one subscription goes on by itself at its end. */
  setAutoRenewal(subscriptionId: string, autoRenews: boolean): void;
  subscriptionsOf(skuId: string): readonly Subscription[];
  renameTenant(displayName: string): void;
}

export const createMutations = (context: {
  readonly directory: Directory;
  readonly inventory: Inventory;
  readonly groups: Group[];
  readonly seed: number;
  readonly domain: string;
  readonly now: () => number;
  readonly rename: (displayName: string) => void;
}): TenantMutations => {
  const { directory, inventory, groups, now } = context;

  const placeOf = (userId: string): number => {
    const place = directory.place(userId);
    if (place === undefined) throw new Error(`The tenant has no user ${userId}.`);
    return place;
  };

  const present = (userId: string): UserRecord => {
    const record = directory.at(placeOf(userId));
    if (record === undefined) throw new Error(`The user ${userId} is deleted.`);
    return record;
  };

  const setRows = (record: UserRecord, rows: readonly AssignmentRow[]): void => {
    const changed = changedLicenceProperties(record.rows, rows);
    if (changed.length > 0) directory.replace(record.index, { ...record, rows }, 'present', changed);
  };

  return {
    addUser: (facts = {}) =>
      directory.add((index, id) => {
        const blank = blankFacts(id, facts.userPrincipalName ?? `new.user${index}@${context.domain}`, now());
        return { index, facts: { ...blank, ...facts }, rows: [] };
      }).facts.id,
    updateUser: (userId, facts) => {
      const record = present(userId);
      const next = { ...record.facts, ...facts };
      const changed = changedFactProperties(record.facts, next);
      if (changed.length > 0) directory.replace(record.index, { ...record, facts: next }, 'present', changed);
    },
    removeUser: (userId, options) => {
      const place = placeOf(userId);
      directory.replace(place, directory.recordAt(place), options?.permanently ? 'purged' : 'soft-deleted', []);
    },
    restoreUser: (userId) => {
      const place = placeOf(userId);
      if (directory.presenceAt(place) !== 'soft-deleted') throw new Error(`The user ${userId} is not restorable.`);
      directory.replace(place, directory.recordAt(place), 'present', []);
    },
    assign: (userId, skuId, options = {}) => {
      const record = present(userId);
      const groupId = options.groupId ?? null;
      if (groupId !== null && !groups.some((group) => group.id === groupId)) {
        throw new Error(`The tenant has no group ${groupId}.`);
      }
      const row: AssignmentRow = {
        sku: inventory.find(skuId),
        groupId,
        state: options.state ?? 'Active',
        error: options.error ?? null,
        updatedAt: now(),
        disabledPlans: options.disabledPlans ?? [],
      };
      const others = record.rows.filter((other) => other.sku !== row.sku || other.groupId !== groupId);
      setRows(record, [...others, row]);
    },
    unassign: (userId, skuId, options = {}) => {
      const record = present(userId);
      const sku = inventory.find(skuId);
      const { groupId } = options;
      setRows(
        record,
        record.rows.filter((row) => row.sku !== sku || (groupId !== undefined && row.groupId !== groupId)),
      );
    },
    addGroup: (displayName) => {
      const id = guidOf(context.seed, groups.length, 1);
      groups.push({ id, displayName, description: 'Gives products to its members.' });
      return id;
    },
    addSku: (seed) => {
      inventory.addSku(seed);
    },
    removeSku: (skuId) => {
      inventory.find(skuId).listed = false;
    },
    listSku: (skuId) => {
      inventory.find(skuId).listed = true;
    },
    renameSku: (skuId, skuPartNumber) => {
      inventory.find(skuId).skuPartNumber = skuPartNumber;
    },
    setSeats: (skuId, seats) => inventory.setSeats(inventory.find(skuId), seats),
    addSubscription: (skuId, seed) => inventory.subscribe(inventory.find(skuId), seed).id,
    expireSubscription: (subscriptionId, status = 'Warning') => {
      inventory.enter(inventory.findSubscription(subscriptionId), status);
    },
    renewSubscription: (subscriptionId) => {
      inventory.enter(inventory.findSubscription(subscriptionId), 'Enabled');
    },
    setAutoRenewal: (subscriptionId, autoRenews) => {
      inventory.findSubscription(subscriptionId).autoRenews = autoRenews;
    },
    subscriptionsOf: (skuId) => inventory.find(skuId).subscriptions,
    renameTenant: context.rename,
  };
};
