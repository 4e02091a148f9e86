import { Type } from 'typebox';
import { taskErrors } from '../../errors.ts';
import { taskPermissions } from '../../permissions.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import { defineEndpoint, type Endpoint, Raw } from '../endpoint.ts';
import { createMetrics } from '../metrics.ts';
import { openApi } from '../openapi.ts';

const HealthShape = Type.Object({
  status: Type.Literal('ok'),
  restored: Type.Optional(Type.Literal(true, { description: 'Nothing is sent or fetched: see /restored' })),
});

/** For those who run the product: health, metrics, the description of the API. Health tells nothing but itself. */
export const operationRoutes = (tasks: ServerTasks, endpoints: () => readonly Endpoint[]): readonly Endpoint[] => {
  const metrics = createMetrics(tasks.core);
  return [
    defineEndpoint({
      method: 'GET',
      path: '/health/live',
      summary: 'Whether the process answers',
      tag: 'operations',
      access: 'anyone',
      response: HealthShape,
      handle: async () => ({ status: 'ok' as const }),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/health/ready',
      summary: 'Whether the database answers and the server is not shutting down',
      tag: 'operations',
      access: 'anyone',
      response: HealthShape,
      async handle() {
        if (!(await tasks.ready())) throw taskErrors.NOT_READY();
        const restored = await tasks.restored.isOn();
        return { status: 'ok' as const, ...(restored ? { restored } : {}) };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/metrics',
      summary: 'Figures for Prometheus',
      tag: 'operations',
      access: taskPermissions.readMetrics,
      produces: 'text/plain',
      handle: async () => new Raw(metrics.type, await metrics.read()),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This description',
      tag: 'operations',
      access: taskPermissions.read,
      response: Type.Unknown(),
      handle: async (call) =>
        openApi(endpoints(), call.request.routeOptions.url?.replace(/\/openapi\.json$/, '') ?? ''),
    }),
  ];
};
