import type { ServerTask, Transaction } from '@itsm-m365/plugin-api';
import { activeRestored, releaseKey, releasesOf } from '../store/restored.ts';

/** What of a task must not run before a person released it. */
export interface TaskHold {
  /** Nothing of it was released: it does not start at all. */
  readonly whole: boolean;
  /** Whether an item waits, where others were released. */
  holds(item: string): boolean;
}

/** Registration sees to it that a task's id begins with its plugin's, which has no dot. */
export const pluginOf = (task: Pick<ServerTask, 'id'>): string => task.id.split('.')[0] ?? '';

/**
 * Whether restored mode holds a task; undefined: it may run. Asked in the transaction that starts something, so that
 * nothing starts between a restore that was noticed and its hold.
 */
export const holdOf = async (trx: Transaction, task: ServerTask): Promise<TaskHold | undefined> => {
  if (task.kind !== 'work' || task.heldAfterRestore !== true) return undefined;
  const restored = await activeRestored(trx);
  if (restored === undefined) return undefined;
  const plugin = pluginOf(task);
  const released = await releasesOf(trx, restored.id);
  if (released.has(releaseKey(plugin))) return undefined;
  return { whole: heldWhole(plugin, released), holds: (item) => !released.has(releaseKey(plugin, item)) };
};

/** Whether neither a plugin nor any item of it is among what was released. */
export const heldWhole = (plugin: string, released: ReadonlySet<string>): boolean =>
  ![...released].some((key) => key === releaseKey(plugin) || key.startsWith(`${plugin}|`));

/** Whether restored mode keeps a task from starting. */
export const isHeld = async (trx: Transaction, task: ServerTask): Promise<boolean> =>
  (await holdOf(trx, task))?.whole === true;
