import { defineTable, flag, guid, integer, json, type RowOf, text, time } from '@itsm-m365/database';
import type { MigrationContext, SecretRef, Transaction } from '@itsm-m365/plugin-api';

/**
 * A change of settings on its way into the host's store, which has transactions of its own. The row is written before and
 * goes with the line of the audit: where a process ends between, the next one finds out what became of the change.
 */
export const pendingTable = defineTable('task_pending_change', {
  id: guid(),
  section: text(200),
  item: text(100),
  /** The version that the change makes; of a removal the one that goes. */
  version: integer(),
  removal: flag(),
  actor_id: text(200),
  actor_name: text(200),
  node_id: guid(),
  at: time(),
  /** Fields whose secret was typed. */
  typed: json<readonly string[]>(),
  /** Secrets that nothing refers to once the change took effect, and those that it brought. */
  old_refs: json<readonly SecretRef[]>(),
  new_refs: json<readonly SecretRef[]>(),
  /** What is to be stored, or what a removal takes away. */
  value: json<unknown>(),
});
export type PendingRow = RowOf<typeof pendingTable>;

/** Frozen like the other migrations: a change to the table is a migration of its own. */
export const createPending = {
  id: '005-pending-changes',
  async up(schema: MigrationContext) {
    await schema.createTable(
      'task_pending_change',
      {
        id: guid(),
        section: text(200),
        item: text(100),
        version: integer(),
        removal: flag(),
        actor_id: text(200),
        actor_name: text(200),
        node_id: guid(),
        at: time(),
        typed: json(),
        old_refs: json(),
        new_refs: json(),
        value: json(),
      },
      ['id'],
    );
  },
  async down(schema: MigrationContext) {
    await schema.dropTable('task_pending_change');
  },
};

/** Takes a change off the list; false where somebody else did, who also wrote the audit. */
export const takePending = async (trx: Transaction, id: string): Promise<boolean> =>
  (await trx.remove(pendingTable, (query) => query.where({ id }))) > 0;
