import type { Dispatcher } from 'undici';
import type { Clock, Randomness } from './clock.ts';
import type { OutboundTcp } from './network.ts';
import type { Actor, Scope } from './permissions.ts';
import type { MarkStore } from './restored.ts';
import type { Logger, Notify } from './services.ts';
import type { Secrets, SettingsStore } from './settings.ts';
import type { Tickets } from './tickets.ts';

/** Where the product's tables live. We open our own pool with our own client; the host's knex never runs our queries. */
export type DatabaseConnection =
  | { readonly dialect: 'sqlite'; readonly file: string }
  | {
      readonly dialect: 'mssql';
      readonly server: string;
      readonly port?: number;
      readonly database: string;
      readonly user: string;
      readonly password: string;
      /** Default `dbo`. */
      readonly schema?: string;
      /** Default true. */
      readonly encrypt?: boolean;
      readonly trustServerCertificate?: boolean;
      readonly poolSize?: number;
      readonly requestTimeoutMs?: number;
    };

/** What a host lends. The required members have no sensible default of ours; the optional ones have. */
export interface Host<Request = unknown> {
  readonly db: DatabaseConnection;
  readonly settings: SettingsStore;
  readonly secrets: Secrets;
  readonly permissions: {
    /** Who sent the request; undefined: nobody signed in (answered with 401). */
    actor(request: Request): Promise<Actor | undefined>;
    /** Whether the actor has the permission, for the scope or, without one, for everything. */
    allows(actor: Actor, permission: string, scope?: Scope): Promise<boolean>;
  };
  readonly logger: Logger;
  /** Absent: a plain undici agent that refuses loopback, link-local and private addresses. */
  readonly http?: Dispatcher;
  /** Absent: names are resolved by the system, and private addresses refused. */
  readonly tcp?: OutboundTcp;
  /**
   * `https://itsm.example.com/tasks`: where people's browsers reach the routes, with the prefix they are mounted under.
   * Absent: sign-ins end by pasting an address.
   */
  readonly publicUrl?: string;
  /** Absent: no mail is fetched. */
  readonly tickets?: Tickets;
  /** Absent: the machine's clock and randomness. */
  readonly clock?: Clock;
  readonly random?: Randomness;
  /** Absent: ours, in this process. The host's calls `tick` at least once a minute on every node. */
  readonly scheduler?: { start(tick: () => Promise<void>): { stop(): void } };
  /** Absent: runs are seen in ours only. Told after each change of a run's state. */
  readonly monitor?: { changed(run: { readonly id: string; readonly task: string; readonly state: string }): void };
  /** Absent: notices stay in the run's report and in the log. */
  readonly notify?: Notify;
  /** Absent: a restored database is noticed while a node runs, and else only where the core is told of it. */
  readonly mark?: MarkStore;
}
