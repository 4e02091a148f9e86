import type { Actor, Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import type { HeldKind } from './guard.ts';
import { type ConfirmationRow, confirmations } from './tables.ts';

const waiting = (portal: string) => (query: { where(fields: object): unknown }) =>
  query.where({ portal, used_run: '' });

/** Confirmations that no run has used yet, newest last. */
export const openConfirmations = async (db: Database, portal: string): Promise<readonly ConfirmationRow[]> => {
  const rows = await db.read((trx) => trx.rows(confirmations, waiting(portal)));
  return rows.sort((a, b) => a.created_at - b.created_at);
};

/** Replaces what was confirmed before: only the last word counts. */
export const confirm = async (
  trx: Transaction,
  word: {
    readonly id: string;
    readonly portal: string;
    readonly kind: HeldKind;
    readonly count: number;
    readonly actor: Actor;
  },
  now: Instant,
): Promise<void> => {
  await trx.update(confirmations, { used_run: 'replaced' }, waiting(word.portal));
  await trx.insert(confirmations, [
    {
      id: word.id,
      portal: word.portal,
      kind: word.kind,
      removals: word.count,
      actor: word.actor.id,
      actor_name: word.actor.name,
      created_at: now,
      used_run: '',
    },
  ]);
};

/** A confirmation holds for one run, whatever that run found: marked in the transaction that ends it. */
export const useUp = async (trx: Transaction, rows: readonly ConfirmationRow[], run: string): Promise<void> => {
  for (const { id } of rows) await trx.update(confirmations, { used_run: run }, (query) => query.where({ id }));
};
