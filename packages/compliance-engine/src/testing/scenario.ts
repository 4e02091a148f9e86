import type { Instant, ProductFacts, SeatFacts, SyncReason, UnitFacts } from '../engine/facts.ts';

/** One SKU of the scenario, in the words of a licence manager. */
export interface ScenarioSku {
  readonly name: string;
  readonly appliesTo: 'User' | 'Company';
  readonly units: UnitFacts;
  readonly seats: SeatFacts;
  readonly reasons: readonly SyncReason[];
  /** `''`: direct; else the name of the group. The same person may stand here several times. */
  readonly assigned: readonly { readonly person: string; readonly path: string; readonly holds: boolean }[];
}

export interface Scenario {
  readonly portal: string;
  readonly skus: readonly ScenarioSku[];
  /** Adds a SKU; what follows speaks of it. Its consumed units are the persons assigned, unless they are named. */
  withSku(name: string, units?: UnitFacts): Scenario;
  assignedTo(...persons: string[]): Scenario;
  assignedByGroup(group: string, ...persons: string[]): Scenario;
  /** A group wants to give it to them and could not. */
  waitingFor(...persons: string[]): Scenario;
  /** Of the enabled seats, these are a trial's. */
  onTrial(seats: number, endsAt?: Instant): Scenario;
  /** Further seats, in the grace period after expiry. */
  inGrace(seats: number, endsAt?: Instant): Scenario;
  forTheCompany(consumed: number): Scenario;
  cannotBeSynchronised(...reasons: SyncReason[]): Scenario;
  /** What the engine is told of a SKU; of the last one where none is named. */
  facts(name?: string): ProductFacts;
}

const distinct = (sku: ScenarioSku, holds: boolean): string[] => [
  ...new Set(sku.assigned.filter((one) => one.holds === holds).map(({ person }) => person)),
];

export const holders = (sku: ScenarioSku): string[] => distinct(sku, true);

/** Who waits and does not hold it by another path. */
export const waiters = (sku: ScenarioSku): string[] => {
  const holding = new Set(holders(sku));
  return distinct(sku, false).filter((person) => !holding.has(person));
};

const factsOf = (sku: ScenarioSku): ProductFacts => ({
  reasons: sku.reasons,
  licences: [{ appliesTo: sku.appliesTo, units: { consumed: holders(sku).length, ...sku.units }, seats: sku.seats }],
  consumers: holders(sku).length,
  waiting: waiters(sku).length,
});

const scenario = (portal: string, skus: readonly ScenarioSku[]): Scenario => {
  const last = (): ScenarioSku => {
    const sku = skus.at(-1);
    if (sku === undefined) throw new Error('Say withSku(...) first');
    return sku;
  };
  const change = (patch: Partial<ScenarioSku>): Scenario =>
    scenario(portal, [...skus.slice(0, -1), { ...last(), ...patch }]);
  const assign = (persons: readonly string[], path: string, holds: boolean): Scenario =>
    change({ assigned: [...last().assigned, ...persons.map((person) => ({ person, path, holds }))] });
  return {
    portal,
    skus,
    withSku: (name, units = {}) =>
      scenario(portal, [
        ...skus,
        { name, appliesTo: 'User', units, seats: { paid: units.enabled ?? 0 }, reasons: [], assigned: [] },
      ]),
    assignedTo: (...persons) => assign(persons, '', true),
    assignedByGroup: (group, ...persons) => assign(persons, group, true),
    waitingFor: (...persons) => assign(persons, 'a full group', false),
    onTrial: (trial, endsAt) =>
      change({ seats: { ...last().seats, paid: (last().units.enabled ?? 0) - trial, trial, endsAt } }),
    inGrace: (grace, endsAt) =>
      change({ units: { ...last().units, warning: grace }, seats: { ...last().seats, grace, endsAt } }),
    forTheCompany: (consumed) => change({ appliesTo: 'Company', units: { ...last().units, consumed } }),
    cannotBeSynchronised: (...reasons) => change({ reasons }),
    facts: (name) => {
      const sku = name === undefined ? last() : skus.find((one) => one.name === name);
      if (sku === undefined) throw new Error(`No SKU ${name} in the scenario`);
      return factsOf(sku);
    },
  };
};

/** `aPortal().withSku('E3', { enabled: 5 }).assignedTo('ann', 'bob')`. */
export const aPortal = (name = 'Contoso'): Scenario => scenario(name, []);
