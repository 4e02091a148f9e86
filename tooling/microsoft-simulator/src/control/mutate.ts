import type { AssignmentState, SkuSeed, SubscriptionSeed, SubscriptionStatus, UserFacts } from '../tenant/model.ts';
import { blankFacts } from '../tenant/population.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { ControlProblem, type Fields, fieldsOf, numberField, textField, textList, wordField } from './fields.ts';
import { identityDeeds } from './identity-deeds.ts';

type Deed = (tenant: SimulatorTenant, fields: Fields) => unknown;

const states: readonly AssignmentState[] = ['Active', 'ActiveWithError', 'Disabled', 'Error'];
const statuses: readonly SubscriptionStatus[] = ['Enabled', 'Warning', 'Suspended', 'LockedOut', 'Deleted'];
const factNames = new Set(Object.keys(blankFacts('', 'a@b', 0)));

const factsField = (fields: Fields): Partial<UserFacts> => {
  const facts = fieldsOf(fields.facts ?? {});
  const unknown = Object.keys(facts).find((name) => !factNames.has(name));
  if (unknown !== undefined) throw new ControlProblem(`Users have no '${unknown}'.`);
  return facts as Partial<UserFacts>;
};

const groupField = (fields: Fields): { readonly groupId?: string | null } => {
  const { groupId } = fields;
  if (groupId === undefined) return {};
  return { groupId: groupId === null ? null : textField(fields, 'groupId') };
};

const deeds: Readonly<Record<string, Deed>> = {
  ...identityDeeds,
  'add-user': (tenant, fields) => ({ userId: tenant.addUser(factsField(fields)) }),
  'update-user': (tenant, fields) => tenant.updateUser(textField(fields, 'userId'), factsField(fields)),
  'remove-user': (tenant, fields) =>
    tenant.removeUser(textField(fields, 'userId'), { permanently: fields.permanently === true }),
  'restore-user': (tenant, fields) => tenant.restoreUser(textField(fields, 'userId')),
  assign: (tenant, fields) => {
    const state = wordField(fields, 'state', states);
    tenant.assign(textField(fields, 'userId'), textField(fields, 'skuId'), {
      ...groupField(fields),
      ...(state === undefined ? {} : { state }),
      ...(typeof fields.error === 'string' ? { error: fields.error } : {}),
      ...(fields.disabledPlans === undefined ? {} : { disabledPlans: textList(fields, 'disabledPlans') }),
    });
  },
  unassign: (tenant, fields) =>
    tenant.unassign(textField(fields, 'userId'), textField(fields, 'skuId'), groupField(fields)),
  'add-group': (tenant, fields) => ({ groupId: tenant.addGroup(textField(fields, 'displayName')) }),
  'add-sku': (tenant, fields) => {
    textField(fields, 'skuPartNumber');
    const { do: _, ...seed } = fields;
    tenant.addSku({ ...(seed as unknown as SkuSeed), skuId: textField(fields, 'skuId') });
  },
  'remove-sku': (tenant, fields) => tenant.removeSku(textField(fields, 'skuId')),
  'list-sku': (tenant, fields) => tenant.listSku(textField(fields, 'skuId')),
  'rename-sku': (tenant, fields) => tenant.renameSku(textField(fields, 'skuId'), textField(fields, 'skuPartNumber')),
  'set-seats': (tenant, fields) => tenant.setSeats(textField(fields, 'skuId'), numberField(fields, 'seats')),
  'add-subscription': (tenant, fields) => {
    const { do: _, skuId: __, ...seed } = fields;
    return { subscriptionId: tenant.addSubscription(textField(fields, 'skuId'), seed as SubscriptionSeed) };
  },
  'expire-subscription': (tenant, fields) =>
    tenant.expireSubscription(textField(fields, 'subscriptionId'), wordField(fields, 'status', statuses) ?? 'Warning'),
  'renew-subscription': (tenant, fields) => tenant.renewSubscription(textField(fields, 'subscriptionId')),
  'set-auto-renewal': (tenant, fields) => {
    const { autoRenews } = fields;
    if (typeof autoRenews !== 'boolean') throw new ControlProblem("'autoRenews' must be true or false.");
    tenant.setAutoRenewal(textField(fields, 'subscriptionId'), autoRenews);
  },
  'rename-tenant': (tenant, fields) => tenant.renameTenant(textField(fields, 'displayName')),
  'set-roles': (tenant, fields) => {
    const wanted = typeof fields.clientId === 'string' ? fields.clientId.toLowerCase() : tenant.clientId;
    const app = tenant.apps.find((entry) => entry.clientId === wanted);
    if (app === undefined) throw new ControlProblem(`The tenant has no app ${wanted}.`);
    app.roles = textList(fields, 'roles');
  },
};

export const deedNames = Object.keys(deeds);

/** Carries out `{ do, … }`; the tenant's own complaints (unknown user, …) are answered as 400 as well. */
export const mutate = (tenant: SimulatorTenant, value: unknown): unknown => {
  const fields = fieldsOf(value);
  const name = textField(fields, 'do');
  const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined;
  if (deed === undefined) throw new ControlProblem(`'do' must be one of ${deedNames.join(', ')}.`);
  try {
    return deed(tenant, fields) ?? {};
  } catch (problem) {
    throw new ControlProblem(problem instanceof Error ? problem.message : String(problem));
  }
};
