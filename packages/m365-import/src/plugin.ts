import { apiVersion, definePlugin } from '@itsm-m365/plugin-api';
import { afterRestore } from './after-restore.ts';
import { importErrors } from './errors.ts';
import { importAge } from './gauge.ts';
import { importMigrations } from './migrations.ts';
import { importNotices } from './notices.ts';
import { importPermissions } from './permissions.ts';
import { portals } from './portals.ts';
import { importRoutes } from './routes.ts';
import { importOptions, importTask } from './task.ts';
import { expiringCredentials, heldImports, staleImports } from './watch.ts';

/** Portals, exclusions and the import of their licences, products, contacts and assignments. */
export const m365ImportPlugin = definePlugin({
  id: 'm365-import',
  apiVersion,
  title: { en: 'Microsoft 365 import', de: 'Microsoft-365-Import' },
  requires: ['licence-catalog'],
  permissions: Object.values(importPermissions),
  settings: [portals, importOptions],
  tasks: [importTask],
  migrations: importMigrations,
  routes: importRoutes,
  pages: [
    {
      id: 'm365-import.portals-page',
      title: { en: 'Microsoft 365', de: 'Microsoft 365' },
      location: portals.location ?? [],
      permission: importPermissions.readPortals,
    },
  ],
  gauges: [importAge],
  watches: [staleImports, heldImports, expiringCredentials],
  afterRestore,
  errors: importErrors,
  notices: importNotices,
});
