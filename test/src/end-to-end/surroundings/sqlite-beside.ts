import { join } from 'node:path';
import { migrate, openDatabase, type PluginMigrations } from '@itsm-m365/database';
import { machineClock } from '@itsm-m365/server-tasks';
import Sqlite from 'better-sqlite3';
import { temporaryFolder } from './folder.ts';

/**
 * Runs the last migration of a plugin on a file that a running process owns: its statements are those that a copy of the
 * file needs, as a script for an administrator has them.
 */
export const alterBeside = async (
  file: string,
  source: (tables: readonly string[]) => PluginMigrations,
  wanted: (table: string) => boolean,
): Promise<number> => {
  const folder = temporaryFolder();
  const beside = new Sqlite(file);
  try {
    const copy = join(folder.path, 'copy.db');
    await beside.backup(copy);
    const names = beside.prepare<[], { name: string }>("select name from sqlite_master where type = 'table'").all();
    const tables = names.map(({ name }) => name).filter(wanted);
    const db = await openDatabase({ dialect: 'sqlite', file: copy }, { clock: machineClock });
    const { script } = await migrate(db, [source(tables)], { mode: 'script', clock: machineClock });
    await db.close();
    beside.exec(script);
    return tables.length;
  } finally {
    beside.close();
    folder.remove();
  }
};
