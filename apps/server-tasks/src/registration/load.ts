import { isKnownError, type ServerPlugin } from '@itsm-m365/plugin-api';
import { taskErrors } from '../errors.ts';
import type { FailedPlugin } from './register.ts';

/** `@itsm-m365/m365-import` → `m365ImportPlugin`. */
export const exportName = (packageName: string): string => {
  const id = packageName.slice(packageName.lastIndexOf('/') + 1);
  return `${id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Plugin`;
};

// A name is handed to import(): no path, no URL, no `data:`.
const packageName = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

const isPlugin = (value: unknown): value is ServerPlugin =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'apiVersion' in value;

const loadOne = async (name: string): Promise<ServerPlugin> => {
  if (!packageName.test(name))
    throw taskErrors.PLUGIN_LOAD_FAILED({ package: name, cause: 'that is not the name of a package' });
  let found: Record<string, unknown>;
  try {
    found = await import(name);
  } catch (error) {
    const cause = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 500) : 'unknown';
    throw taskErrors.PLUGIN_LOAD_FAILED({ package: name, cause }, { cause: error });
  }
  const plugin = found[exportName(name)];
  if (!isPlugin(plugin)) throw taskErrors.PLUGIN_EXPORT_MISSING({ package: name, export: exportName(name) });
  return plugin;
};

/**
 * Resolves plugins given by package name. Names come from the host's code only, never from settings or HTTP: importing
 * a package runs it. One that cannot be loaded is listed with its reason.
 */
export const loadPlugins = async (
  plugins: readonly (ServerPlugin | string)[],
): Promise<{ readonly loaded: readonly ServerPlugin[]; readonly failed: readonly FailedPlugin[] }> => {
  const loaded: ServerPlugin[] = [];
  const failed: FailedPlugin[] = [];
  for (const plugin of plugins) {
    if (typeof plugin !== 'string') {
      loaded.push(plugin);
      continue;
    }
    try {
      loaded.push(await loadOne(plugin));
    } catch (error) {
      if (!isKnownError(error)) throw error;
      failed.push({ id: plugin, error });
    }
  }
  return { loaded, failed };
};
