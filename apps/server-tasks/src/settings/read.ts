import type { Logger, Settings, SettingsSection, SettingsStore, StoredItem } from '@itsm-m365/plugin-api';
import type { Static, TSchema } from 'typebox';
import { taskErrors } from '../errors.ts';
import { fits, schemaProblems } from './validator.ts';

/** The id of the one item of a section of kind `value`. */
export const valueId = 'value';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Decodes a stored value: defaults filled in, then checked. Stored values outlive the schema they were checked with, so
 * one that no longer fits is an error of its own and not of the code that reads it.
 *
 * @throws SETTINGS_INVALID
 */
export const decodeSettings = <S extends TSchema>(section: SettingsSection<S>, value: unknown): Static<S> => {
  const filled = isRecord(value) ? { ...section.defaults, ...value } : value;
  if (fits(section.schema, filled)) return filled as Static<S>;
  // A default may belong to another branch of a union.
  if (fits(section.schema, value)) return value as Static<S>;
  const fields = schemaProblems(section.schema, filled)
    .map(({ path }) => path || '/')
    .join(', ')
    .slice(0, 500);
  throw taskErrors.SETTINGS_INVALID({ section: section.id, fields });
};

/** Settings as plugins read them. Items that do not fit their schema are left out and logged; a value so throws. */
export const createSettings = (store: SettingsStore, logger: Logger): Settings => {
  const fitting = <S extends TSchema>(
    section: SettingsSection<S>,
    item: StoredItem<unknown>,
  ): StoredItem<Static<S>> | undefined => {
    try {
      return { id: item.id, version: item.version, value: decodeSettings(section, item.value) };
    } catch (error) {
      logger.warn({ section: section.id, id: item.id, err: error }, 'A stored item does not fit its schema');
      return undefined;
    }
  };
  return {
    async value<S extends TSchema>(section: SettingsSection<S>): Promise<Static<S>> {
      const stored = await store.get(section.id, valueId);
      return decodeSettings(section, stored?.value ?? {});
    },
    async items<S extends TSchema>(section: SettingsSection<S>): Promise<readonly StoredItem<Static<S>>[]> {
      return (await store.list(section.id)).flatMap((item) => fitting(section, item) ?? []);
    },
    async item<S extends TSchema>(section: SettingsSection<S>, id: string): Promise<StoredItem<Static<S>> | undefined> {
      const stored = await store.get(section.id, id);
      return stored === undefined ? undefined : fitting(section, stored);
    },
  };
};
