import { join } from 'node:path';
import type { SettingsStore, StoredItem } from '@itsm-m365/plugin-api';
import knex, { type Knex } from 'knex';
import { foreignErrors } from './errors.ts';

interface Row {
  readonly path: string;
  readonly document: string;
  readonly revision: number;
}

const pathOf = (section: string, id: string): string => `${section}#${id}`;

const itemOf = ({ path, document, revision }: Row): StoredItem<unknown> => {
  const value: unknown = JSON.parse(document);
  return { id: path.slice(path.indexOf('#') + 1), value, version: revision };
};

export interface ConfigurationStore extends SettingsStore {
  close(): Promise<void>;
}

/** This host keeps its configuration as documents under paths, by a knex of its own with its own options. */
export const openConfiguration = async (folder: string): Promise<ConfigurationStore> => {
  const own: Knex = knex({
    client: 'better-sqlite3',
    connection: { filename: join(folder, 'foreign.db') },
    useNullAsDefault: true,
    // A host may well map its identifiers; the plugins' queries must never pass here.
    wrapIdentifier: (value, wrap) => wrap(value === '*' ? value : `x_${value}`),
    postProcessResponse: (result: unknown) => stripped(result),
  });
  await own.raw(
    'create table if not exists x_documents (x_path text primary key, x_document text not null, x_revision integer not null, x_editor text not null)',
  );

  const changed = (path: string, revision: number) => foreignErrors.SETTINGS_CHANGED({ path, revision });

  return {
    async list(section) {
      const rows: Row[] = await own('documents')
        .whereLike('path', `${section}#%`)
        .orderBy('path')
        .select('path', 'document', 'revision');
      return rows.map(itemOf);
    },
    async get(section, id) {
      const row: Row | undefined = await own('documents')
        .where({ path: pathOf(section, id) })
        .first('path', 'document', 'revision');
      return row === undefined ? undefined : itemOf(row);
    },
    async put(section, id, value, { ifVersion, actor }) {
      const path = pathOf(section, id);
      const document = JSON.stringify(value);
      const row = { path, document, revision: ifVersion + 1, editor: actor };
      if (ifVersion === 0) {
        await own('documents')
          .insert(row)
          .catch(() => Promise.reject(changed(path, ifVersion)));
      } else {
        const count: number = await own('documents').where({ path, revision: ifVersion }).update(row);
        if (count === 0) throw changed(path, ifVersion);
      }
      return itemOf(row);
    },
    async remove(section, id, { ifVersion }) {
      const path = pathOf(section, id);
      const count: number = await own('documents').where({ path, revision: ifVersion }).delete();
      if (count === 0) throw changed(path, ifVersion);
    },
    close: () => own.destroy(),
  };
};

const strippedRow = (row: unknown): unknown =>
  typeof row !== 'object' || row === null
    ? row
    : Object.fromEntries(Object.entries(row).map(([name, value]) => [name.replace(/^x_/, ''), value]));

const stripped = (result: unknown): unknown => (Array.isArray(result) ? result.map(strippedRow) : strippedRow(result));
