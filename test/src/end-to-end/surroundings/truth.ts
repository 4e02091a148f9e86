import type { SimulatorTenant, TruthSku } from '@itsm-m365/microsoft-simulator';

// What has to come out, said anew from the tenant's own record: nothing here is taken from the product.

export const listedSkus = (tenant: SimulatorTenant): readonly TruthSku[] =>
  tenant.truth.skus().filter(({ listed }) => listed);

export const skuNamed = (tenant: SimulatorTenant, partNumber: string): TruthSku => {
  const sku = tenant.truth.skus().find(({ skuPartNumber }) => skuPartNumber === partNumber);
  if (sku === undefined) throw new Error(`the tenant has no ${partNumber}`);
  return sku;
};

/** The user principal names of those who hold a SKU. */
export const holdersOf = (tenant: SimulatorTenant, skuId: string): string[] =>
  [...tenant.truth.holders(skuId)].map((id) => tenant.truth.user(id)?.userPrincipalName ?? id).sort();

export interface ExpectedStatus {
  readonly sku: string;
  readonly status: string;
  readonly consumers: number;
  readonly required: number;
  readonly available: number;
  readonly balance: number;
}

/** Enabled and warning units entitle; persons need seats, and a company licence what Microsoft says it uses. */
export const expectedStatus = (tenant: SimulatorTenant, sku: TruthSku): ExpectedStatus => {
  const consumers = holdersOf(tenant, sku.skuId).length;
  const required = sku.appliesTo === 'Company' ? sku.consumed : consumers;
  const available = sku.units.enabled + sku.units.warning;
  const status = available === 0 && required === 0 ? 'clear' : required > available ? 'not-enough' : 'fully-licensed';
  return { sku: sku.skuId, status, consumers, required, available, balance: available - required };
};

export const bySku = <T extends { readonly sku: string }>(rows: readonly T[]): readonly T[] =>
  [...rows].sort((a, b) => (a.sku < b.sku ? -1 : 1));

/** What the compliance view has to show of a tenant, product by product. */
export const expectedFigures = (tenant: SimulatorTenant): readonly ExpectedStatus[] =>
  bySku(listedSkus(tenant).map((sku) => expectedStatus(tenant, sku)));
