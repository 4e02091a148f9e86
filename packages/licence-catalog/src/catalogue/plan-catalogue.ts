import { openEnd, type Randomness } from '@itsm-m365/plugin-api';
import type { SkuReading, SyncState } from '../model.ts';
import type { PortalIdentity, SubscriptionReading } from '../readings.ts';
import type { FolderRow, LicenceRow, ProductRow } from '../tables.ts';
import { productName } from './names.ts';
import { type FolderPlan, planFolders } from './plan-folders.ts';
import { type PositionValues, positionValues, type SubscriptionValues, subscriptionValues } from './position-values.ts';
import { nextSyncState, stateColumns, stateOf } from './sync-state.ts';

/** What is stored of one portal: alive products and licences, folders, titles. */
export interface CatalogueState {
  readonly products: readonly ProductRow[];
  readonly licences: readonly LicenceRow[];
  /** The folders below the root and below *Microsoft 365*. */
  readonly folders: readonly FolderRow[];
  /** Titles by SKU id, from {@link skuTitles}. */
  readonly titles: ReadonlyMap<string, string>;
}

export interface CatalogueInput {
  readonly portal: PortalIdentity;
  /** The SKUs of a complete answer. A partial one must never come here: what is absent counts as gone. */
  readonly readings: readonly SkuReading[];
  /** Undefined: they could not be read; what is stored stays. */
  readonly subscriptions: readonly SubscriptionReading[] | undefined;
  /** SKU ids, lower case. */
  readonly exclusions: ReadonlySet<string>;
  readonly random: Randomness;
}

type NewProduct = Omit<ProductRow, 'created_at' | 'changed_at'>;
type NewLicence = Omit<LicenceRow, 'created_at' | 'changed_at'>;

/** Columns of a product and its licence that follow the portal. */
export interface FollowedColumns {
  readonly name: string;
  readonly title: string;
  readonly part_number: string;
  readonly sync_state: string;
  readonly sync_reason: string;
}

export interface ProductChange {
  readonly product: string;
  readonly licence: number;
  readonly appliesTo: string;
  readonly columns: FollowedColumns;
}

export interface CatalogueCounts {
  readonly created: number;
  readonly changed: number;
  /** Became synchronised again. */
  readonly resynced: number;
  /** Lost their synchronisation by this plan. */
  readonly unsynced: number;
  readonly unchanged: number;
}

/** What an import does to the products of one portal; a value that can be printed, compared and applied. */
export interface CataloguePlan {
  readonly portal: PortalIdentity;
  readonly folders: FolderPlan;
  readonly create: readonly { readonly product: NewProduct; readonly licence: NewLicence }[];
  readonly change: readonly ProductChange[];
  readonly positions: readonly PositionValues[];
  readonly subscriptions: readonly SubscriptionValues[] | undefined;
  /** Licences that are synchronised: for `StageOptions.licences`. */
  readonly numbers: readonly number[];
  /** Licence numbers by SKU id, of the synchronised ones. */
  readonly licenceOf: ReadonlyMap<string, number>;
  readonly counts: CatalogueCounts;
}

const isSeen = ({ capabilityStatus }: SkuReading): boolean => capabilityStatus.toLowerCase() !== 'deleted';

/** Readings by SKU id; where an answer has one twice, the last counts. */
const bySku = (readings: readonly SkuReading[]): ReadonlyMap<string, SkuReading> =>
  new Map(readings.filter(isSeen).map((reading) => [reading.skuId.toLowerCase(), reading]));

/** SKUs for which a licence has to be made. */
const newSkus = (current: CatalogueState, input: CatalogueInput): readonly SkuReading[] => {
  const known = new Set(current.licences.map(({ sku }) => sku));
  return [...bySku(input.readings)]
    .filter(([sku]) => !known.has(sku) && !input.exclusions.has(sku))
    .map(([, reading]) => reading);
};

/** How many licence numbers {@link planCatalogue} will need. */
export const newLicenceCount = (current: CatalogueState, input: CatalogueInput): number =>
  newSkus(current, input).length;

const titleOf = (titles: ReadonlyMap<string, string>, sku: string, partNumber: string): string =>
  titles.get(sku) ?? (partNumber === '' ? sku : partNumber);

const followed = (
  input: CatalogueInput,
  current: CatalogueState,
  { sku, partNumber, state }: { readonly sku: string; readonly partNumber: string; readonly state: SyncState },
): FollowedColumns => {
  const title = titleOf(current.titles, sku, partNumber).slice(0, 300);
  return { name: productName(input.portal.name, title), title, part_number: partNumber, ...stateColumns(state) };
};

const draft = (
  reading: SkuReading,
  columns: FollowedColumns,
  {
    portal,
    folder,
    number,
    random,
  }: {
    readonly portal: string;
    readonly folder: string;
    readonly number: number;
    readonly random: Randomness;
  },
): { readonly product: NewProduct; readonly licence: NewLicence } => {
  const shared = { portal, sku: reading.skuId.toLowerCase(), metric: 'user-cal', deleted_at: openEnd, ...columns };
  const product = random.uuid();
  return {
    product: {
      ...shared,
      id: product,
      source: 'm365',
      folder,
      applies_to: reading.appliesTo,
      consumer_type: 'm365',
      deleted_by: '',
    },
    licence: { ...shared, number, id: random.uuid(), product, channel: 'leasing', licence_type: 'full' },
  };
};

interface Followed extends ProductChange {
  readonly sku: string;
  readonly before: SyncState;
  readonly after: SyncState;
  readonly differs: boolean;
}

/** The items that are there, with the state they come to. */
const follow = (current: CatalogueState, input: CatalogueInput): readonly Followed[] => {
  const seen = bySku(input.readings);
  const products = new Map(current.products.map((product) => [product.id, product]));
  return current.licences.flatMap((licence) => {
    const product = products.get(licence.product);
    const before = stateOf(licence);
    const reading = seen.get(licence.sku);
    const after = nextSyncState(before, {
      portalDeleted: false,
      excluded: input.exclusions.has(licence.sku),
      seen: reading !== undefined,
    });
    if (product === undefined || after === undefined) return [];
    if (after.state === 'unsynced' && after.reason === 'portal-deleted') return [];
    const partNumber = reading?.partNumber.slice(0, 120) ?? licence.part_number;
    const columns = followed(input, current, { sku: licence.sku, partNumber, state: after });
    const appliesTo = reading?.appliesTo ?? product.applies_to;
    const differs =
      appliesTo !== product.applies_to ||
      [product, licence].some((row) => Object.entries(columns).some(([name, value]) => Object(row)[name] !== value));
    return [
      { product: product.id, licence: licence.number, appliesTo, columns, sku: licence.sku, before, after, differs },
    ];
  });
};

const count = <T>(values: readonly T[], test: (value: T) => boolean): number => values.filter(test).length;

/**
 * Plans what a complete answer of a portal does to its products, licences and folders. Pure but for `random`, which
 * makes ids; `numbers` are as many as {@link newLicenceCount} tells. Products stay in the folder they are in (M365-40),
 * nothing is ever deleted, an item that is not synchronised keeps its last quantities and consumers (D2, rule 4).
 */
export const planCatalogue = (
  current: CatalogueState,
  input: CatalogueInput,
  numbers: readonly number[],
): CataloguePlan => {
  const items = follow(current, input);
  const created = newSkus(current, input);
  const folders = planFolders(current.folders, input.portal, input.random, created.length > 0);
  const create = created.map((reading, index) => {
    const number = numbers[index];
    if (number === undefined) throw new RangeError('Too few licence numbers were reserved');
    const state: SyncState = { state: 'synced' };
    const sku = reading.skuId.toLowerCase();
    return draft(reading, followed(input, current, { sku, partNumber: reading.partNumber.slice(0, 120), state }), {
      portal: input.portal.id.toLowerCase(),
      folder: folders.portalFolder,
      number,
      random: input.random,
    });
  });
  const licenceOf = new Map([
    ...items.filter(({ after }) => after.state === 'synced').map(({ sku, licence }) => [sku, licence] as const),
    ...create.map(({ licence }) => [licence.sku, licence.number] as const),
  ]);
  const seen = bySku(input.readings);
  return {
    portal: input.portal,
    folders,
    create,
    change: items
      .filter(({ differs }) => differs)
      .map(({ product, licence, appliesTo, columns }) => ({ product, licence, appliesTo, columns })),
    positions: [...licenceOf].flatMap(([sku, licence]) => {
      const reading = seen.get(sku);
      return reading === undefined ? [] : [positionValues(licence, reading)];
    }),
    subscriptions: input.subscriptions?.map((reading) => subscriptionValues(input.portal.id, reading)),
    numbers: [...licenceOf.values()],
    licenceOf,
    counts: {
      created: create.length,
      changed: count(items, ({ differs, before, after }) => differs && before.state === after.state),
      resynced: count(items, ({ before, after }) => before.state === 'unsynced' && after.state === 'synced'),
      unsynced: count(items, ({ before, after }) => before.state === 'synced' && after.state === 'unsynced'),
      unchanged: count(items, ({ differs }) => !differs),
    },
  };
};
