import { credentialOf, preparePfx, testConnection, validateCredential } from '@itsm-m365/graph-auth';
import { portalDeleted } from '@itsm-m365/licence-catalog';
import { defineSettings, nameKey, type Problem, type ValidationContext } from '@itsm-m365/plugin-api';
import { portalsSection, revealOf } from './connect.ts';
import { asGuid } from './decode/values.ts';
import { importPermissions } from './permissions.ts';
import { type PortalSettings, portalDefaults, portalFields } from './portal-fields.ts';
import { readMemory, writeState } from './state.ts';

const problems = {
  nameMissing: {
    path: '/name',
    code: 'PORTAL_NAME_MISSING',
    message: { en: 'Enter a name for the portal.', de: 'Geben Sie einen Namen für das Portal ein.' },
  },
  nameTaken: (name: string): Problem => ({
    path: '/name',
    code: 'PORTAL_NAME_TAKEN',
    message: {
      en: `There is a portal with the name "${name}" already. Choose another name.`,
      de: `Es gibt bereits ein Portal mit dem Namen „${name}“. Wählen Sie einen anderen Namen.`,
    },
  }),
  tenant: {
    path: '/tenantId',
    code: 'PORTAL_TENANT_INVALID',
    message: {
      en: 'The directory (tenant) ID must be a GUID such as 0f6e2d5a-9c3b-4b7e-8a41-5d2c7b1e9f60. Copy it from the overview page of the application in Entra; a domain name is not enough, because it can move to another tenant.',
      de: 'Die Verzeichnis-ID (Mandant) muss eine GUID sein, etwa 0f6e2d5a-9c3b-4b7e-8a41-5d2c7b1e9f60. Kopieren Sie sie von der Übersichtsseite der Anwendung in Entra; ein Domänenname genügt nicht, denn er kann zu einem anderen Mandanten wechseln.',
    },
  },
  client: {
    path: '/clientId',
    code: 'PORTAL_CLIENT_INVALID',
    message: {
      en: 'The application (client) ID must be a GUID. Copy it from the overview page of the application in Entra.',
      de: 'Die Anwendungs-ID (Client) muss eine GUID sein. Kopieren Sie sie von der Übersichtsseite der Anwendung in Entra.',
    },
  },
  tenantFixed: {
    path: '/tenantId',
    code: 'PORTAL_TENANT_FIXED',
    message: {
      en: 'Data of another directory was imported into this portal already. Add a new portal for the other directory.',
      de: 'In dieses Portal wurden bereits Daten eines anderen Verzeichnisses importiert. Legen Sie für das andere Verzeichnis ein neues Portal an.',
    },
  },
  exclusion: (index: number): Problem => ({
    path: `/exclusions/${index}`,
    code: 'PORTAL_EXCLUSION_INVALID',
    message: {
      en: 'An excluded licence is named by its SKU id, a GUID.',
      de: 'Eine ausgenommene Lizenz wird durch ihre SKU-Kennung benannt, eine GUID.',
    },
  }),
} as const;

const fieldProblems = (value: PortalSettings, context: ValidationContext<PortalSettings>): Problem[] => {
  const found: Problem[] = [];
  // M365-14.
  const key = nameKey(value.name);
  if (key === '') found.push(problems.nameMissing);
  else if (context.others.some((other) => nameKey(other.value.name) === key))
    found.push(problems.nameTaken(value.name.trim()));
  if (asGuid(value.tenantId.trim()) === undefined) found.push(problems.tenant);
  if (asGuid(value.clientId.trim()) === undefined) found.push(problems.client);
  value.exclusions.forEach((sku, index) => {
    if (asGuid(sku.trim()) === undefined) found.push(problems.exclusion(index));
  });
  return found;
};

/** Once data came from a directory, the portal belongs to it: history and contacts hang on the tenant. */
const tenantProblems = async (
  value: PortalSettings,
  context: ValidationContext<PortalSettings>,
): Promise<Problem[]> => {
  if (context.id === undefined) return [];
  const { state } = await readMemory(context.services.db, context.id);
  const fixed = state?.last_complete_at !== null && (state?.tenant ?? '') !== '';
  return fixed && state?.tenant !== value.tenantId.trim().toLowerCase() ? [problems.tenantFixed] : [];
};

/** Portals: tenants that licences are imported from. A collection: each is stored, versioned and permitted on its own. */
export const portals = defineSettings({
  id: portalsSection,
  kind: 'collection',
  title: { en: 'Microsoft 365 portals', de: 'Microsoft-365-Portale' },
  description: {
    en: 'Each portal is one tenant. Its licences, products and assignments are imported and read-only here: the portal is the leading system. Deleting a portal leaves what was imported in place.',
    de: 'Jedes Portal ist ein Mandant. Seine Lizenzen, Produkte und Zuweisungen werden importiert und sind hier nur lesbar: Das Portal ist das führende System. Beim Löschen eines Portals bleibt das Importierte bestehen.',
  },
  location: [
    { en: 'System', de: 'System' },
    { en: 'Settings', de: 'Einstellungen' },
    { en: 'Licence Management', de: 'Lizenzmanagement' },
    { en: 'Microsoft 365', de: 'Microsoft 365' },
  ],
  schema: portalFields,
  defaults: portalDefaults,
  permissions: { read: importPermissions.readPortals, edit: importPermissions.editPortals },
  secretsBoundTo: ['tenantId', 'clientId', 'cloud'],
  async prepare(input) {
    if (typeof input !== 'object' || input === null || !('credential' in input)) return { value: input, problems: [] };
    const { credential, problems } = await preparePfx(input.credential);
    return {
      value: { ...input, credential },
      problems: problems.map((problem) => ({ ...problem, path: `/credential${problem.path}` })),
    };
  },
  normalise: (value) => ({
    ...value,
    name: value.name.trim(),
    tenantId: value.tenantId.trim().toLowerCase(),
    clientId: value.clientId.trim().toLowerCase(),
    exclusions: [...new Set(value.exclusions.map((sku) => sku.trim().toLowerCase()))].sort(),
  }),
  async validate(value, context) {
    const reveal = revealOf(context.services, { id: context.id ?? '', value });
    const credential = await validateCredential(value.credential, {
      // A stored secret that cannot be read any more is not what this form is about.
      reveal: (field) => reveal(field).catch(() => undefined),
      clock: context.services.clock,
    });
    return [
      ...fieldProblems(value, context),
      ...(await tenantProblems(value, context)),
      ...credential.map((problem) => ({ ...problem, path: `/credential${problem.path}` })),
    ];
  },
  async test(value, { services, reveal, signal }) {
    const { cloud, tenantId, clientId } = value;
    const { http, clock, random, logger } = services;
    // A secret that is not there is the first step's failure, not this form's.
    const credential = () => credentialOf(value.credential, reveal, http);
    return testConnection({ cloud, tenantId, clientId, credential, http, clock, random, logger, signal });
  },
  async removed(item, trx, { now }) {
    // The row first: an import that is publishing holds it, and what it publishes has to be marked too.
    await writeState(trx, item.id, { name: item.value.name, removed_at: now, delta_link: '' }, now);
    await portalDeleted(trx, item.id, now);
  },
});
