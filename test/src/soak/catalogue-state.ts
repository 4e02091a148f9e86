import { assignments, contacts, licences, personFacts, positions } from '@itsm-m365/licence-catalog';
import { portalSkus } from '@itsm-m365/m365-import';
import type { SimulatorTenant } from '@itsm-m365/microsoft-simulator';
import { type Database, openEnd, type Table, type Transaction } from '@itsm-m365/plugin-api';

/** What is known of a tenant at one moment, ours or its own, as lines by what they are about. */
export interface Known {
  /** Person → SKUs held. */
  readonly held: ReadonlyMap<string, ReadonlySet<string>>;
  /** Person → every open path of every licence. */
  readonly paths: ReadonlyMap<string, string>;
  readonly facts: ReadonlyMap<string, string>;
  /** SKU → enabled, warning, suspended, lockedOut, consumed. */
  readonly units: ReadonlyMap<string, readonly number[]>;
}

const line = (...parts: readonly unknown[]): string => parts.join('|');

const join = (map: Map<string, string[]>): Map<string, string> =>
  new Map([...map].map(([key, lines]) => [key, lines.sort().join('\n')]));

const append = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  map.set(key, [...(map.get(key) ?? []), value]);
};

export const truthOf = (tenant: SimulatorTenant): Known => {
  const listed = tenant.truth.skus().filter((sku) => sku.listed && sku.capabilityStatus !== 'Deleted');
  const imported = new Set(listed.map(({ skuId }) => skuId));
  const held = new Map<string, Set<string>>();
  const paths = new Map<string, string[]>();
  const facts = new Map<string, string>();
  for (const user of tenant.truth.users()) {
    const { id, kind, userType, accountEnabled, displayName, department, companyName, costCenter } = user;
    held.set(id, new Set(user.held.filter((sku) => imported.has(sku))));
    for (const path of user.paths.filter(({ skuId }) => imported.has(skuId))) {
      const error = path.error === null || path.error === 'None' ? '' : path.error;
      append(paths, id, line(path.skuId, path.groupId ?? '', path.holds, path.state, error));
    }
    const type = kind === 'agentUser' ? 'agent' : (userType?.toLowerCase() ?? 'unknown');
    const texts = [user.userPrincipalName, displayName, department, companyName, costCenter].map((text) => text ?? '');
    facts.set(id, line(accountEnabled, type, ...texts));
  }
  const units = new Map(
    listed.map(({ skuId, units: { enabled, warning, suspended, lockedOut }, consumed }) => [
      skuId,
      [enabled, warning, suspended, lockedOut, consumed],
    ]),
  );
  return { held, paths: join(paths), facts, units };
};

const open = (trx: Transaction) => ({ valid_to: trx.encode('time', openEnd) });

export const storedIn = (db: Database): Promise<Known> =>
  db.read(async (trx) => {
    const skus = new Map((await trx.rows(licences)).map(({ number, sku }) => [number, sku]));
    const people = new Map((await trx.rows(contacts)).map((row) => [row.person, row]));
    const held = new Map<string, Set<string>>();
    const paths = new Map<string, string[]>();
    for (const row of await trx.rows(assignments, (query) => query.where(open(trx)))) {
      const id = people.get(row.person)?.object_id ?? '?';
      const sku = skus.get(row.licence) ?? '?';
      if (row.holds) held.set(id, (held.get(id) ?? new Set()).add(sku));
      append(paths, id, line(sku, row.path, row.holds, row.state, row.error));
    }
    const facts = new Map<string, string>();
    for (const row of await trx.rows(personFacts, (query) => query.where(open(trx)))) {
      const { object_id = '?', upn, display_name } = people.get(row.person) ?? {};
      const texts = [upn, display_name, row.department, row.company, row.cost_centre];
      facts.set(object_id, line(row.enabled, row.person_type, ...texts));
    }
    const units = new Map(
      (await trx.rows(positions, (query) => query.where(open(trx)))).map((row) => [
        skus.get(row.licence) ?? '?',
        [row.enabled, row.warning, row.suspended, row.locked_out, row.consumed],
      ]),
    );
    return { held, paths: join(paths), facts, units };
  });

/** Nothing that could forge a line of a log or turn a text around; Microsoft's own line breaks may stay. */
const foul = /(?![\t\r\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u;

export const textProblem = (text: string, limit: number): string | undefined => {
  if (text.length > limit) return `${text.length} characters: ${text.slice(0, 100)}`;
  return foul.test(text) ? `control characters: ${JSON.stringify(text.slice(0, 300))}` : undefined;
};

const textsOf = async (trx: Transaction, table: Table<object>): Promise<string[]> => {
  const rows: object[] = await trx.rows(table);
  return rows.flatMap((row) => Object.values(row).filter((value) => typeof value === 'string'));
};

/** What must hold of the values, whatever Microsoft answers; of intervals see `stored/history.ts`. */
export const brokenRules = (db: Database): Promise<string[]> =>
  db.read(async (trx) => {
    const problems: string[] = [];
    for (const row of await trx.rows(positions)) {
      for (const [column, value] of Object.entries(row))
        if (typeof value === 'number' && (!Number.isFinite(value) || value < 0)) problems.push(`${column} is ${value}`);
      if (row.paid + row.grace + row.trial !== row.enabled + row.warning) problems.push('seats do not add up to units');
      if (Math.min(row.paid, row.grace, row.trial) < 0) problems.push('seats below zero');
    }
    const persons = (await trx.rows(contacts)).length;
    for (const { sku, counted } of await trx.rows(portalSkus))
      if (!(counted >= 0 && counted <= persons)) problems.push(`${sku} has ${counted} consumers of ${persons} persons`);
    for (const table of [contacts, personFacts, assignments, licences, positions])
      for (const text of await textsOf(trx, table)) {
        const problem = textProblem(text, 400) ?? (/[\r\n\t]/.test(text) ? 'a line break' : undefined);
        if (problem !== undefined) problems.push(`${table.name}: ${problem}`);
      }
    return problems;
  });
