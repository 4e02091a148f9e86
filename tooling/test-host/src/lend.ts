import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Actor, Clock, DatabaseConnection, Host, OutboundTcp, Tickets } from '@itsm-m365/plugin-api';
import type { Dispatcher } from 'undici';
import { openConfiguration } from './configuration-store.ts';
import { createPeople, type People } from './people.ts';
import { type Recorded, recordingLogger } from './recorders.ts';
import { openVault } from './vault.ts';

/** As much of a request as this host looks at: its own hook has put the person there. */
export interface ForeignRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface LendOptions {
  /** Where everything of the host lies. Made if it is missing; a second start goes on with it. */
  readonly folder: string;
  readonly http?: Dispatcher;
  readonly clock?: Clock;
  /** Where the plugins' tables go; default a SQLite file of their own in the folder. */
  readonly connection?: DatabaseConnection;
  /** Where mail servers are; default: the public ones. */
  readonly tcp?: OutboundTcp;
  /** Default: the host takes no mail. */
  readonly tickets?: Tickets;
}

export interface Lent extends Recorded {
  readonly host: Host<ForeignRequest>;
  readonly people: People;
  /** The host has no timer: time passes for the plugins when this is called. */
  tick(): Promise<void>;
  close(): Promise<void>;
}

export const personHeader = 'x-person';

/** What this host lends to the plugins: everything of its own make, nothing of ours. */
export const lendHost = async ({ folder, http, tcp, tickets, clock, connection }: LendOptions): Promise<Lent> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configuration = await openConfiguration(folder);
  const people = createPeople();
  const recorded: Recorded = { log: [], changes: [], told: [] };
  const ticks = new Set<() => Promise<void>>();
  const actor = async ({ headers }: ForeignRequest): Promise<Actor | undefined> => {
    const name = headers[personHeader];
    return typeof name === 'string' ? people.find(name) : undefined;
  };
  return {
    ...recorded,
    people,
    host: {
      db: connection ?? { dialect: 'sqlite', file: join(folder, 'plugins.db') },
      settings: configuration,
      secrets: openVault(folder),
      permissions: { actor, allows: people.allows },
      logger: recordingLogger(recorded.log),
      ...(http === undefined ? {} : { http }),
      ...(clock === undefined ? {} : { clock }),
      ...(tcp === undefined ? {} : { tcp }),
      ...(tickets === undefined ? {} : { tickets }),
      scheduler: {
        start(tick) {
          ticks.add(tick);
          return { stop: () => ticks.delete(tick) };
        },
      },
      monitor: {
        changed: (run) => {
          recorded.changes.push(run);
        },
      },
      notify: {
        async send(event) {
          recorded.told.push(event);
        },
      },
    },
    async tick() {
      for (const tick of ticks) await tick();
    },
    close: () => configuration.close(),
  };
};
