import { assignments, contacts, personFacts, positions, subscriptions } from '@itsm-m365/licence-catalog';
import type { Database, Instant } from '@itsm-m365/plugin-api';
import { expect } from 'vitest';
import { drawFrom } from '../soak/draw.ts';
import {
  checkHistory,
  checkPast,
  checkPastStatuses,
  checkPresent,
  checkStatuses,
  type StatusMoment,
} from './checks.ts';
import { doSomething } from './deeds.ts';
import { checkDeleted, checkNotices, checkRuns } from './ending.ts';
import { followImports, hasToSucceed } from './imports.ts';
import { credentialKey, staleKey } from './notices.ts';
import { createPortals, type MonthPortal } from './portals.ts';
import { expectedStarts, type Season, seasonOf } from './schedule.ts';
import { tell, type Weather } from './story.ts';
import { openWorld, type World } from './world.ts';

const hour = 3_600_000;

export interface MonthOptions {
  readonly season: 'spring' | 'autumn';
  readonly days: number;
  readonly seed: number;
  /** Instants asked about in each stretch between two imports: 1, or 3. */
  readonly instants: number;
}

export interface MonthFigures {
  readonly runs: number;
  readonly imports: number;
  readonly full: number;
  /** Runs before which nothing had changed. */
  readonly unchanged: number;
  /** About the past. */
  readonly questions: number;
  readonly requests: number;
}

const tenantsNow = ({ simulator }: World): string =>
  JSON.stringify(
    simulator.tenants.map(({ truth, subscriptionsOf }) => [
      [...truth.users()],
      truth.skus().map((sku) => [sku, subscriptionsOf(sku.skuId)]),
    ]),
  );

const settingsNow = (portals: readonly MonthPortal[]): string =>
  JSON.stringify(portals.map(({ id, name, exclusions, active, deleted }) => [id, name, exclusions, active, deleted]));

const historyTables = [assignments, personFacts, positions, subscriptions, contacts, { name: 'lic_status' }];

const historyRows = (db: Database): Promise<string> =>
  db.read(async (trx) => {
    const counts: string[] = [];
    for (const table of historyTables) {
      const [row] = await trx.query<{ rows_there: unknown }>('select count(*) as rows_there from ??', [
        trx.name(table),
      ]);
      counts.push(`${table.name} ${Number(row?.rows_there)}`);
    }
    return counts.join(', ');
  });

/**
 * Lives through a month, or a shorter time with the same happenings, and holds every answer of the product against the
 * record; throws by `expect` where they differ. Equal options give the same month.
 */
export const liveMonth = async (options: MonthOptions): Promise<MonthFigures> => {
  const season = seasonOf(options.season, options.days);
  const world = await openWorld(season.start, options.days);
  try {
    return await live(world, season, options);
  } finally {
    await world.close();
  }
};

const live = async (world: World, season: Season, { days, seed, instants }: MonthOptions): Promise<MonthFigures> => {
  const draw = drawFrom(seed);
  const { clock, host, simulator } = world;
  const { db } = host.tasks;
  const portals = createPortals(world);
  const weather: Weather = { outage: false };
  const end = season.start + days * 24 * hour;
  const { happenings, walls } = tell({ world, portals, weather, season, days });
  const starts = expectedStarts(season, walls, end);
  const figures = { imports: 0, full: 0, unchanged: 0, requests: 0 };
  const told = new Set<string>();
  const moments: StatusMoment[] = [];
  const listings = new Map<MonthPortal, string>();
  let before = { truth: '', rows: '' };

  /** What happens in the hour before a look of the scheduler. */
  const pass = async (until: Instant): Promise<void> => {
    for (let next = happenings[0]; next !== undefined && next.at < until; next = happenings[0]) {
      clock.moveTo(next.at);
      happenings.shift();
      await next.do();
    }
    clock.moveTo(until - hour / 2);
    // Nights are quiet, so that some imports find nothing changed.
    if (new Date(until).getUTCHours() < 10) return;
    for (const number of [0, 1, 2])
      if (!portals.all.some(({ quiet, tenant }) => quiet && tenant === number) && draw.fraction() < 0.35)
        doSomething(world.tenant(number), draw);
  };
  const expectNotices = (now: Instant): void => {
    for (const portal of portals.all.filter(({ active, deleted }) => active && !deleted))
      for (const key of [credentialKey(portal, now), staleKey(portal, now)]) if (key !== undefined) told.add(key);
  };
  /** A run that found nothing changed adds no row. A listing may find what delta did not tell of since the last one. */
  const checkRows = async (truth: string, listed: ReadonlySet<MonthPortal>): Promise<void> => {
    const rows = await historyRows(db);
    if (truth === before.truth && [...listed].every((portal) => listings.get(portal) === truth)) {
      figures.unchanged += 1;
      expect(rows, `${new Date(clock.now()).toISOString()}: nothing changed`).toBe(before.rows);
    }
    for (const portal of listed) listings.set(portal, truth);
    before = { truth, rows };
  };

  for (let at = season.start + hour; at <= end; at += hour) {
    await pass(at);
    clock.moveTo(at);
    const expected = new Set(portals.all.filter((portal) => hasToSucceed(portal, weather, at)));
    const truth = `${tenantsNow(world)}${settingsNow(portals.all)}${[...expected].map(({ id }) => id)}`;
    expectNotices(at);
    simulator.statistics.reset();
    await world.tick(at);
    // Two recalculations of one instant are published a millisecond apart.
    clock.moveTo(clock.now() + 1000);
    if (!starts.includes(at)) {
      expect(simulator.statistics.report().roundTrips, `${new Date(at).toISOString()}: no import is due`).toBe(0);
      continue;
    }
    const listed = await followImports(world, { at, portals: portals.all, expected, weather, figures });
    await checkRows(truth, listed);
    for (const portal of portals.all) await checkPresent(db, portal);
    moments.push(await checkStatuses(db, portals.all, clock.now()));
  }

  let questions = await checkPastStatuses(db, moments, draw);
  for (const portal of portals.all) questions += await checkPast(db, portal, { draw, instants, now: clock.now() });
  await checkHistory(db);
  const imports = await checkRuns(world, starts);
  checkNotices(world, imports, told);
  await checkDeleted(world, portals.all);
  return { runs: imports.length, questions, ...figures };
};
