import type { Instant } from '@itsm-m365/plugin-api';
import { day, type MonthPortal, type Portals } from './portals.ts';
import { type Season, wallSchedule } from './schedule.ts';
import { skuOf } from './tenants.ts';
import { firstSecret, type World } from './world.ts';

const hour = 3_600_000;

/** What is the case at the moment, beside the portals. */
export interface Weather {
  /** Graph answers nothing. */
  outage: boolean;
}

export interface Happening {
  readonly at: Instant;
  readonly what: string;
  readonly do: () => Promise<void>;
}

export interface Story {
  /** In the order of time; whoever lives them takes them out. */
  readonly happenings: Happening[];
  /** When the schedule turns from every five hours to times of the day. */
  readonly walls: Instant;
}

interface Telling {
  readonly world: World;
  readonly portals: Portals;
  readonly weather: Weather;
  readonly season: Season;
  readonly days: number;
}

/** What happens in the month besides everyday changes; a shorter story has the same happenings, closer together. */
export const tell = ({ world, portals, weather, season, days }: Telling): Story => {
  const when = (ofMonth: number): Instant => season.start + Math.round((ofMonth * days * 24) / 31) * hour;
  const midnight = (instant: Instant): Instant => Math.floor(instant / day) * day;
  const secretEnd = midnight(when(17.5)) + day;
  const [zero, one] = [0, 1].map((number) => world.tenant(number));
  if (zero === undefined || one === undefined) throw new Error('two tenants at least');
  const named: Record<string, MonthPortal> = {};
  const portal = (name: string): MonthPortal => {
    const found = named[name];
    if (found === undefined) throw new Error(`no portal ${name} yet`);
    return found;
  };
  const happenings: Happening[] = [];
  const on = (ofMonth: number, what: string, act: () => Promise<void> | void): void => {
    happenings.push({ at: when(ofMonth), what, do: async () => act() });
  };

  on(0, 'two portals are added, by secret and by certificate', async () => {
    named.zero = await portals.add(
      0,
      'Contoso',
      portals.secret(0, { id: 'first', value: firstSecret, end: secretEnd }),
    );
    named.one = await portals.add(1, 'Fabrikam', portals.certificate(1, season.start + 34 * day));
  });
  on(1, 'a product appears', () => {
    const subscriptions = [{ seats: 12 }];
    zero.addSku({ skuId: skuOf(0, 'N'), skuPartNumber: 'MONTH_0_N', subscriptions });
    zero.assign(zero.userIdAt(3), skuOf(0, 'N'));
  });
  on(2.5, 'a product is excluded', () => portals.change(portal('zero'), { exclusions: [skuOf(0, 'E')] }));
  on(4.2, 'a portal is renamed', () => portals.change(portal('one'), { name: 'Fabrikam Süd' }));
  on(5.5, 'a portal is added', async () => {
    const secret = { id: 'third', value: firstSecret, end: midnight(season.start) + 400 * day };
    named.two = await portals.add(2, 'Northwind', portals.secret(2, secret));
  });
  on(6.5, 'a delta link is lost', () => {
    world.simulator.faults.enable('sync-state-not-found', { tenantId: zero.tenantId, times: 1 });
  });
  on(7.5, 'the exclusion is taken back', () => portals.change(portal('zero'), { exclusions: [] }));
  on(8.5, 'a product vanishes', () => one.removeSku(skuOf(1, 'E')));
  on(9.3, 'a delta link has gone', () => {
    world.simulator.faults.enable('delta-gone', { tenantId: one.tenantId, times: 1 });
  });
  on(10.2, 'Graph is out', () => {
    weather.outage = true;
    world.simulator.faults.enable('service-unavailable', { retryAfterSeconds: 20 });
  });
  happenings.push({
    at: when(10.2) + Math.max(26, Math.round((days * 30) / 31)) * hour,
    what: 'Graph is back',
    do: async () => {
      weather.outage = false;
      world.simulator.faults.disable('service-unavailable');
    },
  });
  on(13.2, 'many lose a product', () => {
    const gone = Math.ceil([...one.truth.users()].reduce((sum, { held }) => sum + held.length, 0) * 0.4);
    let count = 0;
    for (const { id, held } of [...one.truth.users()])
      for (const sku of held) {
        if (count >= gone || !portal('one').record.skus().includes(sku) || sku === skuOf(1, 'E')) continue;
        one.unassign(id, sku);
        count += 1;
      }
    portal('one').held = true;
    portal('one').quiet = true;
  });
  on(14.2, 'the removal is confirmed', async () => {
    const state = await world.call<{ portal: { held: { count: number } | null } }>(
      'GET',
      `/m365-import/portals/${portal('one').id}`,
    );
    const count = state.portal.held?.count;
    await world.call('POST', `/m365-import/portals/${portal('one').id}/confirmation`, { count });
    portal('one').held = false;
  });
  on(15, 'the product is listed again', () => one.listSku(skuOf(1, 'E')));
  on(16, 'Graph is busy', () => {
    world.simulator.faults.enable('too-many-requests', { endpoint: 'users', times: 2, retryAfterSeconds: 40 });
  });
  on(18.8, 'a portal is deleted', () => portals.remove(portal('two')));
  // The secret has run out meanwhile.
  on(19.8, 'the secret is renewed', async () => {
    const fresh = portals.secret(0, { id: 'second', value: 'the-second-secret', end: midnight(when(19.8)) + 20 * day });
    await portals.renew(portal('zero'), fresh);
  });
  on(20.5, 'the schedule goes by the clocks on the wall', async () => {
    const path = '/tasks/m365-import.import-licences/schedule';
    const { version } = await world.call<{ version: number }>('GET', path);
    await world.call('PUT', path, { enabled: true, schedule: wallSchedule, timeoutMinutes: null, ifVersion: version });
  });
  on(21.5, 'the deleted portal is added anew', async () => {
    const secret = { id: 'fourth', value: firstSecret, end: midnight(season.start) + 400 * day };
    named.three = await portals.add(2, 'Northwind', portals.secret(2, secret));
  });
  on(23.2, 'a portal is switched off', () => portals.change(portal('one'), { active: false }));
  on(24.6, 'and on again', () => portals.change(portal('one'), { active: true }));
  on(27.5, 'a product is renamed', () => zero.renameSku(skuOf(0, 'A'), 'MONTH_0_A_ANEW'));
  return { happenings: happenings.sort((a, b) => a.at - b.at), walls: when(20.5) };
};
