import type { RowOf } from '@itsm-m365/database';
import type { Clock, Database, SettingsStore, StoredItem } from '@itsm-m365/plugin-api';
import { hostErrors } from './errors.ts';
import { settingTable } from './tables.ts';

const itemOf = (row: RowOf<typeof settingTable>): StoredItem<unknown> => ({
  id: row.id,
  value: row.value,
  version: row.version,
});

/** The host's settings, one row an item, guarded by version: of two people who change the same, the second is told. */
export const createSettingsStore = (db: Database, clock: Clock): SettingsStore => ({
  async list(section) {
    const rows = await db.read((trx) => trx.rows(settingTable, (q) => q.where({ section }).orderBy('id')));
    return rows.map(itemOf);
  },
  async get(section, id) {
    const [row] = await db.read((trx) => trx.rows(settingTable, (q) => q.where({ section, id })));
    return row === undefined ? undefined : itemOf(row);
  },
  async put(section, id, value, { ifVersion, actor }) {
    const version = ifVersion + 1;
    await db.write(async (trx) => {
      const row = { section, id, version, value, changed_at: clock.now(), changed_by: actor };
      if (ifVersion === 0) {
        const [present] = await trx.rows(settingTable, (q) => q.where({ section, id }));
        if (present !== undefined) throw hostErrors.SETTINGS_CHANGED();
        await trx.insert(settingTable, [row]);
        return;
      }
      const changed = await trx.update(settingTable, row, (q) => q.where({ section, id, version: ifVersion }));
      if (changed === 0) throw hostErrors.SETTINGS_CHANGED();
    });
    return { id, value, version };
  },
  async remove(section, id, { ifVersion }) {
    const removed = await db.write((trx) =>
      trx.remove(settingTable, (q) => q.where({ section, id, version: ifVersion })),
    );
    if (removed === 0) throw hostErrors.SETTINGS_CHANGED();
  },
});
