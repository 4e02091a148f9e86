import type { ServicePlan, SkuSeed } from './model.ts';

// Part numbers, SKU ids and plan ids: public identifiers from Microsoft's list of product names and service plans.
const plans = {
  exchangeEnterprise: ['efb87545-963c-4e0d-99df-69c6916d9eb0', 'EXCHANGE_S_ENTERPRISE'],
  exchangeStandard: ['9aaf7827-d63c-4b61-89c3-182f06f82e5c', 'EXCHANGE_S_STANDARD'],
  exchangeFoundation: ['113feb6c-3fe4-4440-bddc-54d774bf0318', 'EXCHANGE_S_FOUNDATION'],
  teams: ['57ff2da0-773e-42df-b2af-ffb7a2317929', 'TEAMS1'],
  sharePointEnterprise: ['5dbe027f-2339-4123-9542-606e4d348a72', 'SHAREPOINTENTERPRISE'],
  sharePointStandard: ['c7699d2e-19aa-44de-8edf-1736da088ca1', 'SHAREPOINTSTANDARD'],
  entraP1: ['41781fb2-bc02-4b7c-bd55-b576c07bb09d', 'AAD_PREMIUM'],
  entraP2: ['eec0eb4f-6444-4f95-aba0-50c24d67f998', 'AAD_PREMIUM_P2'],
  flowViral: ['50e68c76-46c6-4674-81f9-75456511b170', 'FLOW_P2_VIRAL'],
  powerBiFree: ['2049e525-b859-401b-b2a0-e0a31c4b1fe4', 'BI_AZURE_P0'],
  visio: ['663a804f-1c30-4ff0-9915-9db84f0d1cea', 'VISIO_CLIENT_SUBSCRIPTION'],
  project: ['fafd7243-e5c1-4a3a-9e40-495efcb1d3c3', 'PROJECT_CLIENT_SUBSCRIPTION'],
  rights: ['6c57d4b6-3b23-47a5-9bc9-69f17b4947b3', 'RMS_S_PREMIUM'],
  storage: ['be5a7ed5-c598-4fcd-a061-5e6724c68a58', 'SHAREPOINTSTORAGE'],
  store: ['a420f25f-a7b3-4ff5-a9d0-5d58f73b537d', 'WINDOWS_STORE'],
} as const;

type PlanKey = keyof typeof plans;

const planList = (...keys: readonly PlanKey[]): ServicePlan[] =>
  keys.map((key) => ({ servicePlanId: plans[key][0], servicePlanName: plans[key][1] }));

/**
 * The products a generated tenant has, chosen so that every licence state an importer must survive occurs:
 * several subscriptions of one SKU, trial, grace period, suspension, lock-out, over-use, company-wide products,
 * a product held by users but no longer listed, and one whose part number no catalogue knows.
 */
export const defaultCatalogue: readonly SkuSeed[] = [
  {
    skuId: '05e9a617-0261-4cee-bb44-138d3ef5d965',
    skuPartNumber: 'SPE_E3',
    weight: 45,
    suite: true,
    servicePlans: planList('exchangeEnterprise', 'teams', 'sharePointEnterprise', 'entraP1'),
    subscriptions: [
      { share: 0.9, renewsInDays: 210 },
      { share: 0.2, renewsInDays: 24 },
    ],
  },
  {
    skuId: 'f30db892-07e9-47e9-837c-80727f46fd3d',
    skuPartNumber: 'FLOW_FREE',
    weight: 30,
    servicePlans: planList('flowViral', 'exchangeFoundation'),
    subscriptions: [{ seats: 10_000, renewsInDays: 3000 }],
  },
  {
    skuId: '06ebc4ee-1bb5-47dd-8120-11324bc54e06',
    skuPartNumber: 'SPE_E5',
    weight: 20,
    suite: true,
    servicePlans: planList('exchangeEnterprise', 'teams', 'sharePointEnterprise', 'entraP2'),
    subscriptions: [{ share: 1.15, renewsInDays: 320 }],
  },
  {
    skuId: 'a403ebcc-fae0-4ca2-8c8c-7a907fd6c235',
    skuPartNumber: 'POWER_BI_STANDARD',
    weight: 25,
    servicePlans: planList('powerBiFree', 'exchangeFoundation'),
    subscriptions: [{ seats: 1_000_000, renewsInDays: 3000 }],
  },
  {
    skuId: '6fd2c87f-b296-42f0-b197-1e91e994b900',
    skuPartNumber: 'ENTERPRISEPACK',
    weight: 15,
    suite: true,
    servicePlans: planList('exchangeEnterprise', 'teams', 'sharePointEnterprise'),
    subscriptions: [
      { share: 0.8, renewsInDays: 95 },
      { share: 0.3, status: 'Suspended', renewsInDays: 60 },
    ],
  },
  {
    skuId: 'c5928f49-12ba-48f7-ada3-0d743a3601d5',
    skuPartNumber: 'VISIOCLIENT',
    weight: 12,
    servicePlans: planList('visio', 'exchangeFoundation'),
    subscriptions: [{ share: 1.1, status: 'Warning', renewsInDays: 18 }],
  },
  {
    skuId: '53818b1b-4a27-454b-8896-0dba576410e6',
    skuPartNumber: 'PROJECTPROFESSIONAL',
    weight: 8,
    servicePlans: planList('project', 'sharePointEnterprise'),
    subscriptions: [{ share: 1.3, isTrial: true, renewsInDays: 12 }],
  },
  {
    skuId: 'efccb6f7-5641-4e0e-bd10-b4976e1bf68e',
    skuPartNumber: 'EMS',
    weight: 10,
    servicePlans: planList('entraP1', 'rights'),
    subscriptions: [{ share: 1.05, status: 'Suspended', renewsInDays: 75 }],
  },
  {
    skuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46',
    skuPartNumber: 'SPB',
    weight: 10,
    suite: true,
    servicePlans: planList('exchangeStandard', 'teams', 'sharePointStandard'),
    subscriptions: [
      { share: 1.0, renewsInDays: 150 },
      { share: 0.2, status: 'LockedOut', renewsInDays: 30 },
    ],
  },
  {
    skuId: 'f245ecc8-75af-4f8e-b61f-27d8114de5f3',
    skuPartNumber: 'O365_BUSINESS_PREMIUM',
    weight: 6,
    suite: true,
    omitsLockedOut: true,
    servicePlans: planList('exchangeStandard', 'teams', 'sharePointStandard'),
    subscriptions: [{ share: 1.25, renewsInDays: 40 }],
  },
  {
    skuId: '4b9405b0-7788-4568-add1-99614e613b69',
    skuPartNumber: 'EXCHANGESTANDARD',
    weight: 5,
    suite: true,
    servicePlans: planList('exchangeStandard'),
    subscriptions: [{ share: 1.1, renewsInDays: 5 }],
  },
  {
    skuId: '078d2b04-f1bd-4111-bbd4-b4b1b354cef4',
    skuPartNumber: 'AAD_PREMIUM',
    weight: 10,
    servicePlans: planList('entraP1', 'exchangeFoundation'),
    subscriptions: [{ share: 0.7, renewsInDays: 180 }],
  },
  {
    skuId: '710779e8-3d4a-4c88-adb9-386c958d1fdf',
    skuPartNumber: 'TEAMS_EXPLORATORY',
    weight: 4,
    listed: false,
    servicePlans: planList('teams', 'exchangeStandard'),
    subscriptions: [],
  },
  {
    skuId: '5a17c0de-3b1f-4d02-9c64-7e0a5d6f4b21',
    skuPartNumber: 'SIMULATED_FIELD_SERVICE',
    weight: 5,
    servicePlans: [{ servicePlanId: '5a17c0de-3b1f-4d02-9c64-7e0a5d6f4b22', servicePlanName: 'SIMULATED_FIELD_PLAN' }],
    subscriptions: [{ share: 1.2, renewsInDays: 260 }],
  },
  {
    skuId: '99049c9c-6011-4908-bf17-15f496e6519d',
    skuPartNumber: 'SHAREPOINTSTORAGE',
    weight: 0,
    appliesTo: 'Company',
    servicePlans: planList('storage'),
    subscriptions: [{ seats: 500, renewsInDays: 120 }],
  },
  {
    skuId: '6470687e-a428-4b7a-bef2-8a291ad947c9',
    skuPartNumber: 'WINDOWS_STORE',
    weight: 0,
    appliesTo: 'Company',
    servicePlans: planList('store', 'exchangeFoundation'),
    subscriptions: [{ seats: 25, status: 'LockedOut', renewsInDays: 20 }],
  },
];
