export { importErrors } from './errors.ts';
export { importMigrations } from './migrations.ts';
export { importNotices } from './notices.ts';
export { importPermissions, portalScope } from './permissions.ts';
export { m365ImportPlugin } from './plugin.ts';
export { type PortalSettings, portalFields, portalPages } from './portal-fields.ts';
export { portals } from './portals.ts';
export { confirmations, groupNames, importTables, noticesSent, portalSkus, portalStates } from './tables.ts';
export { importOptions, importTask, importTaskId } from './task.ts';
