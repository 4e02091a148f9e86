import type { SimulatorTenant, TruthUser } from '@itsm-m365/microsoft-simulator';
import type { Draw } from '../soak/draw.ts';

type Deed = (tenant: SimulatorTenant, draw: Draw) => void;

const someUser = (tenant: SimulatorTenant, draw: Draw): TruthUser => draw.one([...tenant.truth.users()]);
const assignable = (tenant: SimulatorTenant): string[] =>
  tenant.truth
    .skus()
    .filter(({ appliesTo }) => appliesTo === 'User')
    .map(({ skuId }) => skuId);
const holder = (tenant: SimulatorTenant, draw: Draw): TruthUser =>
  draw.one([...tenant.truth.users()].filter(({ paths }) => paths.length > 0));
const departments = ['Sales', 'Purchasing', 'Vertrieb Süd', 'Ærø & Söhne', ''];
const removed = new WeakMap<SimulatorTenant, string[]>();
const errors = ['CountViolation', 'MutuallyExclusiveViolation', 'DependencyViolation', 'Other'];

/** What happens at a tenant on an ordinary day. */
const deeds: Readonly<Record<string, Deed>> = {
  hire: (tenant, draw) => {
    const id = tenant.addUser({ department: draw.one(departments), usageLocation: draw.one(['DE', 'AT', 'US']) });
    if (draw.fraction() < 0.7) tenant.assign(id, draw.one(assignable(tenant)));
  },
  'change facts': (tenant, draw) =>
    tenant.updateUser(someUser(tenant, draw).id, {
      department: draw.one([...departments, null]),
      costCenter: draw.one(['CC-1', 'CC-2', null]),
      userType: draw.one(['Member', 'Member', 'Guest', null]),
    }),
  rename: (tenant, draw) => tenant.updateUser(someUser(tenant, draw).id, { displayName: `N. ${draw.whole(1000)}` }),
  'change what delta is not asked for': (tenant, draw) =>
    tenant.updateUser(someUser(tenant, draw).id, { jobTitle: `Job ${draw.whole(1000)}` }),
  disable: (tenant, draw) => tenant.updateUser(someUser(tenant, draw).id, { accountEnabled: draw.fraction() < 0.3 }),
  'assign directly': (tenant, draw) => tenant.assign(someUser(tenant, draw).id, draw.one(assignable(tenant))),
  'assign by group': (tenant, draw) =>
    tenant.assign(someUser(tenant, draw).id, draw.one(assignable(tenant)), { groupId: draw.one(tenant.groups).id }),
  'fail a group assignment': (tenant, draw) =>
    tenant.assign(someUser(tenant, draw).id, draw.one(assignable(tenant)), {
      groupId: draw.one(tenant.groups).id,
      state: 'Error',
      error: draw.one(errors),
    }),
  'change state and error only': (tenant, draw) => {
    const { id, paths } = holder(tenant, draw);
    const { skuId, groupId, state } = draw.one(paths);
    const ailing = state === 'ActiveWithError';
    if (state === 'Active' || ailing)
      tenant.assign(id, skuId, {
        groupId,
        state: ailing ? 'Active' : 'ActiveWithError',
        error: ailing ? null : 'Other',
      });
    else tenant.assign(id, skuId, { groupId });
  },
  'move from direct to a group': (tenant, draw) => {
    const { id, paths } = holder(tenant, draw);
    const direct = paths.find(({ groupId, holds }) => groupId === null && holds);
    if (direct === undefined) return;
    tenant.assign(id, direct.skuId, { groupId: draw.one(tenant.groups).id });
    tenant.unassign(id, direct.skuId, { groupId: null });
  },
  unassign: (tenant, draw) => {
    const { id, paths } = holder(tenant, draw);
    const { skuId, groupId } = draw.one(paths);
    tenant.unassign(id, skuId, draw.fraction() < 0.5 ? {} : { groupId });
  },
  remove: (tenant, draw) => {
    const { id } = someUser(tenant, draw);
    const permanently = draw.fraction() < 0.3;
    tenant.removeUser(id, { permanently });
    if (!permanently) removed.set(tenant, [...(removed.get(tenant) ?? []), id]);
  },
  restore: (tenant, draw) => {
    const [first, ...rest] = removed.get(tenant) ?? [];
    if (first === undefined) return;
    removed.set(tenant, rest);
    tenant.restoreUser(first);
    if (draw.fraction() < 0.3) tenant.updateUser(first, { department: 'Back' });
  },
  'buy seats': (tenant, draw) => {
    const sku = draw.one(assignable(tenant));
    if (tenant.subscriptionsOf(sku).some(({ status }) => status === 'Enabled')) tenant.setSeats(sku, draw.whole(60));
  },
  'add a purchase': (tenant, draw) => {
    tenant.addSubscription(draw.one(assignable(tenant)), {
      seats: 1 + draw.whole(9),
      isTrial: draw.fraction() < 0.4,
      renewsInDays: 1 + draw.whole(20),
      autoRenews: draw.fraction() < 0.5,
      graceDays: 1 + draw.whole(5),
      suspendedDays: 2,
    });
  },
  'rename a product': (tenant, draw) => tenant.renameSku(draw.one(assignable(tenant)), `RENAMED_${draw.whole(1000)}`),
};

const often = ['hire', 'change facts', 'assign directly', 'assign by group', 'unassign', 'change state and error only'];
const names = [...Object.keys(deeds), ...often];

/** Does something by chance; answers what. */
export const doSomething = (tenant: SimulatorTenant, draw: Draw): string => {
  const name = draw.one(names);
  deeds[name]?.(tenant, draw);
  return name;
};
