import type { Instant } from '@itsm-m365/plugin-api';
import type { RunDetail } from '@itsm-m365/server-tasks';
import { expect } from 'vitest';
import type { MonthPortal } from './portals.ts';
import { licencesOf } from './questions.ts';
import type { World } from './world.ts';

const runsOf = async ({ host }: World, task: string): Promise<readonly RunDetail[]> => {
  const found: RunDetail[] = [];
  let after: string | undefined;
  do {
    const page = await host.tasks.runs.list({ task }, { limit: 100, ...(after === undefined ? {} : { after }) });
    for (const { id } of page.items) found.push(await host.tasks.runs.get(id));
    after = page.next;
  } while (after !== undefined);
  return found.sort((a, b) => a.createdAt - b.createdAt);
};

const repeated = (texts: readonly string[]): readonly string[] =>
  texts.filter((text, index) => texts.indexOf(text) !== index);

/** The import started when the schedule says, neither more nor less often, and a recalculation came after each. */
export const checkRuns = async (world: World, starts: readonly Instant[]): Promise<readonly RunDetail[]> => {
  const imports = await runsOf(world, 'm365-import.import-licences');
  expect(imports.map(({ createdAt }) => new Date(createdAt).toISOString())).toEqual(
    starts.map((at) => new Date(at).toISOString()),
  );
  const recalculations = await runsOf(world, 'compliance-engine.recalculate');
  for (const { endedAt } of imports)
    expect(recalculations.some(({ startedAt }) => startedAt !== null && startedAt >= (endedAt ?? 0))).toBe(true);
  return imports;
};

/** People were told of each event once, of credentials and gaps exactly when it was due, and of the held import. */
export const checkNotices = (world: World, imports: readonly RunDetail[], due: ReadonlySet<string>): void => {
  const keys = world.host.told.map(({ key }) => key);
  expect(repeated(keys)).toEqual([]);
  const ofCredentials = (key: string): boolean =>
    world.simulator.tenants.some(({ tenantId, clientId }) => key.startsWith(`${tenantId}/${clientId}/`));
  const ofGaps = (key: string): boolean => key.startsWith('m365-import.stale/');
  expect(keys.filter((key) => ofCredentials(key) || ofGaps(key)).sort()).toEqual([...due].sort());
  expect(keys.filter((key) => key.startsWith('m365-import.held/'))).toHaveLength(1);
  // In the reports of the runs too, each once.
  const said = imports.flatMap(({ notices }) => notices.map(({ notice }) => notice));
  const expiries = said.filter(({ code }) => code.startsWith('CREDENTIAL_EXPIRE'));
  expect(repeated(expiries.map((notice) => JSON.stringify(notice)))).toEqual([]);
  expect(expiries.length).toBeGreaterThan(0);
};

/** What a deleted portal brought is still there, each with its one reason. */
export const checkDeleted = async (world: World, portals: readonly MonthPortal[]): Promise<void> => {
  const deleted = portals.filter((portal) => portal.deleted);
  expect(deleted.length).toBeGreaterThan(0);
  for (const portal of deleted) {
    const licences = await licencesOf(world.host.tasks.db, portal.id);
    expect(licences.map(({ sku }) => sku)).toEqual(portal.record.skus());
    for (const row of licences) expect([row.sync_state, row.sync_reason]).toEqual(['unsynced', 'portal-deleted']);
  }
};
