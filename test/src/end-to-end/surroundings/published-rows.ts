import {
  assignments,
  contacts,
  folders,
  licences,
  personFacts,
  positions,
  products,
  subscriptions,
} from '@itsm-m365/licence-catalog';
import { portalSkus, portalStates } from '@itsm-m365/m365-import';
import type { SimulatorTenant } from '@itsm-m365/microsoft-simulator';
import { type Database, openEnd } from '@itsm-m365/plugin-api';
import { linesOf } from '../../stored/published.ts';

/** Tables that an import publishes into. */
const published = [
  folders,
  products,
  licences,
  positions,
  subscriptions,
  contacts,
  personFacts,
  assignments,
  portalStates,
  portalSkus,
];

/** Every published row, the state of each portal included. */
export const publishedRows = (db: Database): Promise<readonly string[]> => linesOf(db, published);

const holding = (portal: string, sku: string, seats: number, holders: readonly string[]): string =>
  `${portal} ${sku} ${seats} ${[...holders].sort().join(',')}`;

/** Who holds what, and how many seats there are, as published: one line for each portal and SKU. */
export const publishedHoldings = (db: Database): Promise<string[]> =>
  db.read(async (trx) => {
    const open = { valid_to: trx.encode('time', openEnd) };
    const ids = new Map((await trx.rows(contacts)).map((row) => [row.person, row.object_id]));
    const seats = new Map((await trx.rows(positions, (q) => q.where(open))).map((row) => [row.licence, row.enabled]));
    const holders = new Map<number, Set<string>>();
    for (const { licence, person, holds } of await trx.rows(assignments, (q) => q.where(open)))
      if (holds) holders.set(licence, (holders.get(licence) ?? new Set()).add(ids.get(person) ?? '?'));
    return (await trx.rows(licences))
      .map(({ number, portal, sku }) =>
        holding(portal, sku, seats.get(number) ?? Number.NaN, [...(holders.get(number) ?? [])]),
      )
      .sort();
  });

/** The same, as the tenants know it. */
export const trueHoldings = (tenants: ReadonlyMap<string, SimulatorTenant>): string[] =>
  [...tenants]
    .flatMap(([portal, { truth }]) =>
      truth
        .skus()
        .filter(({ listed }) => listed)
        .map(({ skuId, units }) => holding(portal, skuId, units.enabled, [...truth.holders(skuId)])),
    )
    .sort();
