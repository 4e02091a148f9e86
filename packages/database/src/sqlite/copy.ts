import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { databaseErrors } from '../errors.ts';
import { translateSqlite } from './errors.ts';
import { type Ownership, ownFile } from './ownership.ts';

const toDisk = (path: string, flags: 'r' | 'r+' = 'r+'): void => {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** A name of a file is on the disk when its folder is; Windows cannot open folders and does not need it. */
const nameToDisk = (path: string): void => {
  if (process.platform !== 'win32') toDisk(dirname(path), 'r');
};

/**
 * Writes a copy of a database file that is one consistent state, also while another process works on it: a reader keeps
 * its snapshot, and writers go on. The copy is on the disk when this returns, and there is none where it fails.
 *
 * Blocks the event loop for as long as it takes to read the file.
 *
 * @throws DATABASE_MISSING where there is no file; what SQLite says, as a known error
 */
export const copyDatabaseFile = (file: string, copy: string): void => {
  if (!existsSync(file)) throw databaseErrors.DATABASE_MISSING({ database: file });
  const part = `${copy}.part`;
  rmSync(part, { force: true });
  try {
    const source = new Sqlite(file, { fileMustExist: true, timeout: 10_000 });
    try {
      source.prepare('VACUUM INTO ?').run(part);
    } finally {
      source.close();
    }
    toDisk(part);
    renameSync(part, copy);
    nameToDisk(copy);
  } catch (error) {
    rmSync(part, { force: true });
    throw translateSqlite(error);
  }
};

/** Rows of a file that nobody works on: a copy. Leaves no file beside it. */
export const readDatabaseFile = (file: string, sql: string): readonly unknown[] => {
  try {
    const copy = new Sqlite(file, { readonly: true, fileMustExist: true });
    try {
      return copy.prepare(sql).all();
    } finally {
      copy.close();
    }
  } catch (error) {
    throw translateSqlite(error);
  }
};

export interface Replacement {
  readonly file: string;
  readonly copy: string;
}

/** SQLite's own files beside a database; with another database they would be taken for its last changes. */
const besides = ['', '-wal', '-shm', '-journal'] as const;

/**
 * Puts copies in the place of database files, with nobody at work on any of them. What was there is moved into the folder
 * `aside`, with the files that SQLite keeps beside it. Not one change: a kill in the midst leaves some of the files
 * replaced, or missing; the caller notes that it is under way, and repeats it.
 *
 * @throws DATABASE_LOCKED_BY_OTHER_PROCESS before anything is changed; DATABASE_DAMAGED where a copy is no database
 */
export const replaceDatabaseFiles = async (
  replacements: readonly Replacement[],
  { aside, begun }: { readonly aside: string; readonly begun: () => Promise<void> },
): Promise<void> => {
  for (const { copy } of replacements) {
    const found = readDatabaseFile(copy, 'PRAGMA quick_check(1)');
    if (JSON.stringify(found) !== '[{"quick_check":"ok"}]')
      throw databaseErrors.DATABASE_DAMAGED({ reason: basename(copy) });
  }
  const owned: Ownership[] = [];
  try {
    for (const { file } of replacements) owned.push(ownFile(file));
    await begun();
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    for (const { file, copy } of replacements) {
      const fresh = `${file}.restoring`;
      await copyFile(copy, fresh);
      toDisk(fresh);
      for (const beside of besides)
        if (existsSync(`${file}${beside}`)) await rename(`${file}${beside}`, join(aside, `${basename(file)}${beside}`));
      await rename(fresh, file);
      nameToDisk(file);
    }
  } finally {
    for (const ownership of owned) ownership.release();
  }
};
