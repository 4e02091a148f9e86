import type { AdvanceableClock } from './clock.ts';
import type { Exchange } from './exchange/mailboxes.ts';
import type { FaultSite, Faults } from './faults/switchboard.ts';
import type { SimulatorOptions } from './options.ts';
import type { Random } from './random.ts';
import type { Statistics } from './statistics.ts';
import type { SimulatorTenant } from './tenant/tenant.ts';
import type { Penalties } from './throttle/penalties.ts';

/** What every part of the simulator shares. */
export interface World {
  readonly options: SimulatorOptions;
  readonly clock: AdvanceableClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly statistics: Statistics;
  readonly penalties: Penalties;
  readonly tenants: readonly SimulatorTenant[];
  readonly exchange: Exchange;
  /** Mail servers that run, for the control surface. */
  readonly mailServers: { readonly ports: object; readonly authority: string }[];
}

/**
 * The time as the service believes it to be: the simulator's clock, or off by the `clock-skew` fault; without a place, by
 * whichever is on.
 */
export const serviceNow = (world: World, site?: FaultSite): number => {
  const skew =
    site === undefined
      ? world.faults.active().find((fault) => fault.name === 'clock-skew')?.parameters
      : world.faults.inForce('clock-skew', site);
  return world.clock.now() + (skew?.seconds ?? 0) * 1000;
};

const worlds = new WeakMap<object, World>();

/** Lets servers of other protocols find the world behind a simulator, which shows less of it. */
export const rememberWorld = (simulator: object, world: World): void => {
  worlds.set(simulator, world);
};

export const worldOf = (simulator: object): World => {
  const world = worlds.get(simulator);
  if (world === undefined) throw new Error('This simulator was not made by createSimulator.');
  return world;
};
