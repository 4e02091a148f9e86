import { apiVersion, definePlugin } from '@itsm-m365/plugin-api';
import { catalogueErrors, catalogueNotices } from './errors.ts';
import { catalogueMigrations } from './migrations.ts';
import { contactRoutes } from './plugin/contact-routes.ts';
import { folderRoutes } from './plugin/folder-routes.ts';
import { licenceRoutes } from './plugin/licence-routes.ts';
import {
  deleteProductsPermission,
  editCataloguePermission,
  erasePersonsPermission,
  readCataloguePermission,
  seePersonsPermission,
} from './plugin/permissions.ts';
import { productRoutes } from './plugin/product-routes.ts';
import { refreshSkuTitlesTask } from './plugin/refresh-task.ts';
import { forgetEvidenceTask, retentionSettings } from './plugin/retention-task.ts';
import { skuRoutes } from './plugin/sku-routes.ts';
import { skuSourceSettings } from './plugin/sku-source.ts';

const licenceManagement = { en: 'Licence Management', de: 'Lizenzmanagement' };

export const licenceCatalogPlugin = definePlugin({
  id: 'licence-catalog',
  apiVersion,
  title: { en: 'Licence catalogue', de: 'Lizenzkatalog' },
  permissions: [
    readCataloguePermission,
    editCataloguePermission,
    deleteProductsPermission,
    seePersonsPermission,
    erasePersonsPermission,
  ],
  settings: [skuSourceSettings, retentionSettings],
  tasks: [refreshSkuTitlesTask, forgetEvidenceTask],
  migrations: catalogueMigrations,
  routes: [...productRoutes, ...licenceRoutes, ...contactRoutes, ...folderRoutes, ...skuRoutes],
  pages: [
    {
      id: 'products',
      title: { en: 'Products', de: 'Produkte' },
      location: [licenceManagement, { en: 'Products', de: 'Produkte' }],
      permission: readCataloguePermission,
    },
    {
      id: 'contacts',
      title: { en: 'Contacts', de: 'Kontakte' },
      location: [
        { en: 'Master Data', de: 'Stammdaten' },
        { en: 'Contacts', de: 'Kontakte' },
      ],
      permission: seePersonsPermission,
    },
    {
      id: 'skus',
      title: { en: 'SKU titles', de: 'SKU-Titel' },
      location: [licenceManagement, { en: 'SKU titles', de: 'SKU-Titel' }],
      permission: readCataloguePermission,
    },
  ],
  errors: catalogueErrors,
  notices: catalogueNotices,
});
