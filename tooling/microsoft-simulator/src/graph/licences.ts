import { instant } from '../clock.ts';
import type { SimReply } from '../http.ts';
import type { Sku } from '../tenant/model.ts';
import { baseUrl, type GraphCall, ok, QueryProblem, strike } from './call.ts';
import { project } from './project.ts';
import { spellSku } from './user-properties.ts';

const onlySelect = (call: GraphCall): void => {
  const option = [...call.target.query.keys()].find((name) => name.startsWith('$') && name !== '$select');
  if (option !== undefined) {
    throw new QueryProblem('Request_UnsupportedQuery', `The query option '${option}' is not supported here.`);
  }
};

const collection = (call: GraphCall, name: string, value: readonly unknown[]): SimReply => {
  const select = call.target.query.get('$select');
  const context = `${baseUrl(call)}/$metadata#${name}${select === undefined ? '' : `(${select})`}`;
  return ok(JSON.stringify({ '@odata.context': context, value }));
};

const planInfo = (sku: Sku) =>
  sku.servicePlans.map((plan) => ({
    servicePlanId: plan.servicePlanId,
    servicePlanName: plan.servicePlanName,
    provisioningStatus: 'Success',
    appliesTo: sku.appliesTo,
  }));

const skuProperties = ['accountName', 'accountId', 'appliesTo', 'capabilityStatus', 'consumedUnits', 'id'].concat([
  'skuId',
  'skuPartNumber',
  'subscriptionIds',
  'prepaidUnits',
  'servicePlans',
]);

/** One un-paged answer; `$select` only. Graph page: List subscribedSkus. */
export const listSubscribedSkus = (call: GraphCall): SimReply => {
  onlySelect(call);
  const { tenant } = call;
  const mixedCase = strike(call, 'mixed-case-guids') !== undefined;
  // lockedOut exists in the schema of the global cloud only.
  const withoutLockedOut = strike(call, 'missing-locked-out') !== undefined || tenant.cloud.name !== 'global';
  const entries = tenant.inventory
    .all()
    .filter((sku) => sku.listed)
    .map((sku) => {
      const { lockedOut, ...units } = tenant.inventory.units(sku);
      const skuId = spellSku(sku, 0, { mixedCase, noError: 'as-stored' });
      return {
        accountName: tenant.displayName,
        accountId: tenant.tenantId,
        appliesTo: sku.appliesTo,
        capabilityStatus: tenant.inventory.capabilityStatus(sku),
        consumedUnits: tenant.consumption.of(sku),
        id: `${tenant.tenantId}_${sku.skuId}`,
        skuId,
        skuPartNumber: sku.skuPartNumber,
        subscriptionIds: sku.subscriptions.map((entry) => entry.id),
        prepaidUnits: withoutLockedOut || sku.omitsLockedOut ? units : { ...units, lockedOut },
        servicePlans: planInfo(sku),
      };
    });
  return collection(
    call,
    'subscribedSkus',
    project(entries, call.target.query.get('$select'), skuProperties, 'subscribedSku'),
  );
};

const subscriptionProperties = ['id', 'commerceSubscriptionId', 'createdDateTime', 'isTrial', 'nextLifecycleDateTime']
  .concat(['ownerId', 'ownerTenantId', 'ownerType', 'skuId', 'skuPartNumber', 'status', 'totalLicenses'])
  .concat(['serviceStatus']);

/** Purchases with their expiry. Graph page: List subscriptions (companySubscription). */
export const listSubscriptions = (call: GraphCall): SimReply => {
  const entries = call.tenant.inventory.all().flatMap((sku) =>
    sku.subscriptions
      .filter(() => sku.listed)
      .map((entry) => ({
        id: entry.id,
        commerceSubscriptionId: entry.commerceSubscriptionId,
        createdDateTime: instant(entry.createdAt),
        isTrial: entry.isTrial,
        nextLifecycleDateTime: entry.nextLifecycleAt === null ? null : instant(entry.nextLifecycleAt),
        ownerId: null,
        ownerTenantId: null,
        ownerType: null,
        skuId: sku.skuId,
        skuPartNumber: sku.skuPartNumber,
        status: entry.status,
        totalLicenses: entry.totalLicenses,
        serviceStatus: planInfo(sku),
      })),
  );
  const select = call.target.query.get('$select');
  return collection(
    call,
    'directory/subscriptions',
    project(entries, select, subscriptionProperties, 'companySubscription'),
  );
};

const organizationProperties = ['id', 'displayName', 'createdDateTime', 'tenantType', 'countryLetterCode', 'country']
  .concat(['preferredLanguage', 'technicalNotificationMails', 'verifiedDomains', 'onPremisesSyncEnabled'])
  .concat(['assignedPlans', 'deletedDateTime']);

export const listOrganization = (call: GraphCall): SimReply => {
  const { tenant } = call;
  const entry = {
    id: tenant.tenantId,
    deletedDateTime: null,
    displayName: tenant.displayName,
    createdDateTime: '2016-05-02T09:14:07Z',
    tenantType: 'AAD',
    countryLetterCode: 'DE',
    country: null,
    preferredLanguage: 'en',
    technicalNotificationMails: [],
    onPremisesSyncEnabled: true,
    verifiedDomains: [
      { name: tenant.domain, type: 'Managed', capabilities: 'Email', isDefault: true, isInitial: true },
    ],
    assignedPlans: [],
  };
  const select = call.target.query.get('$select');
  return collection(call, 'organization', project([entry], select, organizationProperties, 'organization'));
};
