import { isDeepStrictEqual } from 'node:util';
import type { Actor, SecretRef, SettingsSection, StoredItem, Transaction } from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { type AuditEntry, writeAudit } from '../store/audit.ts';
import { type PendingRow, pendingTable, takePending } from '../store/pending.ts';
import { auditTable, nodeTable } from '../store/tables.ts';
import { decodeSettings } from './read.ts';
import { storedRefs } from './secret-fields.ts';

/** What is written down of a change before it is made. */
export interface Intent {
  readonly section: string;
  readonly item: string;
  readonly version: number;
  readonly actor: Actor;
  readonly typed?: readonly string[];
  readonly oldRefs: readonly SecretRef[];
  readonly newRefs: readonly SecretRef[];
  readonly removal: boolean;
  /** What is to be stored, or what was; secrets are references in it. */
  readonly value: unknown;
}

export const beginChange = async (core: Core, intent: Intent): Promise<PendingRow> => {
  const { clock, random } = core.services;
  const row: PendingRow = {
    id: random.uuid(),
    section: intent.section,
    item: intent.item,
    version: intent.version,
    removal: intent.removal,
    actor_id: intent.actor.id.slice(0, 200),
    actor_name: intent.actor.name.slice(0, 200),
    node_id: core.node.id,
    at: clock.now(),
    typed: intent.typed ?? [],
    old_refs: intent.oldRefs,
    new_refs: intent.newRefs,
    value: intent.value,
  };
  await core.db.write((trx) => trx.insert(pendingTable, [row]));
  return row;
};

const objectOf = ({ section, item }: Pick<PendingRow, 'section' | 'item'>): string => `${section}/${item}`;

/** Equal as JSON, in which a field that is undefined is none. */
export const sameJson = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

const entriesOf = (core: Core, row: PendingRow): AuditEntry[] => {
  const actor = { id: row.actor_id, name: row.actor_name };
  const object = objectOf(row);
  // A value is there before anything is stored.
  const fresh = row.version === 1 && core.registry.section(row.section).kind === 'collection';
  const verb = row.removal ? 'removed' : fresh ? 'created' : 'changed';
  const entry = { actor, action: `settings.${verb}`, object, details: { version: row.version } };
  if (row.typed.length === 0) return [entry];
  return [entry, { actor, action: 'credential.stored', object, details: { fields: row.typed } }];
};

/** Writes the audit of a change that took effect: once, whoever found out first. */
export const finishChange = async (core: Core, trx: Transaction, row: PendingRow): Promise<boolean> => {
  if (!(await takePending(trx, row.id))) return false;
  for (const entry of entriesOf(core, row))
    await writeAudit(trx, entry, { id: core.services.random.uuid(), at: row.at });
  return true;
};

export const dropChange = (core: Core, row: PendingRow): Promise<boolean> =>
  core.db.write((trx) => takePending(trx, row.id));

/** An item's value for the code that removes what belongs to it: decoded where it can be. */
export const readable = (section: SettingsSection, value: unknown): unknown => {
  try {
    return decodeSettings(section, value);
  } catch {
    // What no longer fits the schema goes as it is.
    return value;
  }
};

/** Removes secrets that nothing refers to. One that stays does no harm; it is said, and the change is not undone. */
export const forgetSecrets = async (core: Core, section: string, refs: Iterable<SecretRef>): Promise<void> => {
  for (const ref of refs)
    await core.host.secrets
      .remove(ref)
      .catch((error: unknown) =>
        core.services.logger.warn({ section, err: error }, 'A secret that is no longer used could not be removed'),
      );
};

const recoverRemoval = async (core: Core, section: SettingsSection, row: PendingRow): Promise<void> => {
  const item: StoredItem<unknown> = { id: row.item, version: row.version, value: readable(section, row.value) };
  const context = { actor: row.actor_id, now: core.services.clock.now() };
  await core.db.write(async (trx) => {
    if (await finishChange(core, trx, row)) await section.removed?.(item, trx, context);
  });
  await forgetSecrets(core, row.section, row.old_refs);
};

/** Whether what is stored came of this change, or of one after it, and not of somebody else's in its place. */
const tookEffect = async (core: Core, row: PendingRow, item: StoredItem<unknown>): Promise<boolean> => {
  if (item.version <= row.version) return item.version === row.version && sameJson(item.value, row.value);
  const lines = await core.db.read((trx) =>
    trx.rows(auditTable, (query) => query.where({ object: objectOf(row) }).where('action', 'like', 'settings.%')),
  );
  return !lines.some(({ details }) => details.version === row.version);
};

const recover = async (core: Core, row: PendingRow, living: ReadonlySet<string>): Promise<void> => {
  const section = core.registry.section(row.section);
  const item = await core.host.settings.get(row.section, row.item);
  if (row.removal && item === undefined) return recoverRemoval(core, section, row);
  const used = new Set(item === undefined ? [] : storedRefs(section, item.value).values());
  const forget = (refs: readonly SecretRef[]): Promise<void> =>
    forgetSecrets(
      core,
      row.section,
      refs.filter((ref) => !used.has(ref)),
    );
  if (!row.removal && item !== undefined && (await tookEffect(core, row, item))) {
    await forget(row.old_refs);
    await core.db.write((trx) => finishChange(core, trx, row));
    return;
  }
  // It did not take effect, or its node is about to make it.
  if (living.has(row.node_id)) return;
  await forget(row.new_refs);
  await dropChange(core, row);
};

/**
 * Finds out what became of changes whose process ended in the middle, at the start of a node: the audit is written for
 * those that took effect, and what a removal takes along is removed; of the others nothing stays. Never throws: what
 * cannot be found out now waits for the next start.
 */
export const recoverChanges = async (core: Core): Promise<void> => {
  try {
    const { rows, nodes } = await core.db.read(async (trx) => ({
      rows: await trx.rows(pendingTable, (query) => query.orderBy('at').orderBy('version')),
      nodes: await trx.rows(nodeTable),
    }));
    const living = new Set(core.alone ? [] : nodes.map(({ id }) => id));
    for (const row of rows) {
      try {
        await recover(core, row, living);
      } catch (error) {
        core.services.logger.warn(
          { section: row.section, item: row.item, err: error },
          'A change could not be settled',
        );
      }
    }
  } catch (error) {
    core.services.logger.warn({ err: error }, 'Changes of settings that were cut off could not be read');
  }
};
