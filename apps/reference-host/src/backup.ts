import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { copyDatabaseFile, readDatabaseFile } from '@itsm-m365/database';
import { machineClock } from '@itsm-m365/server-tasks';
import type { Configuration } from './configuration.ts';
import { hostErrors } from './errors.ts';
import { connections } from './host.ts';
import { keyPlace } from './key-ring.ts';
import { secretTable } from './tables.ts';

/** What a backup says of itself. Written last: without it a backup was not finished. */
export interface Manifest {
  readonly version: 1;
  readonly made: string;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  /** Ids of the keys that its secrets are sealed with; the keys are elsewhere. */
  readonly keys: readonly string[];
}

const manifestName = 'backup.json';

/**
 * The database files, in the order in which they are copied: settings last, so that they know every portal that has data.
 * The other way round, data could belong to a portal that the backup does not know.
 *
 * @throws BACKUP_BY_SERVER
 */
export const databaseFiles = (configuration: Configuration): readonly string[] => {
  const { own, plugins } = connections(configuration);
  if (own.dialect !== 'sqlite' || plugins.dialect !== 'sqlite') throw hostErrors.BACKUP_BY_SERVER();
  return [plugins.file, own.file];
};

export const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part);
  return hash.digest('hex');
};

const keyIds = (file: string): string[] =>
  readDatabaseFile(file, `SELECT DISTINCT key_id FROM ${secretTable.name} ORDER BY key_id`).flatMap((row) =>
    typeof row === 'object' && row !== null && 'key_id' in row ? [String(row.key_id)] : [],
  );

/**
 * Copies both databases into a folder, each as one consistent state, also while a host works on them. The key for stored
 * secrets is left out on purpose: who finds the backup must not find both.
 *
 * @throws BACKUP_BY_SERVER, BACKUP_FOLDER_TAKEN, DATABASE_MISSING, DATABASE_FULL
 */
export const backUp = async (
  configuration: Configuration,
  folder: string,
): Promise<{ readonly folder: string; readonly key: string }> => {
  const files = databaseFiles(configuration);
  if (existsSync(join(folder, manifestName))) throw hostErrors.BACKUP_FOLDER_TAKEN({ folder });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = new Date(machineClock.now()).toISOString();
  const entries: [string, { bytes: number; sha256: string }][] = [];
  for (const file of files) {
    const copy = join(folder, basename(file));
    copyDatabaseFile(file, copy);
    await chmod(copy, 0o600);
    entries.push([basename(file), { bytes: (await stat(copy)).size, sha256: await digestOf(copy) }]);
  }
  const keys = keyIds(join(folder, basename(files.at(-1) ?? '')));
  const manifest: Manifest = { version: 1, made, files: Object.fromEntries(entries), keys };
  const beside = join(folder, `${manifestName}.new`);
  await writeFile(beside, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
  await rename(beside, join(folder, manifestName));
  return { folder, key: keyPlace(configuration.dataDirectory, configuration.secretsKey) };
};

const isManifest = (value: unknown): value is Manifest =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  value.version === 1 &&
  'made' in value &&
  typeof value.made === 'string' &&
  'files' in value &&
  typeof value.files === 'object' &&
  value.files !== null &&
  'keys' in value &&
  Array.isArray(value.keys);

const readManifest = async (file: string): Promise<Manifest | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isManifest(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** @throws BACKUP_MISSING, BACKUP_DAMAGED where a file is not as it was written */
export const readBackup = async (folder: string, names: readonly string[]): Promise<Manifest> => {
  const manifest = await readManifest(join(folder, manifestName));
  if (manifest === undefined) throw hostErrors.BACKUP_MISSING({ folder });
  for (const name of names) {
    const found = await digestOf(join(folder, name)).catch(() => undefined);
    if (found === undefined || found !== manifest.files[name]?.sha256) throw hostErrors.BACKUP_DAMAGED({ file: name });
  }
  return manifest;
};
