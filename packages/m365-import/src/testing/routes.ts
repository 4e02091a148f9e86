import type { RouteRequest } from '@itsm-m365/plugin-api';
import { importRoutes } from '../routes.ts';
import type { World } from './world.ts';

export interface CallOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** Whether the actor may; default: everything. */
  readonly allows?: (permission: string, scope: string | undefined) => boolean;
  readonly audited?: object[];
}

/** Calls a route as the app would after its own checks of schema and sign-in. */
export const call = async (world: World, method: string, path: string, options: CallOptions = {}): Promise<unknown> => {
  const route = importRoutes.find((one) => one.method === method && one.path === path);
  if (route === undefined) throw new Error(`no route ${method} ${path}`);
  const may = options.allows ?? (() => true);
  const request: RouteRequest<never, never, never> = {
    // The app validated these against the route's schemas.
    params: (options.params ?? {}) as never,
    query: (options.query ?? {}) as never,
    body: options.body as never,
    actor: { id: 'ann', name: 'Ann Admin' },
    signal: new AbortController().signal,
    allows: async (permission, scope) => may(permission.id, scope?.id),
    require: async (permission, scope) => {
      if (!may(permission.id, scope?.id)) throw new Error('FORBIDDEN');
    },
    audit: async (entry) => {
      options.audited?.push(entry);
    },
  };
  return route.handle(request, world.harness.services);
};
