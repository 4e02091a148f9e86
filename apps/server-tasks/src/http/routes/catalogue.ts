import { Type } from 'typebox';
import { taskPermissions } from '../../permissions.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import { defineEndpoint, type Endpoint } from '../endpoint.ts';
import { Bilingual } from '../schemas.ts';

const PluginShape = Type.Object({
  id: Type.String(),
  state: Type.Enum(['started', 'failed']),
  title: Type.Optional(Bilingual),
  tasks: Type.Array(Type.String()),
  settings: Type.Array(Type.String()),
  reason: Type.Optional(Type.Object({ code: Type.String(), message: Bilingual, remedy: Bilingual })),
});
const PageShape = Type.Object({ id: Type.String(), title: Bilingual, location: Type.Array(Bilingual) });
const PermissionShape = Type.Object({ id: Type.String(), title: Bilingual, description: Bilingual });

/** What is there: plugins with the reasons of those that failed, pages, permissions. */
export const catalogueRoutes = (tasks: ServerTasks): readonly Endpoint[] => {
  const { registry } = tasks.core;
  return [
    defineEndpoint({
      method: 'GET',
      path: '/plugins',
      summary: 'The plugins, with the reason of each that did not start',
      tag: 'plugins',
      access: taskPermissions.read,
      response: Type.Object({ items: Type.Array(PluginShape) }),
      handle: async () => ({
        items: [
          ...tasks.plugins.started.map((plugin) => ({
            id: plugin.id,
            state: 'started' as const,
            title: plugin.title,
            tasks: (plugin.tasks ?? []).map(({ id }) => id),
            settings: (plugin.settings ?? []).map(({ id }) => id),
          })),
          ...tasks.plugins.failed.map(({ id, error }) => ({
            id,
            state: 'failed' as const,
            tasks: [],
            settings: [],
            reason: {
              code: error.code,
              message: { en: error.text('en'), de: error.text('de') },
              remedy: { en: error.remedy('en'), de: error.remedy('de') },
            },
          })),
        ],
      }),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/pages',
      summary: 'The pages that the actor may open',
      tag: 'plugins',
      access: taskPermissions.read,
      response: Type.Object({ items: Type.Array(PageShape) }),
      async handle(call) {
        const items = [];
        for (const { id, title, location, permission } of registry.pages)
          if (await call.allows(permission)) items.push({ id, title, location: [...location] });
        return { items };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/permissions',
      summary: 'The permissions that a host can grant',
      tag: 'plugins',
      access: taskPermissions.read,
      response: Type.Object({ items: Type.Array(PermissionShape) }),
      handle: async () => ({ items: [...Object.values(taskPermissions), ...registry.permissions] }),
    }),
  ];
};
