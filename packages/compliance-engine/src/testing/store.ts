import { createHash } from 'node:crypto';
import { migrate } from '@itsm-m365/database';
import type { TestDatabase, TestEngine } from '@itsm-m365/database/testing';
import {
  applyCatalogue,
  catalogueMigrations,
  createStage,
  keepEvidence,
  portalDeleted,
  prepareCatalogue,
  products,
  type StagedPerson,
} from '@itsm-m365/licence-catalog';
import { openEnd, type Randomness } from '@itsm-m365/plugin-api';
import { complianceMigrations } from '../migrations.ts';
import type { Scenario, ScenarioSku } from './scenario.ts';

/** A name as a GUID: the same name, the same GUID. */
export const guidOf = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Randomness that repeats itself. */
export const countingRandom = (): Randomness => {
  let count = 0;
  return {
    uuid: () => guidOf(`random ${count++}`),
    key: () => 1_000_000 + count++,
    fraction: () => 0.5,
  };
};

export interface ComplianceTest extends TestDatabase {
  readonly random: Randomness;
}

/** A database with the catalogue's tables and ours. */
export const openCompliance = async (engine: TestEngine): Promise<ComplianceTest> => {
  const test = await engine.open();
  await migrate(
    test.db,
    [
      { plugin: 'licence-catalog', migrations: catalogueMigrations },
      { plugin: 'compliance-engine', migrations: complianceMigrations },
    ],
    { mode: 'apply', clock: test.clock },
  );
  return { ...test, random: countingRandom() };
};

const readingOf = ({ name, appliesTo, units, seats, assigned }: ScenarioSku) => ({
  skuId: guidOf(name),
  partNumber: name,
  appliesTo,
  capabilityStatus: 'Enabled',
  units: {
    enabled: units.enabled ?? 0,
    warning: units.warning ?? 0,
    suspended: units.suspended ?? 0,
    lockedOut: units.lockedOut ?? 0,
    consumed: units.consumed ?? new Set(assigned.filter(({ holds }) => holds).map(({ person }) => person)).size,
  },
  seats: { paid: seats.paid ?? 0, grace: seats.grace ?? 0, trial: seats.trial ?? 0, endsAt: seats.endsAt },
});

const personOf = (
  name: string,
  licenceOf: ReadonlyMap<string, number>,
  skus: readonly ScenarioSku[],
): StagedPerson => ({
  objectId: guidOf(name),
  displayName: name,
  userPrincipalName: `${name}@contoso.example`,
  mail: `${name}@contoso.example`,
  givenName: name,
  surname: '',
  facts: {
    enabled: true,
    personType: 'member',
    department: '',
    company: '',
    costCentre: '',
    country: '',
    usageLocation: '',
  },
  assignments: skus.flatMap((sku) => {
    const licence = licenceOf.get(guidOf(sku.name));
    if (licence === undefined) return [];
    const own = sku.assigned.filter(({ person }) => person === name);
    return own.map(({ path, holds }) => ({
      licence,
      path: path === '' ? '' : guidOf(path),
      holds: own.some((one) => one.holds) && holds,
      state: holds ? 'Active' : 'Error',
      error: holds ? '' : 'CountViolation',
    }));
  }),
});

/**
 * Does what an import of the scenario's portal does, by the catalogue's own functions. A SKU that is excluded or missing
 * in the scenario is so for the import; a portal is deleted with {@link deletePortal}.
 */
export const importPortal = async ({ db, clock, random }: ComplianceTest, scenario: Scenario): Promise<void> => {
  clock.advance(60_000);
  const at = clock.now();
  const portal = { id: guidOf(scenario.portal), name: scenario.portal, tenant: guidOf(`${scenario.portal} tenant`) };
  const seen = scenario.skus.filter(({ reasons }) => !reasons.includes('missing-in-portal'));
  const excluded = scenario.skus.filter(({ reasons }) => reasons.includes('excluded'));
  const plan = await prepareCatalogue(db, {
    portal,
    readings: seen.map(readingOf),
    subscriptions: [],
    exclusions: new Set(excluded.map(({ name }) => guidOf(name))),
    random,
  });
  const ticket = random.uuid();
  const stage = createStage(db, {
    portal: portal.id,
    tenant: portal.tenant,
    ticket,
    mode: 'full',
    licences: plan.numbers,
    random,
  });
  const names = new Set(scenario.skus.flatMap(({ assigned }) => assigned.map(({ person }) => person)));
  await stage.add([...names].map((name) => personOf(name, plan.licenceOf, scenario.skus)));
  await stage.compare();
  await db.write(async (trx) => {
    await applyCatalogue(trx, plan, at);
    await stage.publish(trx, at);
    const bytes = Buffer.from(JSON.stringify(seen));
    await keepEvidence(trx, { run: ticket, portal: portal.id, kind: 'subscribedSkus', bytes, observedAt: at });
  });
  await stage.clear();
};

export const deletePortal = async ({ db, clock }: ComplianceTest, name: string): Promise<void> => {
  clock.advance(60_000);
  await db.write((trx) => portalDeleted(trx, guidOf(name), clock.now()));
};

/** The id of a portal's product of a SKU, alive. */
export const productId = async ({ db }: ComplianceTest, sku: string, portal = 'Contoso'): Promise<string> => {
  const [row] = await db.read((trx) =>
    trx.rows(products, (query) =>
      query.where({ portal: guidOf(portal), sku: guidOf(sku), deleted_at: trx.encode('time', openEnd) }),
    ),
  );
  if (row === undefined) throw new Error(`No product of ${sku}`);
  return row.id;
};
