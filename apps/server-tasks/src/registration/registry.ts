import type {
  Gauge,
  Page,
  Permission,
  Route,
  ServerPlugin,
  ServerTask,
  SettingsSection,
  Watch,
} from '@itsm-m365/plugin-api';
import { taskErrors } from '../errors.ts';

interface Owned<T> {
  readonly plugin: ServerPlugin;
  readonly value: T;
}

/** What the accepted plugins contribute, by id. */
export interface Registry {
  readonly plugins: readonly ServerPlugin[];
  readonly tasks: ReadonlyMap<string, ServerTask>;
  readonly sections: ReadonlyMap<string, SettingsSection>;
  readonly permissions: readonly Permission[];
  readonly pages: readonly Page[];
  readonly routes: readonly Owned<Route>[];
  readonly gauges: readonly Gauge[];
  readonly watches: readonly Watch[];
  /** @throws TASK_UNKNOWN */
  task(id: string): ServerTask;
  /** @throws SECTION_UNKNOWN */
  section(id: string): SettingsSection;
  /** Tasks that start when a run of this one has ended. */
  followers(task: string): readonly ServerTask[];
}

const byId = <T extends { readonly id: string }>(values: readonly T[]): Map<string, T> =>
  new Map(values.map((value) => [value.id, value]));

export const buildRegistry = (plugins: readonly ServerPlugin[]): Registry => {
  const tasks = byId(plugins.flatMap((plugin) => plugin.tasks ?? []));
  const sections = byId(plugins.flatMap((plugin) => plugin.settings ?? []));
  // A task may bring a section that its plugin does not list.
  for (const task of tasks.values())
    if (task.kind === 'work' && task.settings !== undefined) sections.set(task.settings.id, task.settings);
  return {
    plugins,
    tasks,
    sections,
    permissions: plugins.flatMap((plugin) => plugin.permissions ?? []),
    pages: plugins.flatMap((plugin) => plugin.pages ?? []),
    routes: plugins.flatMap((plugin) => (plugin.routes ?? []).map((value) => ({ plugin, value }))),
    gauges: plugins.flatMap((plugin) => plugin.gauges ?? []),
    watches: plugins.flatMap((plugin) => plugin.watches ?? []),
    task(id) {
      const task = tasks.get(id);
      if (task === undefined) throw taskErrors.TASK_UNKNOWN({ task: id });
      return task;
    },
    section(id) {
      const section = sections.get(id);
      if (section === undefined) throw taskErrors.SECTION_UNKNOWN({ section: id });
      return section;
    },
    followers: (id) => [...tasks.values()].filter((task) => task.kind === 'work' && task.follows === id),
  };
};
