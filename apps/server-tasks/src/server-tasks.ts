import { openDatabase } from '@itsm-m365/database';
import {
  type Clock,
  type Host,
  type Notice,
  type Notify,
  type ServerPlugin,
  type Services,
  systemActor,
} from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import { assemble, prepareTables, scriptTables } from './assemble.ts';
import type { ServerTasks, ServerTasksOptions } from './contract.ts';
import { audit, type Core, defaultTiming } from './core.ts';
import { boundPlugin } from './http/plugin.ts';
import { machineClock, machineName, machineRandom } from './machine.ts';
import { publicAgent, publicTcp } from './outbound.ts';
import { buildRegistry } from './registration/registry.ts';
import { look } from './restored/look.ts';
import { createMarks } from './restored/marks.ts';
import { createRestored } from './restored/restored.ts';
import { createChanges } from './runs/changes.ts';
import { createEngine } from './runs/engine.ts';
import { rememberingNotify, tellersOf } from './runs/events.ts';
import { createRuns } from './runs/runs.ts';
import { refreshSchedules } from './runs/start.ts';
import { freeAll } from './runs/takeover.ts';
import { createTicker } from './runs/ticker.ts';
import { createSettingsEditor } from './settings/editor.ts';
import { recoverChanges } from './settings/pending.ts';
import { createSettings } from './settings/read.ts';
import { showNode } from './store/nodes.ts';
import { nodeTable } from './store/tables.ts';

export type { ServerTasks, ServerTasksOptions } from './contract.ts';

const ownScheduler = (clock: Clock, tickMs: number): NonNullable<Host['scheduler']> => ({
  start(tick) {
    const over = new AbortController();
    const loop = async () => {
      for (;;) {
        await tick();
        await clock.sleep(tickMs, over.signal);
      }
    };
    loop().catch(() => undefined);
    return { stop: () => over.abort() };
  },
});

/** The host's way out, or our own, which we then have to close. */
const wayOut = (host: Host): { readonly http: Dispatcher; readonly agent: Dispatcher | undefined } => {
  if (host.http !== undefined) return { http: host.http, agent: undefined };
  const agent = publicAgent();
  return { http: agent, agent };
};

const servicesOf = (
  host: Host,
  tellers: Pick<Host, 'notify'>,
  { db, clock, random, http }: Pick<Services, 'db' | 'clock' | 'random' | 'http'>,
): Services => ({
  db,
  clock,
  random,
  http,
  tcp: host.tcp ?? publicTcp(),
  publicUrl: host.publicUrl,
  tickets: host.tickets,
  logger: host.logger,
  secrets: host.secrets,
  settings: createSettings(host.settings, host.logger),
  notify: rememberingNotify(db, tellers, { logger: host.logger, now: () => clock.now(), source: 'plugin' }),
});

/**
 * Joins a host and plugins: loads and checks the plugins, brings the tables up to date, takes up what an earlier process
 * left, and starts the schedule. Plugins that fail are listed in `plugins.failed`, the others work.
 *
 * @throws what the database says where it cannot be opened or the core's own tables cannot be had
 */
export const createServerTasks = async (
  host: Host,
  plugins: readonly (ServerPlugin | string)[],
  options: ServerTasksOptions = {},
): Promise<ServerTasks> => {
  const clock = host.clock ?? machineClock;
  const random = host.random ?? machineRandom;
  const timing = { ...defaultTiming, ...options.timing };
  const registration = await assemble(plugins, clock.now());
  const opened =
    options.database === undefined
      ? await openDatabase(host.db, { clock, random, logger: host.logger.child({ part: 'database' }) })
      : undefined;
  const db = opened ?? options.database;
  if (db === undefined) throw new Error('unreachable');
  try {
    const mode = options.migrate ?? 'apply';
    const script = mode === 'script' ? await scriptTables(db, registration, clock) : '';
    const prepared =
      mode === 'script' ? { ...registration, accepted: [] } : await prepareTables(db, registration, { mode, clock });
    const { http, agent } = wayOut(host);
    const tellers = tellersOf(host, prepared.accepted, () => services);
    const services: Services = servicesOf(host, tellers, { db, clock, random, http });
    const alone = opened !== undefined && !db.capabilities.manyWriters;
    const logger = host.logger;
    const now = () => clock.now();
    const core: Core = {
      db,
      host,
      tellers,
      services,
      registry: buildRegistry(prepared.accepted),
      changes: createChanges(),
      timing,
      node: { id: random.uuid(), name: (options.nodeName ?? machineName()).slice(0, 200) },
      alone,
      marks: createMarks({ db, clock, random, logger, store: host.mark, alone }),
      tell: rememberingNotify(db, tellers, { logger, now, source: 'server-tasks', always: true }).send,
    };
    for (const { id, error } of prepared.failed)
      host.logger.error({ plugin: id, err: error }, 'A plugin did not start');
    return await run(core, {
      options,
      plugins: { started: prepared.accepted, failed: prepared.failed },
      script,
      opened,
      agent,
    });
  } catch (error) {
    await opened?.close();
    throw error;
  }
};

interface Parts {
  readonly options: ServerTasksOptions;
  readonly plugins: ServerTasks['plugins'];
  readonly script: string;
  readonly opened: { readonly advice: readonly Notice[]; close(): Promise<void> } | undefined;
  readonly agent: { destroy(): Promise<void> } | undefined;
}

const run = async (core: Core, { options, plugins, script, opened, agent }: Parts): Promise<ServerTasks> => {
  const { db, host, tellers, services, node } = core;
  const dry = options.migrate === 'script';
  const notifyAs = (source: string): Notify =>
    rememberingNotify(db, tellers, { logger: services.logger, now: () => services.clock.now(), source });
  const engine = createEngine(core);
  const ticker = createTicker(core, engine, notifyAs);
  const runs = createRuns(core, engine);
  if (!dry) {
    await core.marks.recall();
    const { restored: name } = options;
    await look(core, name === undefined ? undefined : { actor: systemActor, name });
    if (core.alone) await freeAll(core);
    await db.write((trx) => showNode(trx, node, services.clock.now()));
    await refreshSchedules(core);
    await recoverChanges(core);
  }
  let scheduled: { stop(): void } | undefined;
  let stopping: Promise<void> | undefined;

  const stop = async (begun: boolean): Promise<void> => {
    scheduled?.stop();
    await ticker.stop();
    try {
      if (!dry) await leave(begun);
    } catch (error) {
      // A database that fails now is left as by a kill: the next start, or another node, takes up what is under way.
      services.logger.warn({ err: error }, 'The node could not take its leave in the database');
    } finally {
      // All that still uses it was told to stop long ago.
      await agent?.destroy();
      await opened?.close();
      if (!dry) await core.marks.finish();
    }
  };

  /** A node that has not begun leaves what it found to the next start. */
  const leave = async (begun: boolean): Promise<void> => {
    const others = await db.read((trx) => trx.rows(nodeTable, (query) => query.whereNot({ id: node.id }).limit(1)));
    await engine.stop(!begun || others.length > 0);
    await look(core);
    await db.write(async (trx) => {
      await trx.remove(nodeTable, (query) => query.where({ id: node.id }));
      await core.marks.forget(trx);
    });
  };

  const tasks: ServerTasks = {
    host,
    core,
    db,
    services,
    plugins,
    script,
    runs,
    restored: createRestored(core, engine.lose, engine.wake),
    advice: opened?.advice ?? [],
    settings: createSettingsEditor(core, (entry) => audit(core, entry)),
    fastifyPlugin: boundPlugin(() => tasks),
    start: runs.start,
    wait: runs.wait,
    cancel: runs.cancel,
    tick: ticker.tick,
    async ready() {
      if (stopping !== undefined || dry) return false;
      try {
        await db.read((trx) => trx.rows(nodeTable, (query) => query.where({ id: node.id })));
        return true;
      } catch {
        return false;
      }
    },
    stop() {
      stopping ??= stop(true);
      return stopping;
    },
  };
  if (dry) return tasks;
  try {
    await options.prepare?.(tasks);
  } catch (error) {
    stopping = stop(false);
    await stopping;
    throw error;
  }
  const scheduler = host.scheduler ?? ownScheduler(services.clock, core.timing.tickMs);
  if (options.schedules !== false) scheduled = scheduler.start(ticker.tick);
  engine.wake();
  return tasks;
};
