import { eachDatabase, type TestDatabase } from '@itsm-m365/database/testing';
import { catalogueTables } from '@itsm-m365/licence-catalog';
import { importTables, portalStates } from '@itsm-m365/m365-import';
import { createHarness, type ImportHarness, migrateImport } from '@itsm-m365/m365-import/testing';
import {
  type RunningSimulator,
  type SimulatorTenant,
  selfSignedCertificate,
  simulatorDispatcher,
  startSimulator,
} from '@itsm-m365/microsoft-simulator';
import type { Database } from '@itsm-m365/plugin-api';
import { type Known, storedIn, truthOf } from '../soak/catalogue-state.ts';
import { importedRows } from '../stored/published.ts';
import { change } from './change.ts';
import type { Start } from './places.ts';

const hour = 3_600_000;
const portalId = '11111111-1111-4111-8111-111111111111';
const users = 60;
/** Short, so that the thousands of imports take months of the clock, and not years in which licences expire. */
const fullListingHours = 6;

/** A simulated tenant and a database that are led to where a fault is to strike, again and again. */
export interface Bench {
  readonly simulator: RunningSimulator['simulator'];
  readonly tenant: SimulatorTenant;
  readonly harness: ImportHarness;
  readonly clock: TestDatabase['clock'];
  /** Codes of notices that are said without any fault. */
  readonly ordinary: ReadonlySet<string>;
  /** Leads to a start; afterwards Microsoft's data differ from ours in all that an import brings. */
  prepare(start: Start): Promise<void>;
  /** Runs without a fault: throws where that does not succeed, or not all is as at Microsoft afterwards. */
  recover(): Promise<void>;
  useCertificate(use: boolean): Promise<void>;
  /** A second portal, of another tenant. */
  addNeighbour(): Promise<void>;
  /** What only a publication may change. */
  dump(): Promise<string>;
  /** Whether our data are the tenant's. */
  isTrue(withoutLockedOut?: boolean): Promise<boolean>;
  /** The code that the overview of the portals shows. */
  failedCode(): Promise<string>;
  close(): Promise<void>;
}

const keeps = /counter|lic_sku|publication/;

/** As if the portal had never been imported. */
const forget = async (db: Database): Promise<void> => {
  await db.write(async (trx) => {
    for (const table of [...catalogueTables, ...importTables])
      if (!keeps.test(table.name) && table !== portalStates) await trx.from(table).delete();
    const never = { last_complete_at: null, last_full_at: null, delta_link: '', fingerprint: '', users: 0 };
    await trx.update(portalStates, { ...never, tenant: '', cloud: '' }, (query) => query);
  });
};

/** What is known, as lines that can be compared: of persons and products that a tenant has. */
const linesOf = (known: Known, about: Known, withoutLockedOut: boolean): readonly string[] => {
  const persons = new Set(about.paths.keys());
  // What a tenant no longer has keeps the seats it had last, marked as missing.
  const listed = [...known.units].filter(([sku]) => about.units.has(sku));
  const units = listed.map(([sku, [enabled, warning, suspended, lockedOut, consumed]]) =>
    [sku, enabled, warning, suspended, withoutLockedOut ? '' : lockedOut, consumed].join(' '),
  );
  const facts = [...known.facts].filter(([id]) => persons.has(id)).map(([id, text]) => `${id} ${text}`);
  const paths = [...known.paths].map(([id, text]) => `${id} ${text}`);
  return [...paths, ...facts, ...units];
};

/** A host with one portal, of a tenant whose listing has three pages. */
export const openBench = async (): Promise<Bench> => {
  const [engine] = eachDatabase();
  if (engine === undefined) throw new Error('no database');
  const test = await engine.open();
  const { clock, db } = test;
  await migrateImport(db, clock);
  const notAfter = new Date(clock.now() + 20 * 365 * 24 * hour);
  const pair = selfSignedCertificate({ notBefore: new Date(clock.now() - hour), notAfter });
  const running = await startSimulator({
    tenants: [
      { users, assignmentsPerUser: 1.5, apps: [{ secrets: ['secret'], certificates: [pair.certificatePem] }] },
      { users: 10, apps: [{ secrets: ['secret'] }] },
    ],
    clock,
    throttle: false,
    userPageSize: 25,
    deltaPageSize: 3,
  });
  const { simulator } = running;
  const { tenant } = simulator;
  const http = simulatorDispatcher(running.url);
  const harness = createHarness({ db, http, clock });
  const portalOf = ({ tenantId, clientId }: SimulatorTenant, name: string, id: string) => ({
    id,
    name,
    tenantId,
    clientId,
    secret: 'secret',
    fullListingHours,
  });
  const own = portalOf(tenant, 'Contoso', portalId);
  const state = async () => (await db.read((trx) => trx.rows(portalStates)))[0];
  /** Lines that only one side has. */
  const differences = async (withoutLockedOut = false): Promise<readonly string[]> => {
    const truth = truthOf(tenant);
    const ours = new Set(linesOf(await storedIn(db), truth, withoutLockedOut));
    const theirs = new Set(linesOf(truth, truth, withoutLockedOut));
    return [
      ...[...ours].filter((line) => !theirs.has(line)).map((line) => `only ours: ${line}`),
      ...[...theirs].filter((line) => !ours.has(line)).map((line) => `only Microsoft's: ${line}`),
    ];
  };
  const dump = async (): Promise<string> => (await importedRows(db)).join('\n');
  const ordinary = new Set<string>();
  /** The dump after the last import without a fault, and whether the tenant has changed since. */
  let settled = '';
  let changed = false;
  let rounds = 0;
  let recoveries = 0;

  const recover = async (): Promise<void> => {
    // History would grow with each round, and with it the time of every dump.
    if (recoveries % 10 === 0) await forget(db);
    recoveries += 1;
    clock.advance(fullListingHours * hour);
    const result = await harness.runOne();
    if (result.state !== 'succeeded') throw new Error(`without a fault: ${result.state} ${result.error?.code ?? ''}`);
    const wrong = await differences();
    if (wrong.length > 0) throw new Error(`without a fault: ${wrong.slice(0, 4).join('; ')}`);
    for (const { code } of result.notices) ordinary.add(code);
    settled = await dump();
    changed = false;
  };

  const prepare = async (start: Start): Promise<void> => {
    if (start === 'first') {
      await forget(db);
      settled = '';
      return;
    }
    const stale =
      start === 'changes' && clock.now() - ((await state())?.last_full_at ?? 0) > (fullListingHours - 2) * hour;
    if (stale || (await dump()) !== settled) await recover();
    if (!changed) change(tenant, rounds);
    changed = true;
    rounds += 1;
    clock.advance((start === 'listing' ? fullListingHours : 1) * hour);
  };

  await harness.putPortal(own);
  // Twice, as the first makes the row of the portal that is looked for afterwards.
  await recover();
  await recover();
  return {
    simulator,
    tenant,
    harness,
    clock,
    ordinary,
    prepare,
    recover,
    useCertificate: (use) => harness.putPortal(use ? { ...own, certificate: pair } : own),
    addNeighbour: async () => {
      const [, neighbour] = simulator.tenants;
      if (neighbour === undefined) throw new Error('no second tenant');
      await harness.putPortal(portalOf(neighbour, 'Fabrikam', '22222222-2222-4222-8222-222222222222'));
    },
    dump,
    isTrue: async (withoutLockedOut) => (await differences(withoutLockedOut)).length === 0,
    failedCode: async () => (await state())?.failed_code ?? '',
    close: async () => {
      await http.destroy();
      await running.close();
      await test.close();
    },
  };
};
