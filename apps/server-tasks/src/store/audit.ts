import type { Actor, Transaction } from '@itsm-m365/plugin-api';
import { type AuditRow, auditTable } from './tables.ts';

export interface AuditEntry {
  readonly actor: Actor;
  /** `settings.changed`, `task.started`. */
  readonly action: string;
  /** What it was done to: `m365-import.portals/<id>`. */
  readonly object: string;
  /** Never a secret, and no more of a person than an id. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Adds a line to the audit. There is no function that changes or removes one. */
export const writeAudit = async (
  trx: Transaction,
  entry: AuditEntry,
  stamp: { readonly id: string; readonly at: number },
): Promise<void> => {
  const row: AuditRow = {
    ...stamp,
    actor_id: entry.actor.id.slice(0, 200),
    actor_name: entry.actor.name.slice(0, 200),
    action: entry.action.slice(0, 100),
    object: entry.object.slice(0, 400),
    details: entry.details ?? {},
  };
  await trx.insert(auditTable, [row]);
};
