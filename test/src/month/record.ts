import type { SimulatorTenant, TruthUser } from '@itsm-m365/microsoft-simulator';
import { watchedFields } from './watched.ts';

/*
 * What has to come out, said by the simulator and by the rules of the documentation; nothing here is taken from the
 * product. A portal's record moves when an import of it is complete, and stands still otherwise.
 */

/** The answers to every question about one product of a portal, as texts to compare. */
export interface Answers {
  readonly holding: readonly string[];
  readonly waiting: readonly string[];
  readonly counts: string;
  readonly position: string;
}

export interface Verdict {
  readonly status: string;
  readonly reason: string;
  readonly required: number;
  readonly available: number;
  readonly consumedReported: number;
}

interface Product {
  readonly title: string;
  readonly reason: '' | 'excluded' | 'missing-in-portal';
  /** Of whoever had a path to it when it was last read. */
  readonly persons: ReadonlyMap<
    string,
    { readonly holds: boolean; readonly paths: readonly string[]; readonly error: boolean }
  >;
  readonly position: string;
  readonly company: boolean;
  readonly available: number;
  readonly consumed: number;
}

/** Facts by object id, as last read; one map for all portals of a tenant. */
export type FactsOfTenant = Map<string, string>;

export interface PortalRecord {
  /** A complete import of the tenant as it is now: of everybody, or of whom Microsoft's delta tells. */
  imported(mode: 'full' | 'changes', settings: { readonly name: string; readonly exclusions: readonly string[] }): void;
  deleted(): void;
  readonly skus: () => readonly string[];
  answers(sku: string): Answers;
  verdict(sku: string): Verdict;
  nameOf(sku: string): string;
}

export const factsOf = (user: TruthUser): string =>
  [
    user.accountEnabled ? 'enabled' : 'disabled',
    user.kind === 'agentUser' ? 'agent' : (user.userType?.toLowerCase() ?? 'unknown'),
    user.department ?? '',
    user.companyName ?? '',
    user.costCenter ?? '',
    user.facts.country ?? '',
    user.facts.usageLocation ?? '',
  ].join('|');

const errorOf = (error: string | null): string => (error === null || error === 'None' ? '' : error);

const positionOf = (tenant: SimulatorTenant, skuId: string) => {
  const sku = tenant.truth.skus().find((one) => one.skuId === skuId);
  if (sku === undefined) throw new Error(`the tenant has no ${skuId}`);
  const purchases = tenant.subscriptionsOf(skuId);
  const seats = (status: string, trial?: boolean) =>
    purchases
      .filter((one) => one.status === status && (trial === undefined || one.isTrial === trial))
      .reduce((sum, one) => sum + one.totalLicenses, 0);
  const ends = purchases
    .filter((one) => one.totalLicenses > 0 && (one.status === 'Warning' || (one.status === 'Enabled' && one.isTrial)))
    .map((one) => Math.floor((one.nextLifecycleAt ?? 0) / 1000) * 1000);
  const figures = {
    enabled: seats('Enabled'),
    warning: seats('Warning'),
    suspended: seats('Suspended'),
    lockedOut: seats('LockedOut'),
    consumed: [...tenant.truth.holders(skuId)].length,
    paid: seats('Enabled', false),
    grace: seats('Warning', false),
    trial: seats('Enabled', true) + seats('Warning', true),
    endsAt: ends.length === 0 ? 'never' : new Date(Math.min(...ends)).toISOString(),
    status: sku.capabilityStatus,
  };
  return {
    position: JSON.stringify(figures),
    company: sku.appliesTo === 'Company',
    available: figures.enabled + figures.warning,
    consumed: figures.consumed,
  };
};

export const recordPortal = (tenant: SimulatorTenant, facts: FactsOfTenant): PortalRecord => {
  const users = new Map<string, TruthUser>();
  const products = new Map<string, Product>();
  let name = '';
  let mark = 0;
  let gone = false;

  const readUser = (id: string): void => {
    const user = tenant.truth.user(id);
    if (user === undefined) {
      users.delete(id);
      return;
    }
    users.set(id, user);
    facts.set(id, factsOf(user));
  };
  const read = (mode: 'full' | 'changes'): void => {
    const newest = tenant.directory.log.newest(0);
    if (mode === 'full') {
      users.clear();
      for (const { id } of tenant.truth.users()) readUser(id);
    } else {
      for (const { index, properties } of tenant.directory.log.between(mark, newest))
        if (properties.size === 0 || [...properties].some((property) => watchedFields.has(property)))
          readUser(tenant.userIdAt(index));
    }
    mark = newest;
  };
  const personsOf = (sku: string): Product['persons'] =>
    new Map(
      [...users.values()].flatMap((user) => {
        const rows = user.paths.filter(({ skuId }) => skuId === sku);
        if (rows.length === 0) return [];
        const paths = rows.map((row) => `${row.groupId ?? 'direct'}:${row.state}:${errorOf(row.error)}`).sort();
        const error = rows.some((row) => errorOf(row.error) !== '');
        return [[user.id, { holds: user.held.includes(sku), paths, error }] as const];
      }),
    );
  const product = (sku: string): Product => {
    const found = products.get(sku);
    if (found === undefined) throw new Error(`nothing was imported of ${sku}`);
    return found;
  };
  const count = (sku: string, test: (person: { holds: boolean; error: boolean }) => boolean): number =>
    [...product(sku).persons.values()].filter(test).length;

  return {
    skus: () => [...products.keys()].sort(),
    deleted() {
      gone = true;
    },
    nameOf: (sku) => `${name} - ${product(sku).title}`,
    imported(mode, settings) {
      read(mode);
      name = settings.name;
      const seen = new Map(
        tenant.truth
          .skus()
          .filter((sku) => sku.listed && sku.capabilityStatus !== 'Deleted')
          .map((sku) => [sku.skuId, sku.skuPartNumber]),
      );
      for (const sku of new Set([...seen.keys(), ...products.keys()])) {
        const known = products.get(sku);
        const title = seen.get(sku) ?? known?.title ?? sku;
        const reason = settings.exclusions.includes(sku) ? 'excluded' : seen.has(sku) ? '' : 'missing-in-portal';
        if (reason === '') products.set(sku, { title, reason, persons: personsOf(sku), ...positionOf(tenant, sku) });
        else if (known !== undefined) products.set(sku, { ...known, title, reason });
      }
    },
    answers(sku) {
      const lines = (holds: boolean): string[] =>
        [...product(sku).persons]
          .filter(([, person]) => person.holds === holds)
          .map(([id, person]) => `${id} ${person.paths.join(',')} ${facts.get(id)}`)
          .sort();
      const counts = [
        count(sku, ({ holds }) => holds),
        count(sku, ({ holds }) => !holds),
        count(sku, ({ error }) => error),
      ];
      return { holding: lines(true), waiting: lines(false), counts: counts.join('/'), position: product(sku).position };
    },
    verdict(sku) {
      const { available, company, consumed, reason } = product(sku);
      const required = company ? consumed : count(sku, ({ holds }) => holds);
      const why = gone ? 'portal-deleted' : reason;
      const judged =
        available === 0 && required === 0 ? 'clear' : required > available ? 'not-enough' : 'fully-licensed';
      return {
        status: why === '' ? judged : 'cannot-be-synchronised',
        reason: why,
        required,
        available,
        consumedReported: consumed,
      };
    },
  };
};
