import type { AppOptions } from '../options.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { ControlProblem, type Fields, fieldsOf, numberField, textField, textList } from './fields.ts';

type Deed = (tenant: SimulatorTenant, fields: Fields) => unknown;

const optionalText = (fields: Fields, name: string): string | undefined =>
  fields[name] === undefined ? undefined : textField(fields, name);

const scopesField = (fields: Fields): readonly string[] | undefined =>
  fields.scopes === undefined ? undefined : textList(fields, 'scopes');

/** The tenant's own checks are by type; what comes over HTTP is checked for its names, and null switches off. */
const setPolicy: Deed = (tenant, fields) => {
  const { do: _, ...changes } = fields;
  const unknown = Object.keys(changes).find((name) => !Object.hasOwn(tenant.policy, name));
  if (unknown !== undefined) throw new ControlProblem(`The policy has no '${unknown}'.`);
  const values = Object.entries(changes).map(([name, value]) => [name, value === null ? undefined : value]);
  Object.assign(tenant.policy, Object.fromEntries(values));
};

/** What can be done to accounts, apps and policies; users by id or user principal name. */
export const identityDeeds: Readonly<Record<string, Deed>> = {
  'revoke-sessions': (tenant, fields) =>
    tenant.revokeSessions(textField(fields, 'user'), { accessTokens: fields.accessTokens === true }),
  'change-password': (tenant, fields) =>
    tenant.changePassword(textField(fields, 'user'), optionalText(fields, 'password')),
  'disable-user': (tenant, fields) => tenant.disableUser(textField(fields, 'user')),
  'enable-user': (tenant, fields) => tenant.enableUser(textField(fields, 'user')),
  'lock-user': (tenant, fields) => tenant.lockUser(textField(fields, 'user')),
  'unlock-user': (tenant, fields) => tenant.unlockUser(textField(fields, 'user')),
  'require-second-factor': (tenant, fields) =>
    tenant.requireSecondFactor(optionalText(fields, 'user'), fields.required !== false),
  'expire-refresh-tokens': (tenant, fields) => tenant.expireRefreshTokens(optionalText(fields, 'user')),
  'set-policy': setPolicy,
  'add-app': (tenant, fields) => {
    const { clientId, objectId } = tenant.addApp(fieldsOf(fields.app ?? {}) as AppOptions);
    return { clientId, objectId };
  },
  consent: (tenant, fields) =>
    tenant.consent(
      textField(fields, 'clientId'),
      textList(fields, 'scopes'),
      fields.knownAfterSeconds === undefined ? {} : { knownAfterSeconds: numberField(fields, 'knownAfterSeconds') },
    ),
  'withdraw-consent': (tenant, fields) => tenant.withdrawConsent(textField(fields, 'clientId'), scopesField(fields)),
  'assign-user': (tenant, fields) => tenant.assignUser(textField(fields, 'clientId'), textField(fields, 'user')),
  'unassign-user': (tenant, fields) => tenant.unassignUser(textField(fields, 'clientId'), textField(fields, 'user')),
};
