import type { FaultName, FaultParameters, SimulatorTenant } from '@itsm-m365/microsoft-simulator';

/** Parameters of any fault: which of them are read is the fault's affair. */
type Parameters = FaultParameters & {
  readonly milliseconds?: number;
  readonly seconds?: number;
  readonly retryAfterSeconds?: number;
  readonly count?: number;
};

/** What a fault needs to show itself. */
export interface Setting {
  readonly parameters: Parameters;
  /** Other faults without which this one has no occasion. */
  readonly companions: readonly (readonly [FaultName, Parameters])[];
  /** The portal signs in with a certificate instead of a secret. */
  readonly certificate: boolean;
  /** Microsoft withholds units that are locked out: nobody can know them, so they are not compared. */
  readonly withoutLockedOut: boolean;
  /** What happens at Microsoft beforehand. */
  readonly before?: (tenant: SimulatorTenant) => void;
}

const plain: Setting = { parameters: {}, companions: [], certificate: false, withoutLockedOut: false };

/** Somebody who holds a licence gets it by a group as well: who holds what stays as it is, and delta is silent. */
const giveByGroup = (tenant: SimulatorTenant): void => {
  for (const user of tenant.truth.users()) {
    const [held] = user.held;
    const group = tenant.groups.find(({ id }) => !user.paths.some(({ groupId }) => groupId === id));
    if (held === undefined || group === undefined) continue;
    tenant.assign(user.id, held, { groupId: group.id });
    return;
  }
};

/** Longer than a token lives. */
const skew = { seconds: 4_000 };

const settings: Partial<Record<FaultName, Partial<Setting>>> = {
  'slow-body': { parameters: { milliseconds: 20 } },
  'service-unavailable': { parameters: { retryAfterSeconds: 20 } },
  'duplicate-users': { parameters: { count: 3 } },
  'clock-skew': { parameters: skew },
  // A page is asked for again only where its answer got lost; the link of the second answer is the one not found.
  'page-token-not-found': { companions: [['connection-reset', { endpoint: 'users', page: 1, times: 1 }]] },
  'delta-surfaces-assignment-states': { before: giveByGroup },
  'missing-locked-out': { withoutLockedOut: true },
  // An assertion is late only where the clocks differ.
  'assertion-expired-as-500133': { certificate: true, companions: [['clock-skew', { endpoint: 'token', ...skew }]] },
  'assertion-replay-refused': { certificate: true },
};

export const settingOf = (name: FaultName): Setting => ({ ...plain, ...settings[name] });
