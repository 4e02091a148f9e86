import { type MigrateOptions, migrate } from '@itsm-m365/database';
import { type Clock, type Database, isKnownError, type ServerPlugin } from '@itsm-m365/plugin-api';
import { taskErrors } from './errors.ts';
import { loadPlugins } from './registration/load.ts';
import { type Registration, register, withdraw } from './registration/register.ts';
import { migrations } from './store/migrations.ts';

const sourceOf = (plugin: ServerPlugin) => ({ plugin: plugin.id, migrations: plugin.migrations ?? [] });
const own = { plugin: 'server-tasks', migrations };

/** Plugins by value or by package name, loaded, checked and ordered. */
export const assemble = async (plugins: readonly (ServerPlugin | string)[], now: number): Promise<Registration> => {
  const { loaded, failed } = await loadPlugins(plugins);
  const registration = register(loaded, { now });
  return { ...registration, failed: [...failed, ...registration.failed] };
};

/**
 * Brings the tables up to date, or checks that they are. A plugin whose tables cannot be had is withdrawn, with those
 * that require it; the core's own must be there.
 */
export const prepareTables = async (
  db: Database,
  registration: Registration,
  options: { readonly mode: 'apply' | 'check'; readonly clock: Clock },
): Promise<Registration> => {
  await migrate(db, [own], options);
  let current = registration;
  const done = new Set<string>();
  for (;;) {
    const plugin = current.accepted.find(({ id }) => !done.has(id));
    if (plugin === undefined) return current;
    done.add(plugin.id);
    try {
      if ((plugin.migrations ?? []).length > 0) await migrate(db, [sourceOf(plugin)], options);
    } catch (error) {
      const cause = isKnownError(error) ? error.message : 'an unexpected error';
      current = withdraw(
        current,
        plugin.id,
        taskErrors.PLUGIN_SCHEMA_FAILED({ plugin: plugin.id, cause }, { cause: error }),
      );
    }
  }
};

/** The SQL that a DBA has to run where the product's login may not change the schema; empty where nothing is to do. */
export const scriptTables = async (db: Database, registration: Registration, clock: Clock): Promise<string> => {
  const options: MigrateOptions = { mode: 'script', clock };
  const { script } = await migrate(db, [own, ...registration.accepted.map(sourceOf)], options);
  return script;
};
