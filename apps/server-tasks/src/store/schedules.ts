import type { Schedule, ServerTask, Transaction } from '@itsm-m365/plugin-api';
import { nextStart } from '../schedule/next-start.ts';
import { bound } from './paging.ts';
import { type ScheduleRow, scheduleTable } from './tables.ts';

export const scheduleOf = async (trx: Transaction, task: string): Promise<ScheduleRow | undefined> => {
  const [row] = await trx.rows(scheduleTable, (query) => query.where({ task }));
  return row;
};

/** The schedule in force: the administrator's, or that of the plugin. */
export const effectiveSchedule = (task: Pick<ServerTask, 'schedule'>, row: ScheduleRow | undefined): Schedule =>
  row?.schedule ?? task.schedule;

/** Minutes; 0 for none. A sequence has no time limit of its own, its steps have theirs. */
export const effectiveTimeout = (task: ServerTask, row: ScheduleRow | undefined): number =>
  task.kind === 'sequence' ? 0 : Math.ceil(row?.timeout_minutes ?? task.timeoutMinutes);

const basisOf = (schedule: Schedule): string => JSON.stringify(schedule).slice(0, 500);

/** Makes the row of a task, or computes its next start anew where its schedule is another than the one it rests on. */
export const refreshSchedule = async (
  trx: Transaction,
  task: Pick<ServerTask, 'id' | 'schedule'>,
  now: number,
): Promise<void> => {
  const row = await scheduleOf(trx, task.id);
  const schedule = effectiveSchedule(task, row);
  const basis = basisOf(schedule);
  const next_start = nextStart(schedule, now) ?? null;
  if (row === undefined) {
    const fresh = { enabled: true, schedule: null, timeout_minutes: null, last_start: null, starts: 0, version: 1 };
    await trx.insert(scheduleTable, [{ task: task.id, ...fresh, next_start, basis }]);
  } else if (row.basis !== basis) {
    await trx.update(scheduleTable, { next_start, basis, starts: row.starts + 1 }, (query) =>
      query.where({ task: task.id, version: row.version, starts: row.starts }),
    );
  }
};

/** What an administrator may set. Null goes back to what the plugin says. */
export interface ScheduleOverride {
  readonly enabled: boolean;
  readonly schedule: Schedule | null;
  readonly timeoutMinutes: number | null;
}

/** Stores an override; false where somebody else changed it since `ifVersion` was read. */
export const overrideSchedule = async (
  trx: Transaction,
  task: ServerTask,
  override: ScheduleOverride,
  { ifVersion, now }: { readonly ifVersion: number; readonly now: number },
): Promise<boolean> => {
  const schedule = override.schedule ?? task.schedule;
  const changed = await trx.update(
    scheduleTable,
    {
      enabled: override.enabled,
      schedule: override.schedule,
      timeout_minutes: override.timeoutMinutes,
      next_start: nextStart(schedule, now) ?? null,
      basis: basisOf(schedule),
      version: ifVersion + 1,
    },
    (query) => query.where({ task: task.id, version: ifVersion }),
  );
  return changed === 1;
};

/** Tasks whose start is due. */
export const dueSchedules = (trx: Transaction, now: number): Promise<ScheduleRow[]> =>
  trx.rows(scheduleTable, (query) =>
    query
      .where('enabled', bound(trx, 'flag', true))
      .whereNotNull('next_start')
      .where('next_start', '<=', bound(trx, 'time', now))
      .orderBy('task'),
  );

/**
 * Takes a due start for this node and sets the next one, counted from now: any number of missed starts give one. False
 * where another node was faster.
 */
export const takeStart = async (
  trx: Transaction,
  row: ScheduleRow,
  schedule: Schedule,
  now: number,
): Promise<boolean> => {
  const patch = { next_start: nextStart(schedule, now) ?? null, last_start: now, starts: row.starts + 1 };
  const changed = await trx.update(scheduleTable, patch, (query) =>
    query.where({ task: row.task, version: row.version, starts: row.starts }),
  );
  return changed === 1;
};

/** Makes a task due that would start now and is held: it starts once when it no longer is. */
export const startLater = (trx: Transaction, task: string, now: number): Promise<number> =>
  trx.update(scheduleTable, { next_start: now }, (query) => query.where({ task }));
