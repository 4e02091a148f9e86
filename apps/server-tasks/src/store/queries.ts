import type { Database } from '@itsm-m365/plugin-api';
import { noticesOf } from './notices.ts';
import { newestFirst, type PageOf, pageOf, readCursor } from './paging.ts';
import { getRun, itemsOf } from './runs.ts';
import {
  type AuditRow,
  auditTable,
  type EventRow,
  eventTable,
  type ItemRow,
  type NoticeRow,
  type RunRow,
  runTable,
} from './tables.ts';

export interface RunFilter {
  readonly task?: string;
  readonly state?: string;
  readonly parent?: string;
}

export interface PageOptions {
  readonly after?: string | undefined;
  /** At most 200. */
  readonly limit?: number | undefined;
}

const limitOf = ({ limit = 50 }: PageOptions): number => Math.min(Math.max(1, Math.trunc(limit)), 200);

/** Runs, newest first. */
export const listRuns = (db: Database, filter: RunFilter, options: PageOptions): Promise<PageOf<RunRow>> => {
  const limit = limitOf(options);
  return db.read(async (trx) => {
    const rows = await trx.rows(runTable, (query) => {
      if (filter.task !== undefined) query.where({ task: filter.task });
      if (filter.state !== undefined) query.where({ state: filter.state });
      if (filter.parent !== undefined) query.where({ parent_id: filter.parent });
      return newestFirst(trx, 'created_at', 'id', readCursor(options.after), limit)(query);
    });
    return pageOf(
      rows,
      limit,
      (row) => ({ at: row.created_at, id: row.id }),
      (row) => row,
    );
  });
};

export interface RunParts {
  readonly run: RunRow;
  readonly items: readonly ItemRow[];
  readonly notices: readonly NoticeRow[];
}

/** @throws RUN_UNKNOWN */
export const readRun = (db: Database, id: string): Promise<RunParts> =>
  db.read(async (trx) => ({
    run: await getRun(trx, id),
    items: await itemsOf(trx, id),
    notices: await noticesOf(trx, id),
  }));

export const listEvents = (db: Database, options: PageOptions): Promise<PageOf<EventRow>> => {
  const limit = limitOf(options);
  return db.read(async (trx) => {
    const page = newestFirst(trx, 'last_at', 'event_key', readCursor(options.after), limit);
    const rows = await trx.rows(eventTable, page);
    return pageOf(
      rows,
      limit,
      (row) => ({ at: row.last_at, id: row.event_key }),
      (row) => row,
    );
  });
};

export const listAudit = (db: Database, options: PageOptions): Promise<PageOf<AuditRow>> => {
  const limit = limitOf(options);
  return db.read(async (trx) => {
    const rows = await trx.rows(auditTable, newestFirst(trx, 'at', 'id', readCursor(options.after), limit));
    return pageOf(
      rows,
      limit,
      (row) => ({ at: row.at, id: row.id }),
      (row) => row,
    );
  });
};
