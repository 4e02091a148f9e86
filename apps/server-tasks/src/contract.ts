import type { Actor, Database, Host, Notice, ServerPlugin, Services, Trigger } from '@itsm-m365/plugin-api';
import type { FastifyPluginAsync } from 'fastify';
import type { Core, Timing } from './core.ts';
import type { FailedPlugin } from './registration/register.ts';
import type { Restored } from './restored/restored.ts';
import type { Runs } from './runs/runs.ts';
import type { Run, RunDetail } from './runs/view.ts';
import type { SettingsEditor } from './settings/editor.ts';

export interface ServerTasksOptions {
  /**
   * `apply` (default) brings the tables up to date, `check` fails where they are not, `script` starts nothing and gives
   * the SQL for a DBA as `script`.
   */
  readonly migrate?: 'apply' | 'check' | 'script';
  /** False: nothing starts by schedule; runs that are started go on all the same. Default true. */
  readonly schedules?: boolean;
  readonly nodeName?: string;
  readonly timing?: Partial<Timing>;
  /** An open database instead of `host.db`, which several cores may then share; it is not closed by `stop`. */
  readonly database?: Database;
  /**
   * The database was restored; a name for that restore (a date, a number). Enters restored mode, once for each name: it
   * may stay in the host's start script.
   */
  readonly restored?: string;
  /**
   * What this start brings, such as a renewed credential: awaited before a run of an earlier process is taken up and before
   * anything starts by schedule. Where it throws, `createServerTasks` stops the node and throws the same.
   */
  prepare?(tasks: ServerTasks): Promise<void>;
}

/** The core, joined with a host and its plugins. */
export interface ServerTasks {
  readonly host: Host;
  readonly core: Core;
  readonly db: Database;
  readonly services: Services;
  readonly plugins: { readonly started: readonly ServerPlugin[]; readonly failed: readonly FailedPlugin[] };
  readonly settings: SettingsEditor;
  readonly runs: Runs;
  readonly restored: Restored;
  /** The HTTP API with this core bound; the package's default export takes it as the option `tasks`. */
  readonly fastifyPlugin: FastifyPluginAsync<{ readonly prefix?: string }>;
  /** What the database advises its administrator to change. */
  readonly advice: readonly Notice[];
  /** SQL for a DBA with `migrate: 'script'`; else empty. */
  readonly script: string;
  /** Whether requests can be served: the database answers and `stop` was not called. Never rejects. */
  ready(): Promise<boolean>;
  /**
   * Starts a task, or answers with its active run (`started` is then false; `run.actor` and `run.createdAt` tell who
   * started it and when).
   *
   * @throws TASK_UNKNOWN, TASK_HELD_AFTER_RESTORE
   */
  start(
    taskId: string,
    by?: { readonly actor?: Actor; readonly trigger?: Trigger },
  ): Promise<{ readonly run: Run; readonly started: boolean }>;
  /**
   * Resolves when the run has ended, on whichever node; a run that is interrupted goes on elsewhere or after a restart,
   * so there is no limit but the signal, with whose reason it rejects.
   *
   * @throws RUN_UNKNOWN
   */
  wait(runId: string, signal?: AbortSignal): Promise<RunDetail>;
  /**
   * Tells a run and the runs it started to stop. Resolves when that is in the database, not when they have. Does nothing
   * where the run has ended.
   *
   * @throws RUN_UNKNOWN
   */
  cancel(runId: string, actor?: Actor): Promise<void>;
  /** One look at everything that is due; for a host's scheduler, at least once a minute on every node. Never rejects. */
  tick(): Promise<void>;
  /**
   * Ends this node: its items are handed to the other nodes, or, where there are none, the active runs are cancelled;
   * leases are released, and the database is closed. A task that does not stop is abandoned after the time of grace. May
   * be called twice.
   */
  stop(): Promise<void>;
}
