import { eachDatabase, type TestDatabase, type TestEngine } from '@itsm-m365/database/testing';
import { assignments, contacts, licences, personFacts, positions } from '@itsm-m365/licence-catalog';
import {
  type RunningSimulator,
  type SimulatorOptions,
  type SimulatorTenant,
  simulatorDispatcher,
  startSimulator,
} from '@itsm-m365/microsoft-simulator';
import { type Database, openEnd } from '@itsm-m365/plugin-api';
import { createHarness, type ImportHarness, migrateImport, type TestPortal } from './index.ts';

/** A word that must appear in no log, notice, table or answer. */
export const canary = 'canary~Secret.Value-8Q~abcdefghijklmnop';

export interface World {
  readonly simulator: RunningSimulator['simulator'];
  readonly tenant: SimulatorTenant;
  readonly test: TestDatabase;
  readonly db: Database;
  readonly harness: ImportHarness;
  /** A portal of the tenant, as a person would enter it. */
  portal(patch?: Partial<TestPortal>, tenant?: SimulatorTenant): TestPortal;
  /** Graph calls since the last time this was asked, by endpoint, tokens left out. */
  calls(): Readonly<Record<string, number>>;
  /** Goes on in time, for product and simulator alike. */
  advance(hours: number): void;
  close(): Promise<void>;
}

export const portalId = '11111111-1111-4111-8111-111111111111';

/** A simulated tenant, a database and a host on one clock. With `portal: false` no portal is entered yet. */
export const openWorld = async (
  engine: TestEngine | undefined = eachDatabase()[0],
  options: SimulatorOptions & { readonly portal?: false } = {},
): Promise<World> => {
  if (engine === undefined) throw new Error('no database');
  const test = await engine.open();
  const { clock, db } = test;
  await migrateImport(db, clock);
  const running = await startSimulator({ users: 60, secret: canary, clock, ...options });
  const http = simulatorDispatcher(running.url);
  const harness = createHarness({ db, http, clock });
  const { simulator } = running;
  const portal = (patch: Partial<TestPortal> = {}, tenant = simulator.tenant): TestPortal => ({
    id: portalId,
    name: 'Contoso',
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    secret: canary,
    ...patch,
  });
  if (options.portal !== false) await harness.putPortal(portal());
  return {
    simulator,
    tenant: simulator.tenant,
    test,
    db,
    harness,
    portal,
    calls: () => {
      const { requests } = simulator.statistics.report();
      simulator.statistics.reset();
      return Object.fromEntries(
        Object.entries(requests).filter(([name, count]) => count > 0 && !/token|discovery|keys|openid/i.test(name)),
      );
    },
    advance: (hours) => clock.advance(hours * 3_600_000),
    close: async () => {
      await http.destroy();
      await running.close();
      await test.close();
    },
  };
};

const line = (...parts: readonly unknown[]): string => parts.join('|');

/** Every open assignment of a portal, as lines that a failing test can show. */
export const assignmentLines = async (db: Database, portal = portalId): Promise<string[]> =>
  db.read(async (trx) => {
    const skuOf = new Map(
      (await trx.rows(licences, (query) => query.where({ portal }))).map((row) => [row.number, row.sku]),
    );
    const people = new Map((await trx.rows(contacts)).map((row) => [row.person, row.object_id]));
    const open = await trx.rows(assignments, (query) => query.where({ valid_to: trx.encode('time', openEnd) }));
    return open
      .filter((row) => skuOf.has(row.licence))
      .map((row) => line(people.get(row.person), skuOf.get(row.licence), row.path, row.holds, row.state, row.error))
      .sort();
  });

/** The same lines from the tenant's own record. */
export const truthLines = (tenant: SimulatorTenant, excluded: readonly string[] = []): string[] => {
  const imported = new Set(
    tenant.truth
      .skus()
      .filter((sku) => sku.listed && !excluded.includes(sku.skuId) && sku.capabilityStatus !== 'Deleted')
      .map((sku) => sku.skuId),
  );
  return [...tenant.truth.users()]
    .flatMap((user) =>
      user.paths
        .filter((path) => imported.has(path.skuId))
        .map((path) => {
          const error = path.error === null || path.error === 'None' ? '' : path.error;
          return line(user.id, path.skuId, path.groupId ?? '', user.held.includes(path.skuId), path.state, error);
        }),
    )
    .sort();
};

/** Facts of the persons that hold something, ours and the tenant's. */
export const factLines = async (db: Database): Promise<string[]> =>
  db.read(async (trx) => {
    const people = new Map((await trx.rows(contacts)).map((row) => [row.person, row]));
    const open = await trx.rows(personFacts, (query) => query.where({ valid_to: trx.encode('time', openEnd) }));
    return open
      .map((row) => {
        const { object_id, upn, display_name } = people.get(row.person) ?? {};
        const type = row.person_type;
        return line(object_id, upn, display_name, row.enabled, type, row.department, row.company, row.cost_centre);
      })
      .sort();
  });

export const truthFactLines = (tenant: SimulatorTenant, objectIds: ReadonlySet<string>): string[] =>
  [...tenant.truth.users()]
    .filter((user) => objectIds.has(user.id))
    .map((user) => {
      const type = user.kind === 'agentUser' ? 'agent' : (user.userType?.toLowerCase() ?? 'unknown');
      const { id, userPrincipalName, displayName, accountEnabled, department, companyName, costCenter } = user;
      const texts = [department, companyName, costCenter].map((text) => text ?? '');
      return line(id, userPrincipalName, displayName ?? '', accountEnabled, type, ...texts);
    })
    .sort();

/** Units by SKU as stored, open positions only. */
export const unitLines = async (db: Database, portal = portalId): Promise<string[]> =>
  db.read(async (trx) => {
    const skuOf = new Map(
      (await trx.rows(licences, (query) => query.where({ portal }))).map((row) => [row.number, row.sku]),
    );
    const open = await trx.rows(positions, (query) => query.where({ valid_to: trx.encode('time', openEnd) }));
    return open
      .filter((row) => skuOf.has(row.licence))
      .map((row) => line(skuOf.get(row.licence), row.enabled, row.warning, row.suspended, row.locked_out, row.consumed))
      .sort();
  });

export const truthUnitLines = (tenant: SimulatorTenant): string[] =>
  tenant.truth
    .skus()
    .filter((sku) => sku.listed && sku.capabilityStatus !== 'Deleted')
    .map(({ skuId, units, consumed }) =>
      line(skuId, units.enabled, units.warning, units.suspended, units.lockedOut, consumed),
    )
    .sort();

/** Every row of the tables given, for "nothing changed". */
export const dumpOf = async (db: Database, tables: readonly { readonly name: string }[]): Promise<string> =>
  db.read(async (trx) => {
    const parts: string[] = [];
    for (const table of tables) {
      const rows: unknown[] = await trx.from(table).select('*');
      parts.push(table.name, ...rows.map((row) => JSON.stringify(row)).sort());
    }
    return parts.join('\n');
  });
