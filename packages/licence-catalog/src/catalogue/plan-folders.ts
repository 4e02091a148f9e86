import type { Randomness } from '@itsm-m365/plugin-api';
import type { PortalIdentity } from '../readings.ts';
import type { FolderRow } from '../tables.ts';
import { freeName, nameKey } from './names.ts';

export const rootFolderName = 'Microsoft 365';
export const rootSystemKey = 'm365';
export const portalSystemKey = (portal: string): string => `m365:${portal.toLowerCase()}`;

export interface FolderPlan {
  readonly create: readonly FolderRow[];
  readonly rename: readonly { readonly id: string; readonly name: string }[];
  /** Where new products of the portal go. */
  readonly portalFolder: string;
}

const namesBelow = (folders: readonly FolderRow[], parent: string, except = ''): ReadonlySet<string> =>
  new Set(
    folders.filter((folder) => folder.parent === parent && folder.id !== except).map((folder) => folder.name_key),
  );

const systemFolder = (id: string, parent: string, system_key: string, name: string): FolderRow => ({
  id,
  parent,
  name,
  name_key: nameKey(name),
  system_key,
  system_name: name,
});

/**
 * *Microsoft 365 > portal name* (M365-39). The portal's folder follows the portal's name until a user renames it
 * (D2, rule 8). `needed` false: nothing is created for a portal that has no product.
 */
export const planFolders = (
  folders: readonly FolderRow[],
  portal: PortalIdentity,
  random: Randomness,
  needed: boolean,
): FolderPlan => {
  const root = folders.find(({ system_key }) => system_key === rootSystemKey);
  const own = folders.find(({ system_key }) => system_key === portalSystemKey(portal.id));
  if (own !== undefined) {
    const name = freeName(portal.name, namesBelow(folders, own.parent, own.id));
    const follows = own.name === own.system_name && own.name !== name;
    return { create: [], rename: follows ? [{ id: own.id, name }] : [], portalFolder: own.id };
  }
  if (!needed) return { create: [], rename: [], portalFolder: '' };
  const parent =
    root ?? systemFolder(random.uuid(), '', rootSystemKey, freeName(rootFolderName, namesBelow(folders, '')));
  const name = freeName(portal.name, namesBelow(folders, parent.id));
  const folder = systemFolder(random.uuid(), parent.id, portalSystemKey(portal.id), name);
  return { create: root === undefined ? [parent, folder] : [folder], rename: [], portalFolder: folder.id };
};
