import type { Static, TSchema } from 'typebox';
import type { Transaction } from './database.ts';
import type { Notice, Subject } from './notices.ts';
import type { Actor, Permission, Scope } from './permissions.ts';
import type { Services } from './services.ts';
import type { SettingsSection } from './settings.ts';
import type { Text } from './text.ts';

/**
 * When a task starts by itself. Times of day name an IANA zone. `daily`: a time that the change to summer time skips
 * runs at the first instant after the gap; a repeated one runs once, the first time.
 */
export type Schedule =
  | { readonly kind: 'manual' }
  | { readonly kind: 'interval'; readonly minutes: number }
  | { readonly kind: 'daily'; readonly time: string; readonly zone: string }
  | { readonly kind: 'cron'; readonly expression: string; readonly zone: string };

export type Trigger = 'schedule' | 'manual' | 'follows' | 'parent';

export type RunState = 'queued' | 'running' | 'succeeded' | 'partial' | 'failed' | 'cancelled';

/** How an item ended. `held`: nothing was changed and a person has to confirm. */
export type ItemState = 'waiting' | 'running' | 'succeeded' | 'held' | 'failed' | 'cancelled';

export interface RunReport {
  readonly counts: Readonly<Record<string, number>>;
  readonly notices: readonly Notice[];
  /** Default `succeeded`. `partial`: it ended, but something in it could not be done. */
  readonly outcome?: 'succeeded' | 'partial' | 'held';
}

export interface Progress {
  /** Replaces the item's progress. Cheap: writes are thinned out to about one a second. */
  report(progress: { readonly phase: Text; readonly done: number; readonly total?: number }): void;
}

/** A part of a run that one node does alone: a portal, an account. Undivided tasks have the one item `all`. */
export interface TaskItem {
  readonly key: string;
  readonly subject?: Subject;
  readonly scope?: Scope;
}

export interface TaskContext<T = unknown> extends Services {
  readonly runId: string;
  readonly item: TaskItem;
  readonly trigger: Trigger;
  readonly actor: Actor;
  /** The task's own settings section, decoded. */
  readonly options: T;
  readonly progress: Progress;
  /** Aborts on cancel, timeout, shutdown and a lost lease. */
  readonly signal: AbortSignal;
  /** A name for this hold of the item; staging rows carry it. */
  readonly ticket: string;
  /**
   * First statement of every publishing transaction: locks the item's fence row, and throws `LEASE_LOST` when another
   * node has taken the item over, so that nothing of this node can be published any more.
   */
  readonly fence: (trx: Transaction) => Promise<void>;
  /** Reports at once instead of at the end, so that a reader of a long run sees it. */
  notice(notice: Notice): void;
}

/**
 * A server task. `run` gets one item, is told to stop by `signal`, may be run again after a crash, and must be harmless
 * when it runs twice: what it publishes goes through `fence`.
 */
export interface WorkTask<S extends TSchema = TSchema> {
  readonly kind: 'work';
  /** `m365-import.import-licences`. */
  readonly id: string;
  readonly title: Text;
  readonly description: Text;
  readonly schedule: Schedule;
  /** Also starts when a run of that task has ended (unless cancelled); missing tasks are ignored. */
  readonly follows?: string;
  readonly timeoutMinutes: number;
  readonly permission: Permission;
  /** Items worked on at the same time by one node. Default 1. */
  readonly concurrency?: number;
  /**
   * The task sends, or fetches and removes, in another system: in restored mode it does not start, by whatever trigger,
   * before a person released it. Missed starts give one start then. Default false.
   */
  readonly heldAfterRestore?: boolean;
  readonly settings?: SettingsSection<S>;
  /** The run's items, read once at its start. Default: the one item `all`. */
  items?(services: Services): Promise<readonly TaskItem[]>;
  /**
   * A start by the schedule that finds no items makes no run: for tasks that look every few minutes whether there is
   * something to do, and would fill the list of runs. A start by hand always makes one. Default false.
   */
  readonly restsWithoutItems?: boolean;
  run(context: TaskContext<Static<S>>): Promise<RunReport>;
}

/** A task that starts others one after the other and waits for each: *Recalculate completely*. */
export interface SequenceTask {
  readonly kind: 'sequence';
  readonly id: string;
  readonly title: Text;
  readonly description: Text;
  readonly schedule: Schedule;
  readonly permission: Permission;
  /** A failed step does not stop the next; the parent then ends `partial`. Steps of missing plugins are skipped. */
  readonly steps: readonly string[];
}

export type ServerTask<S extends TSchema = TSchema> = WorkTask<S> | SequenceTask;

/** Identity, for inference. */
export const defineTask = <S extends TSchema>(task: WorkTask<S>): WorkTask<S> => task;
