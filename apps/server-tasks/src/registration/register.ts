import { apiVersion, isKnownError, type KnownError, type ServerPlugin } from '@itsm-m365/plugin-api';
import { taskErrors } from '../errors.ts';
import { checkContributions } from './contributions.ts';
import { type RemovedId, removedIds } from './removed-ids.ts';

/** A plugin that did not start, with the reason. */
export interface FailedPlugin {
  readonly id: string;
  readonly error: KnownError;
}

export interface Registration {
  /** In an order in which each comes after those it requires. */
  readonly accepted: readonly ServerPlugin[];
  readonly failed: readonly FailedPlugin[];
}

export interface RegisterOptions {
  readonly now: number;
  readonly removed?: readonly RemovedId[];
}

const pluginId = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** First steps of the core's own paths, which a plugin's routes would stand in. */
const reserved = new Set(
  'server-tasks plugins pages permissions settings tasks runs events audit nodes health metrics restored'.split(' '),
);

const checkSelf = (plugin: ServerPlugin): void => {
  if (!pluginId.test(plugin.id))
    throw taskErrors.PLUGIN_ID_INVALID({ id: plugin.id, what: 'plugin', plugin: plugin.id });
  if (reserved.has(plugin.id))
    throw taskErrors.PLUGIN_ID_TAKEN({ id: plugin.id, what: 'plugin', plugin: plugin.id, owner: 'server-tasks' });
  if (plugin.apiVersion !== apiVersion)
    throw taskErrors.PLUGIN_API_VERSION({ plugin: plugin.id, version: plugin.apiVersion, expected: apiVersion });
};

/** Turns what a check threw into the reason of a failed plugin: a foreign error is a plugin that cannot be read at all. */
const reasonOf = (id: string, error: unknown): KnownError =>
  isKnownError(error)
    ? error
    : taskErrors.PLUGIN_LOAD_FAILED(
        { package: id, cause: error instanceof Error ? error.message.slice(0, 500) : 'it is not a plugin' },
        { cause: error },
      );

/** Orders by requirement. What requires something missing, failed or itself is moved to the failed ones. */
const order = (plugins: readonly ServerPlugin[], failed: FailedPlugin[]): ServerPlugin[] => {
  const known = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const accepted: ServerPlugin[] = [];
  const state = new Map<string, 'accepted' | 'failed'>();
  const visit = (plugin: ServerPlugin, path: readonly string[]): void => {
    if (state.has(plugin.id)) return;
    const fail = (error: KnownError) => {
      state.set(plugin.id, 'failed');
      failed.push({ id: plugin.id, error });
    };
    if (path.includes(plugin.id)) {
      fail(taskErrors.PLUGIN_REQUIRES_CYCLE({ plugin: plugin.id, path: [...path, plugin.id].join(' → ') }));
      return;
    }
    for (const required of plugin.requires ?? []) {
      const other = known.get(required);
      if (other !== undefined) visit(other, [...path, plugin.id]);
      if (state.has(plugin.id)) return;
      if (state.get(required) !== 'accepted') {
        fail(taskErrors.PLUGIN_REQUIRES_MISSING({ plugin: plugin.id, required }));
        return;
      }
    }
    state.set(plugin.id, 'accepted');
    accepted.push(plugin);
  };
  for (const plugin of plugins) visit(plugin, []);
  return accepted;
};

/** Takes a plugin that started out again, with all that require it: its tables could not be set up, say. */
export const withdraw = (registration: Registration, id: string, error: KnownError): Registration => {
  const failed: FailedPlugin[] = [...registration.failed, { id, error }];
  const accepted = order(
    registration.accepted.filter((plugin) => plugin.id !== id),
    failed,
  );
  return { accepted, failed };
};

/**
 * Checks plugins and decides which start. Never throws: a plugin that fails is listed with its reason, those that
 * require it with it, and the others start. The first of two plugins with one id wins. Pure.
 */
export const register = (plugins: readonly ServerPlugin[], options: RegisterOptions): Registration => {
  const failed: FailedPlugin[] = [];
  const sound: ServerPlugin[] = [];
  for (const plugin of plugins) {
    try {
      checkSelf(plugin);
      if (sound.some(({ id }) => id === plugin.id)) throw taskErrors.PLUGIN_DUPLICATE({ plugin: plugin.id });
      checkContributions(plugin, sound, { removed: removedIds, ...options });
      sound.push(plugin);
    } catch (error) {
      failed.push({ id: String(plugin.id), error: reasonOf(String(plugin.id), error) });
    }
  }
  return { accepted: order(sound, failed), failed };
};
