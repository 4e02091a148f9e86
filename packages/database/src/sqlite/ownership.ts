import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { databaseErrors } from '../errors.ts';
import { translateSqlite } from './errors.ts';

export interface Ownership {
  release(): void;
}

/** One name for one file, however it was written, so that two paths to it meet at one lock. */
const realName = (file: string): string => {
  const folder = realpathSync(dirname(resolve(file)));
  try {
    return realpathSync(file);
  } catch {
    return join(folder, basename(file));
  }
};

/**
 * Makes this process the only owner of a database file. The lock is that of a SQLite transaction held open on a second
 * file: the operating system frees it when the process ends in whatever way, so that nothing stale can be left behind.
 * The file itself stays, since removing it would let two processes lock two files of the same name.
 *
 * Does not hold on network file systems whose locks do not work, as SQLite itself does not.
 *
 * @throws DATABASE_LOCKED_BY_OTHER_PROCESS also where this process has the file open already.
 */
export const ownFile = (file: string): Ownership => {
  let lock: Sqlite.Database | undefined;
  try {
    lock = new Sqlite(`${realName(file)}.lock`, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    const known = translateSqlite(error);
    throw known.code === 'DATABASE_BUSY'
      ? databaseErrors.DATABASE_LOCKED_BY_OTHER_PROCESS({ file }, { cause: error })
      : known;
  }
  const held = lock;
  return { release: () => held.close() };
};
