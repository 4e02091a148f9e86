import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostErrors } from './errors.ts';

/** The keys that secrets are sealed with: the first seals, all open. A key's id is derived, so that it cannot be mixed up. */
export interface KeyRing {
  readonly current: { readonly id: string; readonly key: Buffer };
  find(id: string): Buffer | undefined;
}

const keyId = (key: Buffer): string => createHash('sha256').update('key-id').update(key).digest('hex').slice(0, 16);

const decodeKey = (line: string): Buffer => {
  const key = Buffer.from(line.trim(), 'base64');
  if (key.length !== 32) throw hostErrors.SECRETS_KEY_INVALID();
  return key;
};

const ringOf = (lines: readonly string[]): KeyRing => {
  const keys = lines.map(decodeKey).map((key) => ({ id: keyId(key), key }));
  const [current] = keys;
  if (current === undefined) throw hostErrors.SECRETS_KEY_INVALID();
  return { current, find: (id) => keys.find((entry) => entry.id === id)?.key };
};

const keyFile = (directory: string): string => join(directory, 'secrets.key');

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Written beside and renamed, so that kill -9 leaves the old keys or the new ones. */
const writeKeys = async (file: string, lines: readonly string[]): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.new`;
  await writeFile(beside, `${lines.join('\n')}\n`, { mode: 0o600 });
  await chmod(beside, 0o600);
  await rename(beside, file);
};

const readKeys = async (file: string): Promise<string[] | undefined> => {
  const facts = await stat(file).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) throw hostErrors.SECRETS_KEY_READABLE({ file });
  return linesOf(await readFile(file, 'utf8'));
};

/**
 * Opens the key ring: from the environment (several keys separated by commas, the first seals), else from an owner-only
 * file, made at the first start. Throws `SECRETS_KEY_INVALID` and `SECRETS_KEY_READABLE`.
 */
export const openKeyRing = async (
  directory: string,
  fromEnvironment: string | undefined,
  randomBytes: (length: number) => Buffer,
): Promise<KeyRing> => {
  if (fromEnvironment !== undefined) return ringOf(fromEnvironment.split(','));
  const file = keyFile(directory);
  const present = await readKeys(file);
  if (present !== undefined) return ringOf(present);
  const first = randomBytes(32).toString('base64');
  await writeKeys(file, [first]);
  return ringOf([first]);
};

/** The keys there are, and none made where there are none. */
export const presentKeys = async (
  directory: string,
  fromEnvironment: string | undefined,
): Promise<KeyRing | undefined> => {
  const lines = fromEnvironment?.split(',') ?? (await readKeys(keyFile(directory)));
  return lines === undefined ? undefined : ringOf(lines);
};

/** Where the keys lie, for those who back them up. */
export const keyPlace = (directory: string, fromEnvironment: string | undefined): string =>
  fromEnvironment === undefined ? keyFile(directory) : 'SECRETS_KEY';

/** Puts a new key in front of the file's keys. The old ones stay until every secret is sealed anew. */
export const addKey = async (directory: string, randomBytes: (length: number) => Buffer): Promise<KeyRing> => {
  const file = keyFile(directory);
  const lines = [randomBytes(32).toString('base64'), ...((await readKeys(file)) ?? [])];
  await writeKeys(file, lines);
  return ringOf(lines);
};

/** Forgets all keys but the current one. */
export const dropOldKeys = async (directory: string, ring: KeyRing): Promise<void> => {
  await writeKeys(keyFile(directory), [ring.current.key.toString('base64')]);
};
