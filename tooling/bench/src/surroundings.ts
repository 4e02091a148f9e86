import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Clock,
  type Database,
  type Logger,
  type Notice,
  type Randomness,
  type SecretRef,
  type ServerPlugin,
  type Services,
  systemActor,
  type TaskContext,
  type WorkTask,
} from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import type { Watch } from './watch.ts';

/** What a host lends, with as little of its own as can be, so that nothing but the product is measured. */

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

const systemRandom: Randomness = {
  uuid: () => randomUUID(),
  key: () => randomInt(1, 2 ** 47) * 64 + randomInt(64),
  fraction: () => Math.random(),
};

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export interface Lent {
  readonly db: Database;
  readonly http: Dispatcher;
  /** The one secret that can be revealed. */
  readonly secret: string;
  /** Items of the one collection that is asked for. */
  readonly items: readonly { readonly id: string; readonly value: object }[];
}

export const servicesOf = ({ db, http, secret, items }: Lent): Services => ({
  db,
  http,
  clock: systemClock,
  random: systemRandom,
  logger: silent,
  secrets: {
    reveal: async () => secret,
    store: async () => 'stored' as SecretRef,
    remove: async () => undefined,
  },
  settings: {
    value: async (section) => ({ ...section.defaults }) as never,
    items: async (section) =>
      items.map(({ id, value }) => ({ id, version: 1, value: { ...section.defaults, ...value } as never })),
    item: async (section, id) =>
      items
        .filter((item) => item.id === id)
        .map(({ value }) => ({ id, version: 1, value: { ...section.defaults, ...value } as never }))[0],
  },
  notify: { send: async () => undefined },
  tcp: { route: () => Promise.reject(new Error('nothing here uses mail')) },
  publicUrl: undefined,
  tickets: undefined,
});

/** A task of a plugin, by its id. */
export const taskOf = (plugin: ServerPlugin, id: string): WorkTask => {
  const task = plugin.tasks?.find((candidate) => candidate.id === id);
  if (task?.kind !== 'work') throw new Error(`${plugin.id} has no task ${id}`);
  return task;
};

/** The database, that tells when a writing transaction has ended, its commit included. */
const tellingEnds = (db: Database, ended: () => void): Database => ({
  dialect: db.dialect,
  capabilities: db.capabilities,
  name: (table) => db.name(table),
  read: (work, options) => db.read(work, options),
  write: (work, options) => db.write(work, options).finally(ended),
  load: (table, rows, options) => db.load(table, rows, options),
  close: () => db.close(),
});

/** Runs a task for one item, as the core does: a fence that holds, progress that is thrown away. */
export const runTask = async (task: WorkTask, services: Services, key: string, watch?: Watch) => {
  const notices: Notice[] = [];
  const context: TaskContext = {
    ...services,
    db: watch === undefined ? services.db : tellingEnds(services.db, () => watch.publicationEnds()),
    runId: randomUUID(),
    item: { key },
    trigger: 'manual',
    actor: systemActor,
    options: { ...task.settings?.defaults },
    progress: { report: () => undefined },
    signal: new AbortController().signal,
    ticket: randomUUID(),
    // The first statement of every publishing transaction, says the contract.
    fence: async () => watch?.publicationBegins(),
    notice: (notice) => notices.push(notice),
  };
  const report = await task.run(context as TaskContext<never>);
  const outcome = report.outcome ?? 'succeeded';
  // A run that was held has written nothing; its time must not pass for that of an import.
  if (outcome !== 'succeeded') {
    const said = [...notices, ...report.notices].map(({ message }) => message.en).join(' ');
    throw new Error(`${task.id} ended as ${outcome}: ${said}`);
  }
  return report;
};
