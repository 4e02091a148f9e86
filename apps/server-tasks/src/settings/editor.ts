import {
  type Actor,
  isKnownError,
  type Problem,
  type Secrets,
  type SettingsSection,
  type StoredItem,
  type TestReport,
} from '@itsm-m365/plugin-api';
import type { Core } from '../core.ts';
import { taskErrors } from '../errors.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { PendingRow } from '../store/pending.ts';
import { type Draft, makeDraft, type Previous, storeTyped } from './draft.ts';
import { settingsInvalid } from './invalid.ts';
import { beginChange, dropChange, finishChange, forgetSecrets, readable, sameJson } from './pending.ts';
import { decodeSettings, valueId } from './read.ts';
import { revealOf } from './reveal.ts';
import { masked, storedRefs } from './secret-fields.ts';
import { schemaProblems } from './validator.ts';

/** A stored item as it may be shown: secrets masked; what no longer fits the schema says so. */
export interface ShownItem {
  readonly id: string;
  /** 0: nothing is stored, and the defaults are in force. */
  readonly version: number;
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

export interface Change {
  readonly actor: Actor;
  /** The version that was read; 0 for a new item. */
  readonly ifVersion: number;
}

/**
 * Settings as people change them. Plain secrets go in and never come out. Nothing here asks for permissions: the caller
 * does. All methods throw `SECTION_UNKNOWN`, and those with an id `SETTINGS_ITEM_UNKNOWN`.
 */
export interface SettingsEditor {
  /** A section of kind `value` has one item, `value`, also while nothing is stored. */
  list(section: string): Promise<readonly ShownItem[]>;
  get(section: string, id: string): Promise<ShownItem>;
  /**
   * Checks and stores. Without `id` a new item gets one. Throws `SETTINGS_INVALID` with every wrong field, and
   * `SETTINGS_CHANGED` where the stored version is another. New secrets are stored before the settings, old ones removed
   * after them: a crash between leaves a secret that nothing refers to, never a reference that leads nowhere.
   */
  put(section: string, id: string | undefined, value: unknown, change: Change): Promise<ShownItem>;
  /** Removes an item of a collection, its secrets, and what the plugin removes with it in one transaction. */
  remove(section: string, id: string, change: Change): Promise<void>;
  /** Every problem of an input, stored or not. With `id`, as a change of that item. */
  validate(section: string, id: string | undefined, value: unknown): Promise<readonly Problem[]>;
  /**
   * Tests an input that need not be stored. Secrets that were not typed are those stored with `id`, unless a value that
   * they were entered for differs: then `SETTINGS_INVALID` with `SECRET_REENTRY_REQUIRED`.
   */
  test(
    section: string,
    id: string | undefined,
    value: unknown,
    by: { readonly actor: Actor; readonly signal: AbortSignal },
  ): Promise<TestReport>;
}

const changed = (section: SettingsSection, id: string) => taskErrors.SETTINGS_CHANGED({ section: section.id, id });

/** What is shown to code that checks a draft: the draft's secrets reveal like stored ones. */
const lend = (core: Core, secrets: Secrets) => ({ ...core.services, secrets });

export const createSettingsEditor = (core: Core, audit: (entry: AuditEntry) => Promise<void>): SettingsEditor => {
  const { registry, host, services } = core;
  const { logger } = services;

  const show = (section: SettingsSection, item: StoredItem<unknown>): ShownItem => {
    try {
      const value = decodeSettings(section, item.value);
      return { id: item.id, version: item.version, value: masked(section, value), problems: [] };
    } catch {
      const problems = schemaProblems(section.schema, item.value);
      return { id: item.id, version: item.version, value: masked(section, item.value), problems };
    }
  };

  const find = async (section: SettingsSection, id: string): Promise<StoredItem<unknown>> => {
    const item = await host.settings.get(section.id, id);
    if (item !== undefined) return item;
    if (section.kind === 'value' && id === valueId) return { id, version: 0, value: section.defaults };
    throw taskErrors.SETTINGS_ITEM_UNKNOWN({ section: section.id, id });
  };

  const others = async (section: SettingsSection, id: string | undefined): Promise<readonly StoredItem<unknown>[]> =>
    section.kind === 'value' ? [] : (await services.settings.items(section)).filter((item) => item.id !== id);

  const check = async (
    section: SettingsSection,
    draft: Draft,
    previous: Previous | undefined,
  ): Promise<readonly Problem[]> => {
    if (draft.problems.length > 0 || section.validate === undefined) return draft.problems;
    let before: unknown;
    try {
      before = previous === undefined ? undefined : decodeSettings(section, previous.value);
    } catch {
      // What is stored does not fit any more, which is what this change may mend.
    }
    return section.validate(draft.value, {
      id: previous?.id,
      previous: before,
      others: await others(section, previous?.id),
      services: lend(core, draft.secrets),
    });
  };

  const previousOf = async (
    section: SettingsSection,
    id: string | undefined,
  ): Promise<StoredItem<unknown> | undefined> => (id === undefined ? undefined : find(section, id));

  const draftOf = (section: SettingsSection, value: unknown, previous: Previous | undefined): Promise<Draft> =>
    makeDraft(section, value, previous, host.secrets);

  const note = (entry: AuditEntry): Promise<void> =>
    audit(entry).catch((error: unknown) => {
      // What happened has happened: the log keeps the line that the audit could not.
      logger.error(
        { action: entry.action, object: entry.object, actor: entry.actor.id, err: error },
        'The audit could not be written',
      );
    });

  const look = (section: string, id: string): Promise<StoredItem<unknown> | undefined | 'unreadable'> =>
    host.settings.get(section, id).catch(() => 'unreadable' as const);

  const settle = (pending: PendingRow): Promise<unknown> =>
    core.db
      .write((trx) => finishChange(core, trx, pending))
      .catch((error: unknown) => {
        // What happened has happened: the log keeps the line, and the next start writes the audit.
        const { section, item, version, actor_id: actor } = pending;
        logger.error({ section, item, version, actor, err: error }, 'The audit could not be written');
      });

  return {
    async list(sectionId) {
      const section = registry.section(sectionId);
      if (section.kind === 'value') return [show(section, await find(section, valueId))];
      return (await host.settings.list(section.id)).map((item) => show(section, item));
    },

    async get(sectionId, id) {
      const section = registry.section(sectionId);
      return show(section, await find(section, id));
    },

    async put(sectionId, wanted, input, { actor, ifVersion }) {
      const section = registry.section(sectionId);
      if (section.kind === 'value' && wanted !== valueId)
        throw taskErrors.SETTINGS_ITEM_UNKNOWN({ section: sectionId, id: wanted ?? '' });
      const previous = await previousOf(section, wanted);
      const id = wanted ?? services.random.uuid();
      if ((previous?.version ?? 0) !== ifVersion) throw changed(section, id);
      const draft = await draftOf(section, input, previous);
      const problems = await check(section, draft, previous);
      if (problems.length > 0) throw settingsInvalid(section.id, problems);
      const { value, stored } = await storeTyped(section, id, draft, host.secrets);
      const used = new Set(storedRefs(section, value).values());
      const old = previous === undefined ? [] : [...storedRefs(section, previous.value).values()];
      const unused = old.filter((ref) => !used.has(ref));
      const intent = { section: section.id, item: id, actor, version: ifVersion + 1, removal: false, value };
      const refs = { oldRefs: unused, newRefs: stored };
      const typed = [...draft.typed.keys()];
      const pending = await beginChange(core, { ...intent, ...refs, typed }).catch(async (error) => {
        await forgetSecrets(core, section.id, stored);
        throw error;
      });
      let item: StoredItem<unknown>;
      try {
        item = await host.settings.put(section.id, id, value, { ifVersion, actor: actor.id });
      } catch (error) {
        const refused = isKnownError(error, 'SETTINGS_CHANGED');
        // An error may hide a change that took effect: the answer to a commit can be lost.
        const found = refused ? undefined : await look(section.id, id);
        // It cannot be told now: the next start finds out.
        if (found === 'unreadable') throw error;
        if (found?.version !== ifVersion + 1 || !sameJson(found.value, value)) {
          await forgetSecrets(core, section.id, stored);
          await dropChange(core, pending).catch(() => undefined);
          throw refused ? changed(section, id) : error;
        }
        item = found;
      }
      await forgetSecrets(core, section.id, unused);
      await settle(pending);
      return show(section, item);
    },

    async remove(sectionId, id, { actor, ifVersion }) {
      const section = registry.section(sectionId);
      if (section.kind === 'value') throw taskErrors.SETTINGS_WRONG_KIND({ section: sectionId, kind: 'collection' });
      const item = await find(section, id);
      if (item.version !== ifVersion) throw changed(section, id);
      const oldRefs = [...storedRefs(section, item.value).values()];
      const intent = { section: section.id, item: id, actor, version: ifVersion, removal: true, value: item.value };
      const pending = await beginChange(core, { ...intent, oldRefs, newRefs: [] });
      const now = services.clock.now();
      let removed = false;
      try {
        await core.db.write(async (trx) => {
          // The transaction may be run again after a deadlock; the host's store is not part of it.
          await section.removed?.({ ...item, value: readable(section, item.value) }, trx, { actor: actor.id, now });
          await finishChange(core, trx, pending);
          if (removed) return;
          await host.settings.remove(section.id, id, { ifVersion, actor: actor.id }).catch(async (error: unknown) => {
            if (isKnownError(error, 'SETTINGS_CHANGED')) throw changed(section, id);
            if ((await look(section.id, id)) !== undefined) throw error;
          });
          removed = true;
        });
      } catch (error) {
        if (!removed && (await look(section.id, id)) !== undefined)
          await dropChange(core, pending).catch(() => undefined);
        throw error;
      }
      await forgetSecrets(core, section.id, oldRefs);
    },

    async validate(sectionId, id, input) {
      const section = registry.section(sectionId);
      const previous = await previousOf(section, targetOf(section, id));
      return check(section, await draftOf(section, input, previous), previous);
    },

    async test(sectionId, wanted, input, { actor, signal }) {
      const section = registry.section(sectionId);
      const id = targetOf(section, wanted);
      if (section.test === undefined) throw taskErrors.SETTINGS_NOT_TESTABLE({ section: section.id });
      const previous = await previousOf(section, id);
      const draft = await draftOf(section, input, previous);
      if (draft.problems.length > 0) throw settingsInvalid(section.id, draft.problems);
      const report = await section.test(draft.value, {
        id,
        services: lend(core, draft.secrets),
        reveal: revealOf(section, id, draft),
        signal,
      });
      await note({
        actor,
        action: 'settings.tested',
        object: `${section.id}/${id ?? 'new'}`,
        details: { ok: report.ok },
      });
      return report;
    },
  };
};

/** A section of kind `value` has its one item, whether it is named or not. */
const targetOf = (section: SettingsSection, id: string | undefined): string | undefined =>
  section.kind === 'value' ? valueId : id;
