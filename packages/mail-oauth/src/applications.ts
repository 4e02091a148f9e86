import { preparePfx, validateCredential } from '@itsm-m365/graph-auth';
import {
  defineSettings,
  nameKey,
  type Problem,
  type RevealField,
  type SecretRef,
  type Services,
  type StoredItem,
  type ValidationContext,
} from '@itsm-m365/plugin-api';
import type { MailAccount } from './account.ts';
import { type ApplicationSettings, applicationDefaults, applicationFields } from './application-fields.ts';
import { mailPermissions } from './permissions.ts';
import { isGuid, problems } from './problems.ts';

export const applicationsSection = 'mail-oauth.applications';
const boundTo = ['tenantId', 'clientId'] as const;

export type MailApplication = StoredItem<ApplicationSettings>;

/** Reveals a secret of an application's credential by its field; undefined where it has none. */
export const revealOf =
  (services: Pick<Services, 'secrets'>, { id, value }: MailApplication): RevealField =>
  async (field) => {
    const stored: unknown = Object.entries(value.credential).find(([name]) => name === field)?.[1];
    // The settings' schema makes every field that is asked for here a stored reference.
    return typeof stored === 'string'
      ? services.secrets.reveal(stored as SecretRef, {
          owner: `${applicationsSection}/${id}`,
          field: `credential.${field}`,
          boundTo: { tenantId: value.tenantId, clientId: value.clientId },
        })
      : undefined;
  };

const fieldProblems = (value: ApplicationSettings, context: ValidationContext<ApplicationSettings>): Problem[] => {
  const found: Problem[] = [];
  const key = nameKey(value.name);
  if (key === '') found.push(problems.nameMissing);
  else if (context.others.some((other) => nameKey(other.value.name) === key))
    found.push(problems.nameTaken(value.name.trim()));
  if (!isGuid(value.clientId)) found.push(problems.client);
  if (value.accountType === 'directory' && !isGuid(value.tenantId)) found.push(problems.tenant);
  if (value.enterpriseObjectId.trim() !== '' && !isGuid(value.enterpriseObjectId)) found.push(problems.objectId);
  if (value.flow === 'app-only') {
    if (value.accountType !== 'directory') found.push(problems.directoryNeeded);
    if (value.credential.type === 'none') found.push(problems.credentialNeeded);
  }
  return found;
};

/** Applications registered in Entra for mail. A collection: accounts name one of them. */
export const applications = defineSettings({
  id: applicationsSection,
  kind: 'collection',
  title: { en: 'Mail applications', de: 'Mail-Anwendungen' },
  description: {
    en: 'Applications registered in Entra that accounts sign in with. One application for one purpose; several accounts may share it.',
    de: 'In Entra registrierte Anwendungen, mit denen Konten sich anmelden. Eine Anwendung für einen Zweck; mehrere Konten können sie teilen.',
  },
  location: [
    { en: 'System', de: 'System' },
    { en: 'Settings', de: 'Einstellungen' },
    { en: 'E-Mail Service', de: 'E-Mail-Dienst' },
    { en: 'Applications', de: 'Anwendungen' },
  ],
  schema: applicationFields,
  defaults: applicationDefaults,
  permissions: { read: mailPermissions.readAccounts, edit: mailPermissions.editAccounts },
  secretsBoundTo: boundTo,
  async prepare(input) {
    if (typeof input !== 'object' || input === null || !('credential' in input)) return { value: input, problems: [] };
    const prepared = await preparePfx(input.credential);
    return {
      value: { ...input, credential: prepared.credential },
      problems: prepared.problems.map((problem) => ({ ...problem, path: `/credential${problem.path}` })),
    };
  },
  normalise: (value) => ({
    ...value,
    name: value.name.trim(),
    tenantId: value.accountType === 'directory' ? value.tenantId.trim().toLowerCase() : '',
    clientId: value.clientId.trim().toLowerCase(),
    enterpriseObjectId: value.enterpriseObjectId.trim().toLowerCase(),
  }),
  async validate(value, context) {
    const found = fieldProblems(value, context);
    if (value.credential.type === 'none') return found;
    const reveal = revealOf(context.services, { id: context.id ?? '', value, version: 0 });
    const credential = await validateCredential(value.credential, {
      // A stored secret that cannot be read any more is not what this form is about.
      reveal: (field) => reveal(field).catch(() => undefined),
      clock: context.services.clock,
    });
    return [...found, ...credential.map((problem) => ({ ...problem, path: `/credential${problem.path}` }))];
  },
});

/** Undefined where the account signs in with a password, names no application, or one that is gone. */
export const applicationOf = async (
  { settings }: Pick<Services, 'settings'>,
  { value }: Pick<MailAccount, 'value'>,
): Promise<MailApplication | undefined> =>
  value.method === 'password' || value.application === '' ? undefined : settings.item(applications, value.application);
