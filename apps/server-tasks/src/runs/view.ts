import type { ItemState, Notice, RunState, Scope, Subject, Trigger } from '@itsm-m365/plugin-api';
import type { RunParts } from '../store/queries.ts';
import type { Counts, ItemRow, NoticeRow, RunRow, StoredProgress } from '../store/tables.ts';
import { type StopReason, sumCounts } from './outcome.ts';

/** A run as lists and the API show it. Times are instants. */
export interface Run {
  readonly id: string;
  readonly task: string;
  readonly state: RunState;
  readonly trigger: Trigger;
  readonly actor: { readonly id: string; readonly name: string };
  readonly parent: string | null;
  readonly stopReason: StopReason | null;
  readonly stoppedBy: string | null;
  readonly counts: Counts;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface RunItem {
  readonly key: string;
  readonly state: ItemState;
  readonly outcome: 'succeeded' | 'partial' | 'held' | null;
  readonly subject: Subject | null;
  readonly scope: Scope | null;
  readonly node: string | null;
  readonly attempt: number;
  readonly progress: StoredProgress | null;
  readonly counts: Counts;
  /** The run of this step, in a sequence. */
  readonly child: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export interface RunNotice {
  readonly item: string | null;
  readonly at: number;
  readonly notice: Notice;
}

/** A run with everything it reported so far. `counts` grow while its items end. */
export interface RunDetail extends Run {
  readonly items: readonly RunItem[];
  readonly notices: readonly RunNotice[];
}

export const viewRun = (row: RunRow): Run => ({
  id: row.id,
  task: row.task,
  state: row.state,
  trigger: row.cause,
  actor: { id: row.actor_id, name: row.actor_name },
  parent: row.parent_id,
  stopReason: row.stop_reason,
  stoppedBy: row.stopped_by,
  counts: row.counts,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
});

const viewItem = (row: ItemRow, latest: StoredProgress | undefined): RunItem => ({
  key: row.item_key,
  state: row.state,
  outcome: row.outcome,
  subject: row.subject,
  scope: row.scope,
  node: row.node,
  attempt: row.attempt,
  progress: latest ?? row.progress,
  counts: row.counts ?? {},
  child: row.child_id,
  startedAt: row.started_at,
  endedAt: row.ended_at,
});

const viewNotice = (row: NoticeRow): RunNotice => ({ item: row.item_key, at: row.at, notice: row.notice });

/** `latest`: progress that this node has and the database has not. */
export const viewDetail = (parts: RunParts, latest: ReadonlyMap<string, StoredProgress>): RunDetail => ({
  ...viewRun(parts.run),
  counts: parts.run.ended_at === null ? sumCounts(parts.items.map((item) => item.counts)) : parts.run.counts,
  items: parts.items.map((item) => viewItem(item, latest.get(item.item_key))),
  notices: parts.notices.map(viewNotice),
});
