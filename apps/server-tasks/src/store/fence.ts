import type { Transaction } from '@itsm-m365/plugin-api';
import { fenceTable } from './tables.ts';

/** One fence for each item of a task, over all its runs. */
export const fenceScope = (task: string, item: string): string => `${task}|${item}`;

/**
 * Moves the fence on and tells the new epoch: whoever held the epoch before can publish nothing any more. Waits for a
 * publishing transaction that is under way, since that holds the row.
 */
export const moveFence = async (trx: Transaction, scope: string): Promise<number> => {
  const moved = await trx.execute('UPDATE ?? SET epoch = epoch + 1 WHERE scope = ?', [trx.name(fenceTable), scope]);
  if (moved === 0) {
    await trx.insert(fenceTable, [{ scope, epoch: 1 }]);
    return 1;
  }
  const [row] = await trx.rows(fenceTable, (query) => query.where({ scope }));
  return row?.epoch ?? 0;
};

/** Locks the fence's row for the rest of the transaction; false where another has taken the epoch. */
export const holdFence = async (trx: Transaction, scope: string, epoch: number): Promise<boolean> => {
  const held = await trx.execute('UPDATE ?? SET epoch = epoch WHERE scope = ? AND epoch = ?', [
    trx.name(fenceTable),
    scope,
    epoch,
  ]);
  return held === 1;
};
