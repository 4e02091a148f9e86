import type { SkuSeed, TenantOptions } from '@itsm-m365/microsoft-simulator';

const guid = (tenant: number, number: number): string =>
  `5eed${String(tenant).padStart(4, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** The products of a simulated tenant by a letter each. */
export const skuOf = (tenant: number, letter: string): string => guid(tenant, letter.charCodeAt(0));

const product = (tenant: number, letter: string, more: Omit<SkuSeed, 'skuId' | 'skuPartNumber'>): SkuSeed => ({
  skuId: skuOf(tenant, letter),
  skuPartNumber: `MONTH_${tenant}_${letter}`,
  ...more,
});

/**
 * A: enough seats; B: too few; C: its contract ends, and goes through every state of its life; D: a trial that ends beside
 * a purchase; E: the one that is excluded for a while; F: for the whole company.
 */
const products = (tenant: number, days: number): readonly SkuSeed[] => {
  const share = (of: number): number => Math.max(1, Math.round((days * of) / 31));
  return [
    product(tenant, 'A', {
      weight: 40,
      suite: true,
      subscriptions: [{ share: 1.2 }, { seats: 3, renewsInDays: share(11) }],
    }),
    product(tenant, 'B', { weight: 20, suite: true, subscriptions: [{ share: 0.8 }] }),
    product(tenant, 'C', {
      weight: 30,
      subscriptions: [
        { share: 1.1, autoRenews: false, renewsInDays: share(4), graceDays: share(7), suspendedDays: share(9) },
      ],
    }),
    product(tenant, 'D', {
      weight: 20,
      subscriptions: [
        { share: 0.6, isTrial: true, renewsInDays: share(8), graceDays: share(6), suspendedDays: share(30) },
        { share: 0.5 },
      ],
    }),
    product(tenant, 'E', { weight: 20, subscriptions: [{ share: 1 }] }),
    product(tenant, 'F', { weight: 0, appliesTo: 'Company', subscriptions: [{ seats: 25 }] }),
  ];
};

export const tenantOf = (number: number, days: number): TenantOptions => ({
  domain: `month${number}.example.org`,
  users: 60,
  assignmentsPerUser: 2,
  skus: products(number, days),
});
