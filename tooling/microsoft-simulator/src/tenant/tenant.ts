import { type Cloud, clouds } from '../clouds.ts';
import type { AppOptions, TenantOptions } from '../options.ts';
import { guidOf } from '../random.ts';
import { createAllocation } from './allocation.ts';
import { createApp, type SimulatorApp } from './apps.ts';
import { defaultCatalogue } from './catalogue.ts';
import { type ConsentControls, createConsents } from './consents.ts';
import { type Consumption, createConsumption } from './consumption.ts';
import { createDirectory, type Directory } from './directory.ts';
import { createIdentity, type Identity, type IdentityControls } from './identity.ts';
import { createInventory, type Inventory, skuOf } from './inventory.ts';
import type { Group, SkuSeed } from './model.ts';
import { createMutations, type TenantMutations } from './mutations.ts';
import { createPopulation } from './population.ts';
import { createTruth, type Truth } from './truth.ts';

/** One Microsoft 365 tenant: identity, directory, products, and the record of what is true in it. */
export interface SimulatorTenant extends TenantMutations, IdentityControls, ConsentControls {
  readonly tenantId: string;
  readonly cloud: Cloud;
  readonly domain: string;
  displayName: string;
  premium: boolean;
  readonly apps: SimulatorApp[];
  /** Client id of the first app. */
  readonly clientId: string;
  /** First secret of the first app; empty when it has none. */
  readonly secret: string;
  readonly groups: Group[];
  readonly truth: Truth;
  readonly directory: Directory;
  /** What happened to accounts; changed by the controls of {@link IdentityControls}. */
  readonly identity: Identity;
  readonly inventory: Inventory;
  readonly consumption: Consumption;
  readonly createdAt: number;
  /** Id of the user at a place of the listing (0 is the first). */
  userIdAt(index: number): string;
}

const inventedSkus = (seed: number, count: number): SkuSeed[] =>
  Array.from({ length: count }, (_, at) => ({
    skuId: guidOf(seed, at, 9),
    skuPartNumber: `SIMULATED_PRODUCT_${String(at + 1).padStart(4, '0')}`,
    weight: 3,
    servicePlans: [{ servicePlanId: guidOf(seed, at, 10), servicePlanName: `SIMULATED_PLAN_${at + 1}` }],
    subscriptions: [{ share: 1.2, renewsInDays: 30 + (at % 300) }],
  }));

const catalogueFor = (skus: TenantOptions['skus'], seed: number): readonly SkuSeed[] => {
  if (skus === undefined) return defaultCatalogue;
  if (typeof skus !== 'number') return skus;
  return [...defaultCatalogue.slice(0, skus), ...inventedSkus(seed, Math.max(0, skus - defaultCatalogue.length))];
};

export const createTenant = (
  options: TenantOptions,
  context: { readonly number: number; readonly seed: number; readonly secret: string; readonly now: () => number },
): SimulatorTenant => {
  const seed = options.seed ?? context.seed + context.number;
  const count = options.users ?? 250;
  if (!Number.isInteger(count) || count < 0 || count > 1_000_000) {
    throw new RangeError(`A tenant has 0 to 1 000 000 users, not ${count}.`);
  }
  const domain = (options.domain ?? `tenant${context.number}.onmicrosoft.com`).toLowerCase();
  const seeds = catalogueFor(options.skus, seed);
  const skus = seeds.map(skuOf);
  const groups: Group[] = Array.from({ length: Math.min(24, Math.max(4, seeds.length)) }, (_, at) => ({
    id: guidOf(seed, at, 1),
    displayName: `LIC-${seeds[at >> 1]?.skuPartNumber ?? 'MIXED'}-${(at & 1) + 1}`,
    description: 'Gives products to its members.',
  }));
  const population = createPopulation({ seed, count, domain });
  const allocation = createAllocation({
    seed,
    perUser: options.assignmentsPerUser ?? 2.5,
    groups,
    skus: skus.map((sku, number) => ({
      sku,
      weight: seeds[number]?.weight ?? 10,
      suite: seeds[number]?.suite ?? false,
    })),
  });
  const consumption = createConsumption(count, allocation.rowsAt);
  const directory = createDirectory({ population, allocation, now: context.now, onRows: consumption.changed });
  const createdAt = context.now();
  const inventory = createInventory({ seed, skus, seeds, consumption, now: context.now });
  const createNumbered = (app: AppOptions, number: number): SimulatorApp =>
    createApp(app, {
      clientId: (app.clientId ?? guidOf(seed, number, 4)).toLowerCase(),
      objectId: guidOf(seed, number, 5),
      registrationObjectId: guidOf(seed, number, 20),
      secret: context.secret,
      now: context.now(),
    });
  const apps = (options.apps ?? [{}]).map(createNumbered);
  const displayName = options.displayName ?? `Simulated Company ${context.number + 1}`;

  const tenant = {
    tenantId: (options.tenantId ?? guidOf(seed, context.number, 6)).toLowerCase(),
    cloud: clouds[options.cloud ?? 'global'],
    domain,
    displayName,
    premium: options.premium ?? true,
    apps,
    clientId: apps[0]?.clientId ?? '',
    secret: apps[0]?.secrets[0]?.value ?? '',
    groups,
    truth: createTruth(directory, inventory, consumption),
    directory,
    inventory,
    consumption,
    createdAt,
    userIdAt: (index: number) => directory.recordAt(index).facts.id,
  };
  const mutations = createMutations({
    directory,
    inventory,
    groups,
    seed,
    domain,
    now: context.now,
    rename: (name) => {
      tenant.displayName = name;
    },
  });
  const identity = createIdentity(directory, (userId, accountEnabled) =>
    mutations.updateUser(userId, { accountEnabled }),
  );
  const create = (app: AppOptions): SimulatorApp => createNumbered(app, apps.length);
  const consents = createConsents({ apps, identity, now: context.now, create });
  return Object.assign(tenant, mutations, { identity }, identity.controls, consents);
};
