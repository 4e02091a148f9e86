import type { Database, Instant, Migration, Table, Transaction } from '@itsm-m365/plugin-api';
import { defineTable, text, time } from '../columns.ts';
import { databaseErrors } from '../errors.ts';
import { tableExists } from './catalogue.ts';
import { createTable } from './ddl.ts';

/** A plugin's migrations, in order. */
export interface PluginMigrations {
  readonly plugin: string;
  readonly migrations: readonly Migration[];
}

export interface HistoryRow {
  id: string;
  applied_at: Instant;
}

const columns = { id: text(100), applied_at: time() };

/** One table a plugin, so that plugins come and go without asking each other. */
export const historyOf = (plugin: string): Table<HistoryRow> =>
  defineTable(`task_migrations_${plugin.replaceAll('-', '_')}`, columns);

export const createHistory = (db: Pick<Database, 'dialect' | 'name'>, plugin: string): string => {
  const { name } = historyOf(plugin);
  return createTable(db.dialect, { name, full: db.name({ name }) }, columns, ['id']);
};

const shape = /^\d{3,}-[a-z0-9]+(-[a-z0-9]+)*$/;

/** @throws MIGRATION_INVALID when ids are malformed, doubled or out of order. */
export const checkIds = ({ plugin, migrations }: PluginMigrations): void => {
  let before = '';
  for (const { id } of migrations) {
    if (!shape.test(id)) throw databaseErrors.MIGRATION_INVALID({ reason: `${plugin}: the id ${id} is malformed` });
    if (id <= before) throw databaseErrors.MIGRATION_INVALID({ reason: `${plugin}: ${id} is doubled or out of order` });
    before = id;
  }
};

/** The ids that were applied, in order; undefined where the plugin has never been set up. */
export const appliedIds = async (trx: Transaction, plugin: string): Promise<readonly string[] | undefined> => {
  const history = historyOf(plugin);
  if (!(await tableExists(trx, history.name))) return undefined;
  const rows = await trx.rows(history);
  return rows.map(({ id }) => id).sort();
};
