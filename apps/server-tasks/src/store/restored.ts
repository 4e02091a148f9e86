import type { Transaction } from '@itsm-m365/plugin-api';
import { type RestoredRow, releaseTable, restoredTable } from './tables.ts';

const active = 'active';

/** The restored mode that is on, or undefined. One short read, made wherever something could be sent. */
export const activeRestored = async (trx: Transaction): Promise<RestoredRow | undefined> => {
  const [row] = await trx.rows(restoredTable, (query) => query.where({ active_key: active }));
  return row;
};

/** The last time that restored mode was entered, on or over. */
export const latestRestored = async (trx: Transaction): Promise<RestoredRow | undefined> => {
  const [row] = await trx.rows(restoredTable, (query) => query.orderBy('position', 'desc').limit(1));
  return row;
};

export const restoredNamed = async (trx: Transaction, name: string): Promise<RestoredRow | undefined> => {
  const [row] = await trx.rows(restoredTable, (query) => query.where({ name: name.slice(0, 200) }));
  return row;
};

/**
 * Puts a row in the place of the one that is on. `after`: the last one when the reason for it was found. Where another
 * node entered meanwhile, both meet at `position`, and this one looks again, see `tryAgain`.
 */
export const insertRestored = async (
  trx: Transaction,
  fresh: Omit<RestoredRow, 'active_key' | 'position' | 'released_at' | 'released_by' | 'released_name'>,
  after: RestoredRow | undefined,
): Promise<RestoredRow> => {
  const before = await activeRestored(trx);
  if (before !== undefined)
    await trx.update(restoredTable, { active_key: before.id }, (query) => query.where({ id: before.id }));
  const row: RestoredRow = {
    ...fresh,
    name: fresh.name.slice(0, 200),
    actor_id: fresh.actor_id.slice(0, 200),
    actor_name: fresh.actor_name.slice(0, 200),
    active_key: active,
    position: (after?.position ?? 0) + 1,
    released_at: null,
    released_by: null,
    released_name: null,
  };
  await trx.insert(restoredTable, [row]);
  return row;
};

/** What was released of a restored mode, as `plugin` or `plugin|item`. */
export const releasesOf = async (trx: Transaction, restoredId: string): Promise<ReadonlySet<string>> => {
  const rows = await trx.rows(releaseTable, (query) => query.where({ restored_id: restoredId }));
  return new Set(rows.map(({ plugin, item }) => releaseKey(plugin, item)));
};

export const releaseKey = (plugin: string, item = ''): string => (item === '' ? plugin : `${plugin}|${item}`);
