import type { Schedule, ServerTask } from '@itsm-m365/plugin-api';
import { type Static, Type } from 'typebox';
import { audit } from '../../core.ts';
import { taskErrors } from '../../errors.ts';
import { taskPermissions } from '../../permissions.ts';
import { viewRun } from '../../runs/view.ts';
import { scheduleProblem } from '../../schedule/next-start.ts';
import type { ServerTasks } from '../../server-tasks.ts';
import { activeRunOf } from '../../store/runs.ts';
import { effectiveSchedule, effectiveTimeout, overrideSchedule, scheduleOf } from '../../store/schedules.ts';
import { runTable } from '../../store/tables.ts';
import { defineEndpoint, type Endpoint } from '../endpoint.ts';
import { Bilingual, Id, Instant, Nullable, RunShape, ScheduleShape } from '../schemas.ts';
import { Version } from './settings-shapes.ts';

const TaskShape = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['work', 'sequence']),
  title: Bilingual,
  description: Bilingual,
  follows: Nullable(Type.String()),
  steps: Type.Array(Type.String()),
  enabled: Type.Boolean(),
  schedule: ScheduleShape,
  nextStart: Nullable(Instant),
  lastStart: Nullable(Instant),
  timeoutMinutes: Type.Integer({ description: '0: none' }),
  maySeeRuns: Type.Boolean(),
  mayStart: Type.Boolean(),
  lastRun: Nullable(RunShape),
});
const OverrideShape = Type.Object({
  enabled: Type.Boolean(),
  schedule: Nullable(ScheduleShape),
  timeoutMinutes: Nullable(Type.Integer({ minimum: 1, maximum: 527_040 })),
});
const SettingsShape = Type.Object({
  ...OverrideShape.properties,
  version: Type.Integer(),
  effective: Type.Object({ schedule: ScheduleShape, timeoutMinutes: Type.Integer() }),
  defaults: Type.Object({ schedule: ScheduleShape, timeoutMinutes: Type.Integer() }),
  nextStart: Nullable(Instant),
});
const taskParams = Type.Object({ task: Id });

/** Tasks: what there is, when it starts next, and starting it. Starting and scheduling ask for the task's permission. */
export const taskRoutes = (tasks: ServerTasks): readonly Endpoint[] => {
  const { core, db } = tasks;
  const tag = 'tasks';

  const lastRun = (id: string) =>
    db.read(async (trx) => {
      const active = await activeRunOf(trx, id);
      if (active !== undefined) return active;
      const [last] = await trx.rows(runTable, (query) =>
        query
          .where({ task: id })
          .orderBy([
            { column: 'created_at', order: 'desc' },
            { column: 'id', order: 'desc' },
          ])
          .limit(1),
      );
      return last;
    });

  const describe = async (
    task: ServerTask,
    may: { start: boolean; runs: boolean },
  ): Promise<Static<typeof TaskShape>> => {
    const row = await db.read((trx) => scheduleOf(trx, task.id));
    const last = may.runs ? await lastRun(task.id) : undefined;
    return {
      id: task.id,
      kind: task.kind,
      title: task.title,
      description: task.description,
      follows: task.kind === 'work' ? (task.follows ?? null) : null,
      steps: task.kind === 'sequence' ? [...task.steps] : [],
      enabled: row?.enabled ?? true,
      schedule: effectiveSchedule(task, row),
      nextStart: row?.enabled === false ? null : (row?.next_start ?? null),
      lastStart: row?.last_start ?? null,
      timeoutMinutes: effectiveTimeout(task, row),
      maySeeRuns: may.runs,
      mayStart: may.start,
      lastRun: last === undefined ? null : viewRun(last),
    };
  };

  const readSchedule = async (task: ServerTask): Promise<Static<typeof SettingsShape>> => {
    const row = await db.read((trx) => scheduleOf(trx, task.id));
    return {
      enabled: row?.enabled ?? true,
      schedule: row?.schedule ?? null,
      timeoutMinutes: row?.timeout_minutes ?? null,
      version: row?.version ?? 0,
      effective: { schedule: effectiveSchedule(task, row), timeoutMinutes: effectiveTimeout(task, row) },
      defaults: { schedule: task.schedule, timeoutMinutes: effectiveTimeout(task, undefined) },
      nextStart: row?.enabled === false ? null : (row?.next_start ?? null),
    };
  };

  const checkSchedule = (task: ServerTask, schedule: Schedule | null): void => {
    const problem = schedule === null ? undefined : scheduleProblem(schedule, core.services.clock.now());
    if (problem !== undefined) throw taskErrors.SCHEDULE_INVALID({ task: task.id, problem });
  };

  return [
    defineEndpoint({
      method: 'GET',
      path: '/tasks',
      summary: 'The tasks with schedule, next start and last run',
      tag,
      access: taskPermissions.read,
      response: Type.Object({ items: Type.Array(TaskShape) }),
      async handle(call) {
        const runs = await call.allows(taskPermissions.readRuns);
        const items = [];
        for (const task of core.registry.tasks.values())
          items.push(await describe(task, { runs, start: await call.allows(task.permission) }));
        return { items };
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/tasks/:task/start',
      summary: 'Starts a task, or answers with its active run; does not wait for it',
      tag,
      access: 'handler',
      status: 202,
      params: taskParams,
      response: Type.Object({ started: Type.Boolean(), run: RunShape }),
      async handle(call) {
        const task = core.registry.task(call.params.task);
        await call.require(task.permission);
        const { run, started } = await tasks.start(task.id, { actor: call.actor, trigger: 'manual' });
        const details = { run: run.id, started };
        await audit(core, { actor: call.actor, action: 'task.started', object: task.id, details });
        return { started, run };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/tasks/:task/schedule',
      summary: 'When a task starts: what the administrator set, what is in force, and what the plugin says',
      tag,
      access: taskPermissions.read,
      params: taskParams,
      response: SettingsShape,
      handle: (call) => readSchedule(core.registry.task(call.params.task)),
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/tasks/:task/schedule',
      summary: 'Sets when a task starts; null goes back to what the plugin says',
      tag,
      access: 'handler',
      params: taskParams,
      body: Type.Object({ ...OverrideShape.properties, ifVersion: Version }, { additionalProperties: false }),
      response: SettingsShape,
      async handle(call) {
        const task = core.registry.task(call.params.task);
        await call.require(task.permission);
        const { ifVersion, ...override } = call.body;
        checkSchedule(task, override.schedule);
        const now = core.services.clock.now();
        const stored = await db.write((trx) => overrideSchedule(trx, task, override, { ifVersion, now }));
        if (!stored) throw taskErrors.SETTINGS_CHANGED({ section: 'schedule', id: task.id });
        await audit(core, { actor: call.actor, action: 'schedule.changed', object: task.id, details: override });
        return readSchedule(task);
      },
    }),
  ];
};
