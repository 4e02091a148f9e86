import { bigint, defineTable, flag, guid, integer, json, nullable, type RowOf, text, time } from '@itsm-m365/database';
import type {
  Column,
  ItemState,
  Notice,
  RunState,
  Schedule,
  Scope,
  Subject,
  Text,
  Trigger,
} from '@itsm-m365/plugin-api';
import type { StopReason } from '../runs/outcome.ts';

const word = <Value extends string>(length: number): Column<Value> => ({
  type: { kind: 'text', length },
  nullable: false,
});

export type Counts = Readonly<Record<string, number>>;

export interface StoredProgress {
  readonly phase: Text;
  readonly done: number;
  readonly total?: number;
}

/** One start of a task. `active_key` is the task's id while the run is active and the run's own id afterwards; it is
 * unique, so that a task has one active run on every engine and without a filtered index. */
export const runTable = defineTable('task_run', {
  id: guid(),
  task: text(200),
  active_key: text(200),
  cause: word<Trigger>(20),
  actor_id: text(200),
  actor_name: text(200),
  state: word<RunState>(20),
  parent_id: nullable(guid()),
  stop_reason: nullable(word<StopReason>(20)),
  stopped_by: nullable(text(200)),
  timeout_minutes: integer(),
  counts: json<Counts>(),
  created_at: time(),
  started_at: nullable(time()),
  ended_at: nullable(time()),
});
export type RunRow = RowOf<typeof runTable>;

export const itemTable = defineTable('task_item', {
  run_id: guid(),
  item_key: text(200),
  position: integer(),
  state: word<ItemState>(20),
  outcome: nullable(word<'succeeded' | 'partial' | 'held'>(20)),
  ticket: nullable(guid()),
  node: nullable(text(200)),
  attempt: integer(),
  subject: nullable(json<Subject>()),
  scope: nullable(json<Scope>()),
  progress: nullable(json<StoredProgress>()),
  counts: nullable(json<Counts>()),
  child_id: nullable(guid()),
  started_at: nullable(time()),
  ended_at: nullable(time()),
});
export type ItemRow = RowOf<typeof itemTable>;

/** Heartbeats apart from the items they belong to: they are written all the time, the items are not. */
export const leaseTable = defineTable('task_lease', {
  ticket: guid(),
  run_id: guid(),
  item_key: text(200),
  node_id: guid(),
  counter: bigint(),
});
export type LeaseRow = RowOf<typeof leaseTable>;

/** `scope` is the task and the item's key. Kept for ever: an epoch must not come back. The log of a run has one too. */
export const fenceTable = defineTable('task_fence', { scope: text(420), epoch: bigint() });

export const scheduleTable = defineTable('task_schedule', {
  task: text(200),
  enabled: flag(),
  schedule: nullable(json<Schedule>()),
  timeout_minutes: nullable(integer()),
  next_start: nullable(time()),
  last_start: nullable(time()),
  /** The schedule that `next_start` was computed for, so that a new default is noticed. */
  basis: text(500),
  /** Guards the starts; grows with each. */
  starts: integer(),
  /** Guards what the administrator sets; grows with each change of it. */
  version: integer(),
});
export type ScheduleRow = RowOf<typeof scheduleTable>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export const logTable = defineTable('task_log', {
  run_id: guid(),
  seq: integer(),
  at: time(),
  level: word<LogLevel>(10),
  item_key: nullable(text(200)),
  message: text(1000),
  fields: json<Readonly<Record<string, unknown>>>(),
});
export type LogRow = RowOf<typeof logTable>;

export const noticeTable = defineTable('task_notice', {
  id: guid(),
  run_id: guid(),
  item_key: nullable(text(200)),
  at: time(),
  position: integer(),
  code: text(100),
  severity: word<Notice['severity']>(10),
  notice: json<Notice>(),
});
export type NoticeRow = RowOf<typeof noticeTable>;

/** What people were told, once each. `sent_at` is null while telling them has not worked. */
export const eventTable = defineTable('task_event', {
  event_key: text(400),
  source: text(200),
  notice: json<Notice>(),
  first_at: time(),
  last_at: time(),
  sent_at: nullable(time()),
});
export type EventRow = RowOf<typeof eventTable>;

/** Append-only: nothing in this package updates or deletes a row of it. */
export const auditTable = defineTable('task_audit', {
  id: guid(),
  at: time(),
  actor_id: text(200),
  actor_name: text(200),
  action: text(100),
  object: text(400),
  details: json<Readonly<Record<string, unknown>>>(),
});
export type AuditRow = RowOf<typeof auditTable>;

export const nodeTable = defineTable('task_node', {
  id: guid(),
  name: text(200),
  started_at: time(),
  counter: bigint(),
});
export type NodeRow = RowOf<typeof nodeTable>;

/** How far the database has come, once for each place outside of it that remembers the same. */
export const markTable = defineTable('task_mark', {
  place: guid(),
  generation: bigint(),
  /** The place outlives the process. */
  kept: flag(),
  moved_at: time(),
});

/** How a restore was noticed, or that it was told. */
export type RestoredReason = 'older' | 'unknown' | 'moved' | 'told' | 'manual';

/**
 * Each time that restored mode was entered; kept for ever. `active_key` is `active` while it lasts and the row's own id
 * afterwards; it is unique, so that there is one at most.
 */
export const restoredTable = defineTable('task_restored', {
  id: guid(),
  active_key: text(36),
  /** Counts the rows, unique: times of two nodes are not compared. */
  position: integer(),
  /** What it was entered for; unique, so that the same restore enters it once. */
  name: text(200),
  reason: word<RestoredReason>(20),
  actor_id: text(200),
  actor_name: text(200),
  entered_at: time(),
  forgotten: json<Counts>(),
  /** Null while it lasts, and where another restore took its place. */
  released_at: nullable(time()),
  released_by: nullable(text(200)),
  released_name: nullable(text(200)),
});
export type RestoredRow = RowOf<typeof restoredTable>;

/** What was released of a restored mode before all of it was. `item` `''`: the plugin as a whole. */
export const releaseTable = defineTable('task_release', {
  restored_id: guid(),
  plugin: text(100),
  item: text(200),
  at: time(),
  actor_id: text(200),
  actor_name: text(200),
});
