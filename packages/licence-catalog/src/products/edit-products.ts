import { type Instant, openEnd, type Randomness, type Transaction } from '@itsm-m365/plugin-api';
import { catalogueErrors } from '../errors.ts';
import { folders, type ProductRow, products } from '../tables.ts';

/** Kinds of consumers a product can have. `m365` is found by the import and by nothing else (M365-42). */
export const consumerTypes = ['m365', 'manual'] as const;

/** What is offered for a product made by hand (M365-43). */
export const offeredConsumerTypes = ['manual'] as const;

const alive = async (trx: Transaction, product: string): Promise<ProductRow> => {
  const [row] = await trx.rows(products, (query) =>
    query.where({ id: product.toLowerCase(), deleted_at: trx.encode('time', openEnd) }),
  );
  if (row === undefined) throw catalogueErrors.PRODUCT_NOT_FOUND({ product });
  return row;
};

/** `''` is the top. */
const checkFolder = async (trx: Transaction, folder: string): Promise<string> => {
  const id = folder.toLowerCase();
  if (id !== '' && (await trx.rows(folders, (query) => query.where({ id }))).length === 0)
    throw catalogueErrors.FOLDER_NOT_FOUND({ folder });
  return id;
};

/**
 * Moves a product to another folder: the one change that imported products allow (M365-40). The import leaves it there.
 *
 * @throws PRODUCT_NOT_FOUND, FOLDER_NOT_FOUND
 */
export const moveProduct = async (trx: Transaction, product: string, folder: string, at: Instant): Promise<void> => {
  const { id } = await alive(trx, product);
  const target = await checkFolder(trx, folder);
  await trx.update(products, { folder: target, changed_at: at }, (query) => query.where({ id }));
};

export interface NewProduct {
  readonly name: string;
  readonly folder: string;
  readonly consumerType: string;
}

/**
 * Makes a product by hand.
 *
 * @throws CONSUMER_TYPE_NOT_OFFERED for `m365` and unknown types, FOLDER_NOT_FOUND
 */
export const createProduct = async (
  trx: Transaction,
  { name, folder, consumerType }: NewProduct,
  { random, at }: { readonly random: Randomness; readonly at: Instant },
): Promise<string> => {
  if (!offeredConsumerTypes.some((offered) => offered === consumerType))
    throw catalogueErrors.CONSUMER_TYPE_NOT_OFFERED({ type: consumerType, offered: offeredConsumerTypes.join(', ') });
  const id = random.uuid();
  await trx.insert(products, [
    {
      id,
      source: 'manual',
      portal: '',
      sku: id,
      folder: await checkFolder(trx, folder),
      name: name.trim().slice(0, 400),
      title: name.trim().slice(0, 300),
      part_number: '',
      applies_to: 'User',
      metric: 'user-cal',
      consumer_type: consumerType,
      sync_state: 'synced',
      sync_reason: '',
      created_at: at,
      changed_at: at,
      deleted_at: openEnd,
      deleted_by: '',
    },
  ]);
  return id;
};

/**
 * Renames a product made by hand. Imported ones are read-only, for administrators too (M365-37).
 *
 * @throws PRODUCT_NOT_FOUND, PRODUCT_READ_ONLY
 */
export const renameProduct = async (trx: Transaction, product: string, name: string, at: Instant): Promise<void> => {
  const row = await alive(trx, product);
  if (row.source === 'm365') throw catalogueErrors.PRODUCT_READ_ONLY({ product: row.name });
  const values = { name: name.trim().slice(0, 400), title: name.trim().slice(0, 300), changed_at: at };
  await trx.update(products, values, (query) => query.where({ id: row.id }));
};
