import { apiVersion, definePlugin, type Gauge, type Page } from '@itsm-m365/plugin-api';
import { complianceErrors } from './errors.ts';
import { complianceMigrations } from './migrations.ts';
import { complianceNotices } from './notices.ts';
import { compliancePermissions, readPermission } from './permissions.ts';
import { consumersRoute } from './routes/consumers-route.ts';
import { detailRoute, historyRoute, listRoute, statusesRoute, summaryRoute } from './routes/view-routes.ts';
import { entitlementSection } from './settings.ts';
import { recalculateCompletelyTask, recalculateTask } from './task.ts';
import { complianceSummary } from './view/summary.ts';

const productsPerStatus: Gauge = {
  name: 'compliance_products',
  help: 'Products by published compliance status',
  read: async ({ db }) => {
    const { statuses } = await db.read((trx) => complianceSummary(trx, undefined));
    return statuses.map(({ status, products }) => ({ labels: { status }, value: products }));
  },
};

const compliancePage: Page = {
  id: 'compliance-engine.compliance',
  title: { en: 'Compliance', de: 'Compliance' },
  location: [
    { en: 'License Management', de: 'Lizenzmanagement' },
    { en: 'Compliance', de: 'Compliance' },
  ],
  permission: readPermission,
};

/** Computes and publishes the compliance status of what the licence catalogue holds. */
export const complianceEnginePlugin = definePlugin({
  id: 'compliance-engine',
  apiVersion,
  title: { en: 'Compliance', de: 'Compliance' },
  requires: ['licence-catalog'],
  permissions: compliancePermissions,
  settings: [entitlementSection],
  tasks: [recalculateTask, recalculateCompletelyTask],
  migrations: complianceMigrations,
  routes: [listRoute, detailRoute, historyRoute, consumersRoute, summaryRoute, statusesRoute],
  pages: [compliancePage],
  gauges: [productsPerStatus],
  // The contract's type is wider than a catalogue with placeholders can be; the values are the same.
  errors: complianceErrors,
  notices: complianceNotices,
});
