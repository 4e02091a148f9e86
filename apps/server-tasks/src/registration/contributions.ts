import type { ServerPlugin, ServerTask } from '@itsm-m365/plugin-api';
import { taskErrors } from '../errors.ts';
import { scheduleProblem } from '../schedule/next-start.ts';
import type { RemovedId } from './removed-ids.ts';

interface Named {
  readonly what: string;
  readonly id: string;
}

const contributionId = /^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/;
const gaugeName = /^[a-z][a-z0-9_]*$/;

const named = (plugin: ServerPlugin): Named[] => [
  ...(plugin.tasks ?? []).map(({ id }) => ({ what: 'task', id })),
  ...(plugin.settings ?? []).map(({ id }) => ({ what: 'section', id })),
  ...(plugin.permissions ?? []).map(({ id }) => ({ what: 'permission', id })),
  ...(plugin.watches ?? []).map(({ id }) => ({ what: 'watch', id })),
];

/** Names that share one space over all plugins but need no prefix. */
const shared = (plugin: ServerPlugin): Named[] => [
  ...(plugin.pages ?? []).map(({ id }) => ({ what: 'page', id })),
  ...(plugin.gauges ?? []).map(({ name }) => ({ what: 'gauge', id: name })),
  ...(plugin.routes ?? []).map(({ method, path }) => ({ what: 'route', id: `${plugin.id}: ${method} ${path}` })),
];

const checkId = (plugin: ServerPlugin, { what, id }: Named): void => {
  if (!contributionId.test(id)) throw taskErrors.PLUGIN_ID_INVALID({ id, what, plugin: plugin.id });
  if (!id.startsWith(`${plugin.id}.`)) throw taskErrors.PLUGIN_ID_NOT_PREFIXED({ id, what, plugin: plugin.id });
};

const checkUnique = (plugin: ServerPlugin, others: readonly ServerPlugin[]): void => {
  const owners = new Map<string, string>();
  for (const other of others)
    for (const { what, id } of [...named(other), ...shared(other)]) owners.set(`${what} ${id}`, other.id);
  for (const { what, id } of [...named(plugin), ...shared(plugin)]) {
    const owner = owners.get(`${what} ${id}`);
    if (owner !== undefined) throw taskErrors.PLUGIN_ID_TAKEN({ what, id, plugin: plugin.id, owner });
    owners.set(`${what} ${id}`, plugin.id);
  }
};

/** Two plugins may carry the same entry of a library they share, but not two meanings of one code. */
const checkErrors = (plugin: ServerPlugin, others: readonly ServerPlugin[]): void => {
  for (const [code, definition] of Object.entries(plugin.errors?.definitions ?? {}))
    for (const other of others) {
      const theirs = other.errors?.definitions[code];
      if (theirs !== undefined && JSON.stringify(theirs) !== JSON.stringify(definition))
        throw taskErrors.PLUGIN_ID_TAKEN({ what: 'error', id: code, plugin: plugin.id, owner: other.id });
    }
};

const checkSchedule = (task: ServerTask, now: number): void => {
  const problem = scheduleProblem(task.schedule, now);
  if (problem !== undefined) throw taskErrors.SCHEDULE_INVALID({ task: task.id, problem });
  if (task.kind === 'work' && !(Number.isFinite(task.timeoutMinutes) && task.timeoutMinutes > 0))
    throw taskErrors.SCHEDULE_INVALID({
      task: task.id,
      problem: `its time limit of ${task.timeoutMinutes} minutes is not above 0`,
    });
};

/** Checks what a plugin contributes, against itself and those accepted before it. Throws the first thing wrong. */
export const checkContributions = (
  plugin: ServerPlugin,
  others: readonly ServerPlugin[],
  { now, removed }: { readonly now: number; readonly removed: readonly RemovedId[] },
): void => {
  for (const entry of named(plugin)) {
    checkId(plugin, entry);
    const gone = removed.find(({ id }) => id === entry.id);
    if (gone !== undefined) throw taskErrors.PLUGIN_ID_REMOVED({ ...entry, plugin: plugin.id, reason: gone.reason });
  }
  for (const { name } of plugin.gauges ?? [])
    if (!gaugeName.test(name)) throw taskErrors.PLUGIN_ID_INVALID({ id: name, what: 'gauge', plugin: plugin.id });
  checkUnique(plugin, others);
  checkErrors(plugin, others);
  for (const task of plugin.tasks ?? []) checkSchedule(task, now);
};
