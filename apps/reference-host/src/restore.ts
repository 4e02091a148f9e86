import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { replaceDatabaseFiles } from '@itsm-m365/database';
import { machineClock } from '@itsm-m365/server-tasks';
import { databaseFiles, readBackup } from './backup.ts';
import type { Configuration } from './configuration.ts';
import { hostErrors } from './errors.ts';
import { keyPlace, presentKeys } from './key-ring.ts';
import { noteRestore } from './marks.ts';

export interface Restored {
  /** When the backup was made. */
  readonly made: string;
  /** Where the former databases are. */
  readonly aside: string;
  /** Ids of keys that secrets of the backup are sealed with, and that are not at `place`. */
  readonly missingKeys: readonly string[];
  readonly place: string;
}

const noteOf = (directory: string): string => join(directory, 'restore-under-way');

/** @throws RESTORE_UNFINISHED where a restore was killed: what is there may be half of it */
export const refuseUnfinished = async ({ dataDirectory }: Configuration): Promise<void> => {
  const folder = await readFile(noteOf(dataDirectory), 'utf8').catch(() => undefined);
  if (folder !== undefined) throw hostErrors.RESTORE_UNFINISHED({ folder: folder.trim() });
};

/**
 * Puts the databases of a backup in place, with no host at work on them. The former ones are kept. The next start is in
 * restored mode. Killed in the midst, it leaves a note that keeps a host from starting; run again, it finishes.
 *
 * @throws BACKUP_BY_SERVER, BACKUP_MISSING, BACKUP_DAMAGED, DATABASE_LOCKED_BY_OTHER_PROCESS: nothing was changed
 */
export const restore = async (configuration: Configuration, folder: string): Promise<Restored> => {
  const { dataDirectory, secretsKey } = configuration;
  const files = databaseFiles(configuration);
  const { made, keys } = await readBackup(
    folder,
    files.map((file) => basename(file)),
  );
  const now = new Date(machineClock.now()).toISOString();
  const aside = join(dataDirectory, `before-restore-${now.replaceAll(/[:.]/g, '-')}`);
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const replacements = files.map((file) => ({ file, copy: join(folder, basename(file)) }));
  const begun = async (): Promise<void> => {
    await writeFile(noteOf(dataDirectory), `${folder}\n`, { mode: 0o600 });
    // Before the first file: whatever becomes of the rest, the next start is told.
    await noteRestore(dataDirectory, `restore ${now}`);
  };
  await replaceDatabaseFiles(replacements, { aside, begun });
  await rm(noteOf(dataDirectory), { force: true });
  const ring = await presentKeys(dataDirectory, secretsKey);
  return {
    made,
    aside,
    missingKeys: keys.filter((id) => ring?.find(id) === undefined),
    place: keyPlace(dataDirectory, secretsKey),
  };
};
