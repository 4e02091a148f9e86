import { type Instant, openEnd, type Transaction } from '@itsm-m365/plugin-api';
import { stateColumns } from '../catalogue/sync-state.ts';
import { licences, products } from '../tables.ts';

/**
 * Marks what a portal brought when the portal is deleted (M365-23, COMP-13). Nothing is removed; the mark is final.
 * Running it again changes nothing. Answers the number of products marked now.
 */
export const portalDeleted = async (trx: Transaction, portal: string, at: Instant): Promise<number> => {
  const alive = { portal: portal.toLowerCase(), deleted_at: trx.encode('time', openEnd) };
  const marked = { ...stateColumns({ state: 'unsynced', reason: 'portal-deleted' }), changed_at: at };
  await trx.update(licences, marked, (query) => query.where(alive).whereNot({ sync_reason: marked.sync_reason }));
  return trx.update(products, marked, (query) =>
    query.where({ ...alive, source: 'm365' }).whereNot({ sync_reason: marked.sync_reason }),
  );
};
