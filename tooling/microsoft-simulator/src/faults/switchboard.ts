import type { EndpointName } from '../http.ts';
import type { Random } from '../random.ts';
import { type AnyFaultParameters, type FaultName, type FaultParameters, isFaultName } from './table.ts';

/** The place in a request where a fault may strike. */
export interface FaultSite {
  readonly endpoint: EndpointName;
  readonly tenantId?: string | undefined;
  /** Number of the page within its walk, the first being 0 and the default; infinite: any page yet to come. */
  readonly page?: number;
}

export interface ActiveFault {
  readonly name: FaultName;
  readonly parameters: AnyFaultParameters;
  /** How often it has struck. */
  readonly struck: number;
}

/** A fault as it was switched on: how often it struck can be asked when it is spent or off, too. */
export interface Enabled {
  readonly struck: number;
  disable(): void;
}

/** Switches faults on and off; several of one name may be on, with different filters. */
export interface Faults {
  enable<N extends FaultName>(name: N, parameters?: FaultParameters<N>): Enabled;
  disable(name: FaultName): void;
  clear(): void;
  active(): readonly ActiveFault[];
  /** Asks whether a fault strikes here and counts it; returns its parameters if so. */
  strike(name: FaultName, site: FaultSite): AnyFaultParameters | undefined;
  /** The parameters of the fault where it is on for this place, without counting. */
  inForce(name: FaultName, site: FaultSite): AnyFaultParameters | undefined;
}

interface Switch {
  readonly name: FaultName;
  readonly parameters: AnyFaultParameters;
  seen: number;
  struck: number;
}

const applies = ({ parameters }: Switch, site: FaultSite): boolean => {
  const { endpoint, tenantId, page, afterPages } = parameters;
  const at = site.page ?? 0;
  if (endpoint !== undefined && !(typeof endpoint === 'string' ? [endpoint] : endpoint).includes(site.endpoint)) {
    return false;
  }
  if (tenantId !== undefined && tenantId.toLowerCase() !== site.tenantId) return false;
  if (page !== undefined && at !== page && at !== Number.POSITIVE_INFINITY) return false;
  return afterPages === undefined || at >= afterPages;
};

const unspent = ({ parameters, struck }: Switch): boolean =>
  parameters.times === undefined || struck < parameters.times;

export const createFaults = (random: Random): Faults => {
  const switches: Switch[] = [];
  const remove = (unwanted: (entry: Switch) => boolean): void => {
    for (let at = switches.length - 1; at >= 0; at -= 1) {
      const entry = switches[at];
      if (entry !== undefined && unwanted(entry)) switches.splice(at, 1);
    }
  };
  return {
    enable: (name, parameters) => {
      if (!isFaultName(name)) throw new Error(`There is no fault named ${String(name)}.`);
      const entry: Switch = { name, parameters: (parameters ?? {}) as AnyFaultParameters, seen: 0, struck: 0 };
      switches.push(entry);
      return {
        get struck() {
          return entry.struck;
        },
        disable: () => remove((other) => other === entry),
      };
    },
    disable: (name) => remove((entry) => entry.name === name),
    clear: () => remove(() => true),
    active: () => switches.filter(unspent).map(({ name, parameters, struck }) => ({ name, parameters, struck })),
    strike: (name, site) => {
      if (switches.length === 0) return undefined;
      for (const entry of switches) {
        if (entry.name !== name || !applies(entry, site) || !unspent(entry)) continue;
        entry.seen += 1;
        if (entry.seen <= (entry.parameters.afterRequests ?? 0)) continue;
        if (entry.parameters.probability !== undefined && random() >= entry.parameters.probability) continue;
        entry.struck += 1;
        return entry.parameters;
      }
      return undefined;
    },
    inForce: (name, site) =>
      switches.find((entry) => entry.name === name && applies(entry, site) && unspent(entry))?.parameters,
  };
};
