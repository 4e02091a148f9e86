import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Database, MarkStore } from '@itsm-m365/plugin-api';
import { markTable } from './tables.ts';

/** What the data folder notes of the databases in it. Not in a backup: it is what tells a restore. */
interface Noted {
  /** How far the host's own database had come. */
  readonly own: number;
  /** The core's mark, whatever it says. */
  readonly core: string | undefined;
  /** Name of a restore that was made here and that no start has heard of. */
  readonly told: string | undefined;
}

const nothing: Noted = { own: 0, core: undefined, told: undefined };

const markFile = (directory: string): string => join(directory, 'database-mark.json');

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const readNoted = async (directory: string): Promise<Noted> => {
  try {
    const value: unknown = JSON.parse(await readFile(markFile(directory), 'utf8'));
    if (typeof value !== 'object' || value === null) return nothing;
    const { own, core, told } = value as Readonly<Record<string, unknown>>;
    return { own: Number.isSafeInteger(own) ? Number(own) : 0, core: textOf(core), told: textOf(told) };
  } catch {
    return nothing;
  }
};

/** Written beside and renamed, so that kill -9 leaves what was noted before or after; on the disk before it has the name. */
const writeNoted = async (directory: string, noted: Noted): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = markFile(directory);
  const beside = join(dirname(file), `database-mark.${process.pid}.new`);
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(noted)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
};

/** Notes a restore that was made here, for the next start. */
export const noteRestore = async (directory: string, name: string): Promise<void> =>
  writeNoted(directory, { ...(await readNoted(directory)), told: name });

export interface HostMarks {
  /** Where the core notes how far the plugins' database has come. */
  readonly store: MarkStore;
  /** Name of a restore that is noted here, or that the host's own database gives away. */
  readonly restored: string | undefined;
  /** Moves the host's own database on for the last time. */
  last(): Promise<void>;
  /** Notes where it ended; after it was closed, so that it is on the disk before. */
  finish(): Promise<void>;
}

const generationOf = async (db: Database): Promise<number> =>
  (await db.read((trx) => trx.rows(markTable, (query) => query.where({ id: 'host' }))))[0]?.generation ?? 0;

const moveTo = (db: Database, generation: number): Promise<void> =>
  db.write(async (trx) => {
    const changed = await trx.update(markTable, { generation }, (query) => query.where({ id: 'host' }));
    if (changed === 0) await trx.insert(markTable, [{ id: 'host', generation }]);
  });

/**
 * Opens the note of the data folder. `own`: the host has a database of its own (SQLite), which may be restored without
 * that of the plugins; each time the core notes something, it is noted too, one step behind: what is noted has to be on
 * the disk before, also where the power fails.
 */
export const openMarks = async (options: {
  readonly directory: string;
  readonly db: Database;
  readonly own: boolean;
}): Promise<HostMarks> => {
  const { directory, db, own } = options;
  const noted = await readNoted(directory);
  let generation = own ? await generationOf(db) : 0;
  const older = own && generation < noted.own ? `host database ${noted.own}` : undefined;
  let core = noted.core;
  let begun = false;
  const moveOn = async (): Promise<void> => {
    generation = Math.max(generation, noted.own) + 1;
    await moveTo(db, generation);
  };
  return {
    restored: noted.told ?? older,
    store: {
      read: async () => core,
      async write(text) {
        begun = true;
        core = text;
        const settled = generation;
        if (own) await moveOn();
        await writeNoted(directory, { own: settled, core, told: undefined });
      },
    },
    async last() {
      if (own && begun) await moveOn();
    },
    async finish() {
      if (begun) await writeNoted(directory, { own: generation, core, told: undefined });
    },
  };
};
