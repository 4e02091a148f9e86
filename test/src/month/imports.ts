import { portalStates } from '@itsm-m365/m365-import';
import type { Instant } from '@itsm-m365/plugin-api';
import { expect } from 'vitest';
import type { MonthPortal } from './portals.ts';
import type { Weather } from './story.ts';
import type { World } from './world.ts';

const hour = 3_600_000;

export interface ImportFigures {
  imports: number;
  full: number;
  requests: number;
}

/** Whether an import of the portal has to be complete if it starts now. */
export const hasToSucceed = (portal: MonthPortal, weather: Weather, now: Instant): boolean =>
  portal.active && !portal.deleted && !portal.held && !weather.outage && now < portal.credential.end;

/** Requests that a complete import may need at most, as the documentation counts them. */
const mostRequests = (world: World, portal: MonthPortal, full: boolean): number => {
  const users = world.tenant(portal.tenant).truth.userCount();
  // A token, the products, the purchases; delta pages of 5, batches of 20, pages of 25 as the simulator cuts them.
  const changes = 3 + 1 + Math.ceil(users / 5) + Math.ceil(users / 20);
  // The link for later changes, the pages, the number of users, the names of groups.
  return changes + (full ? 1 + Math.ceil((users + 1) / 25) + 1 + 2 : 0);
};

/** A request that fails is tried eight times, and nothing comes after it; the token needs one. */
const failingRequests = 9;

/**
 * Looks at what one run of the import came to, and lets the records of the portals follow those that had to succeed.
 * Answers the portals that were listed whole.
 */
export const followImports = async (
  world: World,
  {
    at,
    portals,
    expected,
    weather,
    figures,
  }: {
    readonly at: Instant;
    readonly portals: readonly MonthPortal[];
    readonly expected: ReadonlySet<MonthPortal>;
    readonly weather: Weather;
    readonly figures: ImportFigures;
  },
): Promise<ReadonlySet<MonthPortal>> => {
  const { clock, host, simulator } = world;
  const rows = await host.tasks.db.read((trx) => trx.rows(portalStates));
  const states = new Map(rows.map((row) => [row.portal, row]));
  const listed = new Set<MonthPortal>();
  const imported: MonthPortal[] = [];
  let bound = failingRequests * (weather.outage ? portals.length : 1);
  for (const portal of portals.filter(({ deleted }) => !deleted)) {
    const state = states.get(portal.id);
    const complete = state?.last_complete_at ?? null;
    const where = `${new Date(at).toISOString()} ${portal.name} ${state?.failed_code}${state?.held_kind}`;
    expect(complete !== portal.lastComplete, `${where}: a complete import`).toBe(expected.has(portal));
    if (portal.held && !weather.outage) expect(state?.held_kind, where).toBe('assignments');
    if (portal.held) bound += mostRequests(world, portal, true);
    if (!expected.has(portal) || complete === null) continue;
    expect(complete >= at && complete <= clock.now(), where).toBe(true);
    const full = state?.last_full_at === complete;
    if (complete - (portal.lastFull ?? 0) >= 24 * hour) expect(full, `${where}: everybody once a day`).toBe(true);
    portal.lastComplete = complete;
    portal.quiet = false;
    if (full) {
      portal.lastFull = complete;
      listed.add(portal);
    }
    portal.record.imported(full ? 'full' : 'changes', portal);
    imported.push(portal);
    figures.imports += 1;
    figures.full += full ? 1 : 0;
    bound += mostRequests(world, portal, full);
  }
  // Facts belong to the persons of a tenant, whichever portal reads them.
  for (const portal of portals) {
    const at = imported.find(({ tenant }) => tenant === portal.tenant)?.lastComplete ?? null;
    if (at === null || portal.lastComplete === null) continue;
    portal.timeline.push({
      at,
      answers: new Map(portal.record.skus().map((sku) => [sku, portal.record.answers(sku)])),
    });
  }
  const { roundTrips, violations } = simulator.statistics.report();
  figures.requests += roundTrips;
  expect(violations).toEqual([]);
  expect(roundTrips, `${new Date(at).toISOString()}: requests`).toBeLessThanOrEqual(bound);
  return listed;
};
