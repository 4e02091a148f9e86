import { type Actor, type Database, isKnownError, type Transaction, type Trigger } from '@itsm-m365/plugin-api';
import { taskErrors } from '../errors.ts';
import { type ItemRow, itemTable, type RunRow, runTable } from './tables.ts';

export interface NewRun {
  readonly id: string;
  readonly task: string;
  readonly trigger: Trigger;
  readonly actor: Actor;
  readonly parent: string | null;
  /** 0: none. */
  readonly timeoutMinutes: number;
  readonly now: number;
}

/** What a start led to: a new run, or the one that was active already. */
export interface Started {
  readonly run: RunRow;
  readonly started: boolean;
}

export const activeRunOf = async (trx: Transaction, task: string): Promise<RunRow | undefined> => {
  const [row] = await trx.rows(runTable, (query) => query.where({ active_key: task }));
  return row;
};

/**
 * Inserts a run unless its task has an active one, which is then the answer. Two nodes at once meet at the unique key
 * of `active_key`: the second fails with `DATABASE_CONSTRAINT` and with it its transaction, see {@link tryAgain}.
 */
export const insertRun = async (trx: Transaction, run: NewRun): Promise<Started> => {
  const active = await activeRunOf(trx, run.task);
  if (active !== undefined) return { run: active, started: false };
  const row: RunRow = {
    id: run.id,
    task: run.task,
    active_key: run.task,
    cause: run.trigger,
    actor_id: run.actor.id.slice(0, 200),
    actor_name: run.actor.name.slice(0, 200),
    state: 'queued',
    parent_id: run.parent,
    stop_reason: null,
    stopped_by: null,
    timeout_minutes: run.timeoutMinutes,
    counts: {},
    created_at: run.now,
    started_at: null,
    ended_at: null,
  };
  await trx.insert(runTable, [row]);
  return { run: row, started: true };
};

/** Runs a transaction again that met another node at a unique key: the second time it sees what the other wrote. */
export const tryAgain = async <T>(db: Database, work: (trx: Transaction) => Promise<T>): Promise<T> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await db.write(work);
    } catch (error) {
      if (attempt >= 5 || !isKnownError(error, 'DATABASE_CONSTRAINT')) throw error;
    }
  }
};

export const findRun = async (trx: Transaction, id: string): Promise<RunRow | undefined> => {
  const [row] = await trx.rows(runTable, (query) => query.where({ id }));
  return row;
};

/** @throws RUN_UNKNOWN */
export const getRun = async (trx: Transaction, id: string): Promise<RunRow> => {
  const row = await findRun(trx, id);
  if (row === undefined) throw taskErrors.RUN_UNKNOWN({ run: id });
  return row;
};

export const isEnded = ({ state }: Pick<RunRow, 'state'>): boolean => state !== 'queued' && state !== 'running';

export const activeRuns = (trx: Transaction): Promise<RunRow[]> =>
  trx.rows(runTable, (query) => query.whereIn('state', ['queued', 'running']).orderBy('created_at').orderBy('id'));

export const itemsOf = (trx: Transaction, runId: string): Promise<ItemRow[]> =>
  trx.rows(itemTable, (query) => query.where({ run_id: runId }).orderBy('position'));
