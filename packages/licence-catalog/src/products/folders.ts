import { openEnd, type Randomness, type Transaction } from '@itsm-m365/plugin-api';
import { nameKey } from '../catalogue/names.ts';
import { catalogueErrors } from '../errors.ts';
import { type FolderRow, folders, products } from '../tables.ts';

const folderOf = async (trx: Transaction, folder: string): Promise<FolderRow> => {
  const [row] = await trx.rows(folders, (query) => query.where({ id: folder.toLowerCase() }));
  if (row === undefined) throw catalogueErrors.FOLDER_NOT_FOUND({ folder });
  return row;
};

const checkFree = async (trx: Transaction, parent: string, name: string, self = ''): Promise<void> => {
  const same = await trx.rows(folders, (query) =>
    query.where({ parent, name_key: nameKey(name) }).whereNot({ id: self }),
  );
  if (same.length > 0) throw catalogueErrors.FOLDER_NAME_TAKEN({ name });
};

/** All folders, by name. Few: people make them by hand. */
export const listFolders = (trx: Transaction): Promise<FolderRow[]> =>
  trx.rows(folders, (query) => query.orderBy('name_key').orderBy('id'));

/** @throws FOLDER_NOT_FOUND for an unknown parent (`''` is the top), FOLDER_NAME_TAKEN */
export const createFolder = async (
  trx: Transaction,
  { parent, name }: { readonly parent: string; readonly name: string },
  random: Randomness,
): Promise<string> => {
  const above = parent === '' ? '' : (await folderOf(trx, parent)).id;
  const trimmed = name.trim().slice(0, 200);
  await checkFree(trx, above, trimmed);
  const id = random.uuid();
  await trx.insert(folders, [
    { id, parent: above, name: trimmed, name_key: nameKey(trimmed), system_key: id, system_name: '' },
  ]);
  return id;
};

/**
 * Renames a folder. A portal's folder that was renamed no longer follows the portal's name (D2, rule 8).
 *
 * @throws FOLDER_NOT_FOUND, FOLDER_NAME_TAKEN
 */
export const renameFolder = async (trx: Transaction, folder: string, name: string): Promise<void> => {
  const row = await folderOf(trx, folder);
  const trimmed = name.trim().slice(0, 200);
  await checkFree(trx, row.parent, trimmed, row.id);
  await trx.update(folders, { name: trimmed, name_key: nameKey(trimmed) }, (query) => query.where({ id: row.id }));
};

/** @throws FOLDER_NOT_FOUND, FOLDER_OF_IMPORT, FOLDER_NOT_EMPTY */
export const deleteFolder = async (trx: Transaction, folder: string): Promise<void> => {
  const row = await folderOf(trx, folder);
  if (row.system_key !== row.id) throw catalogueErrors.FOLDER_OF_IMPORT({ name: row.name });
  const below = await trx.rows(folders, (query) => query.where({ parent: row.id }).limit(1));
  const inside = await trx.rows(products, (query) =>
    query.where({ folder: row.id, deleted_at: trx.encode('time', openEnd) }).limit(1),
  );
  if (below.length + inside.length > 0) throw catalogueErrors.FOLDER_NOT_EMPTY({ name: row.name });
  await trx.remove(folders, (query) => query.where({ id: row.id }));
};
