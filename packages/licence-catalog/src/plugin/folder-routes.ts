import { defineRoute } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { createFolder, deleteFolder, listFolders, renameFolder } from '../products/folders.ts';
import { editCataloguePermission, readCataloguePermission } from './permissions.ts';
import { Id } from './schemas.ts';

const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });

const list = defineRoute({
  method: 'GET',
  path: '/folders',
  summary: 'All folders',
  permission: readCataloguePermission,
  response: Type.Object({
    items: Type.Array(Type.Object({ id: Id, parent: Type.String(), name: Type.String(), ofImport: Type.Boolean() })),
  }),
  async handle(_request, { db }) {
    const rows = await db.read(listFolders);
    return {
      items: rows.map(({ id, parent, name, system_key }) => ({ id, parent, name, ofImport: system_key !== id })),
    };
  },
});

const create = defineRoute({
  method: 'POST',
  path: '/folders',
  summary: 'Makes a folder',
  permission: editCataloguePermission,
  body: Type.Object({ parent: Type.String({ maxLength: 36 }), name: Name }, { additionalProperties: false }),
  response: Type.Object({ id: Id }),
  async handle(request, { db, random }) {
    await request.require(editCataloguePermission);
    const id = await db.write((trx) => createFolder(trx, request.body, random));
    await request.audit({ action: 'folder.create', object: id });
    return { id };
  },
});

const rename = defineRoute({
  method: 'PUT',
  path: '/folders/:folder',
  summary: 'Renames a folder',
  permission: editCataloguePermission,
  params: Type.Object({ folder: Id }),
  body: Type.Object({ name: Name }, { additionalProperties: false }),
  response: Type.Object({}),
  async handle(request, { db }) {
    await request.require(editCataloguePermission);
    await db.write((trx) => renameFolder(trx, request.params.folder, request.body.name));
    await request.audit({ action: 'folder.rename', object: request.params.folder });
    return {};
  },
});

const remove = defineRoute({
  method: 'DELETE',
  path: '/folders/:folder',
  summary: 'Deletes an empty folder made by hand',
  permission: editCataloguePermission,
  params: Type.Object({ folder: Id }),
  response: Type.Object({}),
  async handle(request, { db }) {
    await request.require(editCataloguePermission);
    await db.write((trx) => deleteFolder(trx, request.params.folder));
    await request.audit({ action: 'folder.delete', object: request.params.folder });
    return {};
  },
});

export const folderRoutes = [list, create, rename, remove];
