import { createHash } from 'node:crypto';
import { listCompliance } from '@itsm-m365/compliance-engine';
import { openDatabase } from '@itsm-m365/database';
import { assignments, contacts, licences, positions } from '@itsm-m365/licence-catalog';
import type { TruthUser } from '@itsm-m365/microsoft-simulator';
import { type Database, type DatabaseConnection, openEnd } from '@itsm-m365/plugin-api';
import { machineClock } from '@itsm-m365/server-tasks';
import { type SimulatorProcess, skusOf } from '../end-to-end/surroundings/simulator-process.ts';
import { historyProblems } from '../stored/history.ts';
import { stagedRows } from '../stored/published.ts';

/** What can be published at one moment, as texts to compare: who holds what and how many seats, and what comes of it. */
export interface State {
  readonly catalogue: string;
  readonly compliance: string;
}

/** What a database holds, with what must be true of it at any moment. */
export interface Found extends State {
  /** Gaps and overlaps of the history, and what the database says of itself. */
  readonly problems: readonly string[];
  readonly staged: number;
}

export const nothing: State = { catalogue: '', compliance: '' };

const line = (sku: string, seats: number, holders: readonly string[]): string =>
  `${sku} ${seats} ${holders.length} ${createHash('sha256')
    .update([...holders].sort().join())
    .digest('hex')
    .slice(0, 16)}`;

const text = (lines: readonly string[]): string => [...lines].sort().join('\n');

/** The state that a complete run on the tenant of now would publish. */
export const stateOfTenant = async (simulator: SimulatorProcess): Promise<State> => {
  const users = await simulator.truth<readonly TruthUser[]>('/truth/users?count=100000');
  const skus = (await skusOf(simulator)).filter(({ listed }) => listed);
  const catalogue = skus.map(({ skuId, units }) =>
    line(
      skuId,
      units.enabled,
      users.filter(({ held }) => held.includes(skuId)).map(({ id }) => id),
    ),
  );
  const compliance = skus.map(({ skuId, units }) => {
    const consumers = users.filter(({ held }) => held.includes(skuId)).length;
    return `${skuId} ${units.enabled + units.warning} ${consumers}`;
  });
  return { catalogue: text(catalogue), compliance: text(compliance) };
};

const stateIn = (db: Database): Promise<State> =>
  db.read(async (trx) => {
    const open = { valid_to: trx.encode('time', openEnd) };
    const ids = new Map((await trx.rows(contacts)).map((row) => [row.person, row.object_id]));
    const held = await trx.rows(assignments, (query) => query.where(open));
    const seats = new Map((await trx.rows(positions, (query) => query.where(open))).map((row) => [row.licence, row]));
    const catalogue = (await trx.rows(licences)).map(({ number, sku }) => {
      const holders = held
        .filter((row) => row.licence === number && row.holds)
        .map(({ person }) => ids.get(person) ?? '?');
      return line(sku, seats.get(number)?.enabled ?? Number.NaN, [...new Set(holders)]);
    });
    const page = await listCompliance(trx, { kind: 'product', sort: 'name', descending: false, limit: 500 });
    const compliance = page.items.map(({ sku, available, consumers }) => `${sku} ${available} ${consumers}`);
    return { catalogue: text(catalogue), compliance: text(compliance) };
  });

/** What SQLite says of its file: pages, order of the indexes, rows that an index lacks. */
export const integrityOf = async (db: Database): Promise<readonly string[]> => {
  if (db.dialect !== 'sqlite') return [];
  const rows = await db.read((trx) => trx.query<{ integrity_check: string }>('PRAGMA integrity_check'));
  return rows.map(({ integrity_check }) => integrity_check).filter((said) => said !== 'ok');
};

/** Looks into a database that was killed; on SQLite nobody has its file open. */
export const look = async <T>(connection: DatabaseConnection, work: (db: Database) => Promise<T>): Promise<T> => {
  const db = await openDatabase(connection, { clock: machineClock });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
};

export const foundIn = (connection: DatabaseConnection): Promise<Found> =>
  look(connection, async (db) => ({
    ...(await stateIn(db)),
    problems: [...(await historyProblems(db)), ...(await integrityOf(db))],
    staged: await stagedRows(db),
  }));
