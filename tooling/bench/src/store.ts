import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complianceEnginePlugin } from '@itsm-m365/compliance-engine';
import { migrate, openDatabase } from '@itsm-m365/database';
import { licenceCatalogPlugin } from '@itsm-m365/licence-catalog';
import { m365ImportPlugin } from '@itsm-m365/m365-import';
import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import type { EngineName, Kept } from './roles.ts';
import { systemClock } from './surroundings.ts';

const plugins = [licenceCatalogPlugin, m365ImportPlugin, complianceEnginePlugin];

export const openStore = (store: DatabaseConnection) => openDatabase(store, { clock: systemClock });

/** Makes all tables and indexes of the product, empty: floor, rival and product all start from them. */
export const prepareStore = async (store: DatabaseConnection): Promise<void> => {
  const db = await openStore(store);
  const all = plugins.map(({ id, migrations = [] }) => ({ plugin: id, migrations }));
  await migrate(db, all, { mode: 'apply', clock: systemClock });
  await db.close();
};

const sqliteFile = async (): Promise<{ store: DatabaseConnection; remove: Kept['remove'] }> => {
  const folder = mkdtempSync(join(tmpdir(), 'itsm-m365-bench-'));
  const remove = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  return { store: { dialect: 'sqlite', file: join(folder, 'bench.db') }, remove };
};

const serverDatabase = async (): Promise<{ store: DatabaseConnection; remove: Kept['remove'] }> => {
  const { eachDatabase } = await import('@itsm-m365/database/testing');
  const server = eachDatabase().find(({ name }) => name === 'SQL Server');
  if (server === undefined) throw new Error('There is no SQL Server among the databases for tests');
  const { connection, close } = await server.open();
  return { store: connection, remove: close };
};

/** An empty store of its own, until it is removed. */
export const keepStore = async (engine: EngineName): Promise<Kept> => {
  const { store, remove } = await (engine === 'sqlite' ? sqliteFile() : serverDatabase());
  try {
    await prepareStore(store);
  } catch (error) {
    await remove();
    throw error;
  }
  return { answer: store, remove };
};
