import type { SubscriptionReading, Units } from '@itsm-m365/licence-catalog';
import { asGuid, type Defects, fieldsOf, guidOf, listOf, softText, softTime, unitsOf, unreadable } from './values.ts';

/** A subscribedSku as Graph names it, in our types. */
export interface SubscribedSku {
  readonly skuId: string;
  readonly partNumber: string;
  readonly appliesTo: 'User' | 'Company';
  readonly capabilityStatus: string;
  readonly units: Units;
  readonly subscriptionIds: readonly string[];
}

const skuResource = 'subscribedSku';

const appliesToOf = (value: unknown, defects: Defects): 'User' | 'Company' => {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text === 'company') return 'Company';
  if (text !== 'user') defects.count('subscribedSku.appliesTo');
  return 'User';
};

export const decodeSku = (value: unknown, defects: Defects): SubscribedSku => {
  const sku = fieldsOf(value, skuResource);
  const skuId = guidOf(sku.skuId, skuResource, 'skuId');
  const prepaid = fieldsOf(sku.prepaidUnits, skuResource, 'prepaidUnits');
  const ids = listOf(sku.subscriptionIds ?? [], skuResource, 'subscriptionIds', 10_000);
  return {
    skuId,
    partNumber: softText(sku.skuPartNumber, 120, 'subscribedSku.skuPartNumber', defects).trim() || skuId,
    appliesTo: appliesToOf(sku.appliesTo, defects),
    capabilityStatus: softText(sku.capabilityStatus, 24, 'subscribedSku.capabilityStatus', defects),
    units: {
      enabled: unitsOf(prepaid.enabled, skuResource, 'prepaidUnits.enabled'),
      warning: unitsOf(prepaid.warning, skuResource, 'prepaidUnits.warning'),
      suspended: unitsOf(prepaid.suspended, skuResource, 'prepaidUnits.suspended'),
      // Missing from the metadata of seven national clouds; no figure rests on it.
      lockedOut: unitsOf(prepaid.lockedOut ?? 0, skuResource, 'prepaidUnits.lockedOut'),
      consumed: unitsOf(sku.consumedUnits, skuResource, 'consumedUnits'),
    },
    subscriptionIds: ids.map((id) =>
      typeof id === 'string' ? id.toLowerCase() : unreadable(skuResource, 'subscriptionIds', 'texts'),
    ),
  };
};

/**
 * The whole answer. A SKU that is listed twice is an error: summing would double seats, choosing one would guess.
 * Throws `IMPORT_OBJECT_UNREADABLE`.
 */
export const decodeSkus = (values: readonly unknown[], defects: Defects): SubscribedSku[] => {
  const skus = values.map((value) => decodeSku(value, defects));
  if (new Set(skus.map((sku) => sku.skuId)).size !== skus.length) {
    return unreadable(skuResource, 'skuId', 'each SKU once');
  }
  return skus;
};

const subscriptionResource = 'companySubscription';

/** A companySubscription: one purchase. Throws `IMPORT_OBJECT_UNREADABLE`. */
export const decodeSubscription = (value: unknown, defects: Defects): SubscriptionReading => {
  const entry = fieldsOf(value, subscriptionResource);
  if (typeof entry.id !== 'string' || entry.id === '' || entry.id.length > 80) {
    return unreadable(subscriptionResource, 'id', 'a text of 1 to 80 characters');
  }
  if (entry.isTrial !== null && entry.isTrial !== undefined && typeof entry.isTrial !== 'boolean') {
    return unreadable(subscriptionResource, 'isTrial', 'true or false');
  }
  const skuId = asGuid(entry.skuId);
  if (skuId === undefined) defects.count('companySubscription.skuId');
  return {
    id: entry.id.toLowerCase(),
    skuId: skuId ?? '',
    status: softText(entry.status, 24, 'companySubscription.status', defects),
    isTrial: entry.isTrial === true,
    total: unitsOf(entry.totalLicenses ?? 0, subscriptionResource, 'totalLicenses'),
    created: softTime(entry.createdDateTime, 'companySubscription.createdDateTime', defects),
    nextLifecycle: softTime(entry.nextLifecycleDateTime, 'companySubscription.nextLifecycleDateTime', defects),
    ownerTenant: asGuid(entry.ownerTenantId) ?? '',
  };
};
