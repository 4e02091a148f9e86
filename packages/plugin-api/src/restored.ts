import type { Instant } from './clock.ts';
import type { Transaction } from './database.ts';
import type { Subject } from './notices.ts';
import type { Services } from './services.ts';
import type { Text } from './text.ts';

/**
 * A place in another system from which a task goes on: the last message fetched of a mailbox, the last listing of a
 * portal. After a restore it is older than what was done since, and is shown to a person before it is used again.
 */
export interface Cursor {
  /** Key of the item that goes on from here; one cursor an item. */
  readonly item: string;
  readonly subject: Subject;
  /** Where it goes on, so that a person can compare it with the other system. */
  readonly position: Text;
  /** When the position was noted; null where it never was. */
  readonly observedAt: Instant | null;
}

/** What a plugin does when the database turns out to be an older one than it was. */
export interface AfterRestore {
  /**
   * Forgets what must not be gone on with: links to changes, words given for a state that is gone. Runs in the
   * transaction that enters restored mode, and again with it; counts what went, for the audit.
   */
  forget?(trx: Transaction, context: { readonly now: Instant }): Promise<Readonly<Record<string, number>>>;
  /** What is shown before a release. Read at each look; a failure leaves the plugin's cursors unknown and unreleased. */
  cursors?(services: Services): Promise<readonly Cursor[]>;
}

/**
 * A place outside of the database, one per node, where the core notes how far the database has come: what the database
 * has forgotten of it tells a restore. Never in the database, nor in a backup of it.
 */
export interface MarkStore {
  /** What was written last; undefined where nothing was, or where it was lost. */
  read(): Promise<string | undefined>;
  /** Replaces it as a whole: a kill leaves the text before or the text after. Below 1,000 characters. */
  write(text: string): Promise<void>;
}
