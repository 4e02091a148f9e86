import { type Static, Type } from 'typebox';
import { audit } from '../../core.ts';
import { taskErrors } from '../../errors.ts';
import { taskPermissions } from '../../permissions.ts';
import type { RunDetail } from '../../runs/view.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import { type Call, defineEndpoint, type Endpoint } from '../endpoint.ts';
import { Id, Instant, Nullable, pageOfShape, pageQuery, RunDetailShape, RunShape } from '../schemas.ts';
import type { Streams } from '../stream.ts';

const runParams = Type.Object({ run: Id });
const LineShape = Type.Object({
  seq: Type.Integer(),
  at: Instant,
  level: Type.String(),
  item: Nullable(Type.String()),
  message: Type.String(),
  fields: Type.Record(Type.String(), Type.Unknown()),
});

type Asking = Pick<Call<unknown, unknown, unknown>, 'allows'>;

/**
 * A run as the actor may see it: with the right for everything all of it, else the items of the scopes that it has the
 * right for, with their notices and without the counts of the rest.
 */
export const visibleRun = async (ask: Asking, run: RunDetail): Promise<RunDetail> => {
  if (await ask.allows(taskPermissions.readRuns)) return run;
  const items = [];
  for (const item of run.items)
    if (item.scope !== null && (await ask.allows(taskPermissions.readRuns, item.scope))) items.push(item);
  if (items.length === 0) throw taskErrors.FORBIDDEN({ permission: taskPermissions.readRuns.id });
  const keys = new Set<string | null>(items.map(({ key }) => key));
  return { ...run, counts: {}, items, notices: run.notices.filter(({ item }) => item !== null && keys.has(item)) };
};

const shown = (run: RunDetail): Static<typeof RunDetailShape> => structuredClone(run) as Static<typeof RunDetailShape>;

/** Runs: lists, details, log, progress, cancel. */
export const runRoutes = (tasks: ServerTasks, streams: Streams): readonly Endpoint[] => {
  const { core, runs } = tasks;
  const tag = 'runs';
  return [
    defineEndpoint({
      method: 'GET',
      path: '/runs',
      summary: 'Runs, newest first',
      tag,
      access: taskPermissions.readRuns,
      query: Type.Object({
        ...pageQuery,
        task: Type.Optional(Id),
        state: Type.Optional(RunShape.properties.state),
        parent: Type.Optional(Id),
      }),
      response: pageOfShape(RunShape),
      async handle(call) {
        if (!(await call.allows(taskPermissions.readRuns)))
          throw taskErrors.FORBIDDEN({ permission: taskPermissions.readRuns.id });
        const { after, limit, ...filter } = call.query;
        const page = await runs.list(filter, { after, limit });
        return { ...page, items: [...page.items] };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/runs/:run',
      summary: 'A run with its items, their progress, and its notices; also for polling',
      tag,
      access: 'handler',
      params: runParams,
      response: RunDetailShape,
      handle: async (call) => shown(await visibleRun(call, await runs.get(call.params.run))),
    }),
    defineEndpoint({
      method: 'POST',
      path: '/runs/:run/cancel',
      summary: 'Tells a run, and the runs it started, to stop; does not wait for it',
      tag,
      access: 'handler',
      status: 202,
      params: runParams,
      response: RunDetailShape,
      async handle(call) {
        const run = await runs.get(call.params.run);
        // A run whose task is gone is everybody's who may see runs.
        await call.require(core.registry.tasks.get(run.task)?.permission ?? taskPermissions.readRuns);
        await tasks.cancel(run.id, call.actor);
        await audit(core, { actor: call.actor, action: 'run.cancelled', object: run.task, details: { run: run.id } });
        return shown(await runs.get(run.id));
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/runs/:run/log',
      summary: 'Lines of the log of a run after a number, oldest first',
      tag,
      access: 'handler',
      params: runParams,
      query: Type.Object({
        after: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 500 })),
      }),
      response: Type.Object({ items: Type.Array(LineShape) }),
      async handle(call) {
        const run = await visibleRun(call, await runs.get(call.params.run));
        const all = await call.allows(taskPermissions.readRuns);
        const keys = new Set<string | null>(run.items.map(({ key }) => key));
        const lines = await runs.log(run.id, call.query.after, call.query.limit);
        const items = lines
          .filter((line) => all || (line.item_key !== null && keys.has(line.item_key)))
          .map(({ seq, at, level, item_key, message, fields }) => ({
            seq,
            at,
            level,
            item: item_key,
            message,
            fields,
          }));
        return { items };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/runs/:run/progress',
      summary: 'The run as server-sent events: its state at once, at each change, and at its end',
      tag,
      access: 'handler',
      produces: 'text/event-stream',
      params: runParams,
      async handle(call) {
        const read = async () => visibleRun(call, await runs.get(call.params.run));
        return streams.open(call.params.run, await read(), read, call.signal);
      },
    }),
  ];
};
