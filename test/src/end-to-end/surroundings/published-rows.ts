import { defineTable, guid, time } from '@itsm-m365/database';
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
import { type Database, openEnd, type Table, type Transaction } from '@itsm-m365/plugin-api';

/** Of the statuses only when they held; the whole table is the engine's own. */
const statuses = defineTable('lic_status', { subject: guid(), valid_from: time(), valid_to: time() });

/** Tables that an import publishes into. */
const published: readonly Table<never>[] = [
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
].map((table) => table as unknown as Table<never>);

const linesOf = async (trx: Transaction, table: Table<never>): Promise<string[]> => {
  const rows: object[] = await trx.rows(table);
  return rows.map((row) => `${table.name} ${JSON.stringify(row)}`);
};

/** Every published row as a line of text, to compare before and after. */
export const publishedRows = (db: Database): Promise<string[]> =>
  db.read(async (trx) => {
    const lines: string[] = [];
    for (const table of published) lines.push(...(await linesOf(trx, table)));
    return lines.sort();
  });

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

interface Interval {
  readonly of: string;
  readonly from: number;
  readonly to: number;
}

const broken = (table: string, intervals: readonly Interval[], gapless: boolean): string[] => {
  const found: string[] = [];
  const sorted = [...intervals].sort((a, b) => (a.of === b.of ? a.from - b.from : a.of < b.of ? -1 : 1));
  for (const [index, one] of sorted.entries()) {
    if (one.from >= one.to) found.push(`${table} ${one.of}: ends before it begins`);
    const next = sorted[index + 1];
    if (next === undefined || next.of !== one.of) continue;
    if (next.from < one.to) found.push(`${table} ${one.of}: two at once`);
    if (gapless && next.from > one.to) found.push(`${table} ${one.of}: a gap`);
  }
  return found;
};

/** What is wrong with the history; empty where all is well. Who lost a licence and got it again has a gap, by right. */
export const brokenHistory = (db: Database): Promise<string[]> =>
  db.read(async (trx) => {
    const span = (row: { readonly valid_from: number; readonly valid_to: number }) => ({
      from: row.valid_from,
      to: row.valid_to,
    });
    const held = (await trx.rows(assignments)).map((row) => ({
      of: `${row.licence} ${row.person} ${row.path}`,
      ...span(row),
    }));
    const facts = (await trx.rows(personFacts)).map((row) => ({ of: String(row.person), ...span(row) }));
    const seats = (await trx.rows(positions)).map((row) => ({ of: String(row.licence), ...span(row) }));
    const judged = (await trx.rows(statuses)).map((row) => ({ of: row.subject, ...span(row) }));
    return [
      ...broken('assignment', held, false),
      ...broken('facts', facts, true),
      ...broken('position', seats, true),
      ...broken('status', judged, true),
    ];
  });
