import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { listCompliance } from '@itsm-m365/compliance-engine';
import { openDatabase } from '@itsm-m365/database';
import { assignments, contacts, licences, positions } from '@itsm-m365/licence-catalog';
import type { TruthUser } from '@itsm-m365/microsoft-simulator';
import { openEnd } from '@itsm-m365/plugin-api';
import { machineClock } from '@itsm-m365/server-tasks';
import { type SimulatorProcess, skusOf } from '../end-to-end/surroundings/simulator-process.ts';

/** What can be published at one moment, as texts to compare: who holds what and how many seats, and what comes of it. */
export interface State {
  readonly catalogue: string;
  readonly compliance: string;
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

/** The state that is published in a host's folder; nobody has its file open. */
export const publishedIn = async (folder: string): Promise<State> => {
  const db = await openDatabase({ dialect: 'sqlite', file: join(folder, 'plugins.db') }, { clock: machineClock });
  try {
    return await db.read(async (trx) => {
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
  } finally {
    await db.close();
  }
};
