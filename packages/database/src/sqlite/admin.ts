import Sqlite from 'better-sqlite3';
import { openSqlite } from './engine.ts';

/** Opens the file as the product would, and closes it. @throws what opening throws */
export const checkSqlite = async (file: string) => {
  const engine = await openSqlite(file);
  await engine.close();
  const memory = new Sqlite(':memory:');
  const version = memory.prepare<[], { version: string }>('select sqlite_version() as version').get()?.version ?? '';
  memory.close();
  return {
    product: 'SQLite',
    version,
    database: file,
    snapshot: { snapshot: true, readCommitted: true },
    createsTables: true,
  };
};
