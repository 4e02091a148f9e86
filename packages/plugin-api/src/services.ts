import type { Dispatcher } from 'undici';
import type { Clock, Randomness } from './clock.ts';
import type { Database } from './database.ts';
import type { OutboundTcp } from './network.ts';
import type { Notice } from './notices.ts';
import type { Secrets, Settings } from './settings.ts';
import type { Tickets } from './tickets.ts';

/** Structured logging in the manner of pino: fields first, then a fixed sentence. Secrets and tokens never go in. */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  child(fields: object): Logger;
}

/** Tells people: by mail, as a ticket, whatever the host has. Called once per event, not once per run. */
export interface Notify {
  send(event: { readonly key: string; readonly notice: Notice }): Promise<void>;
}

/** What the core lends to every part of a plugin: tasks, routes, tests and validation alike. */
export interface Services {
  readonly db: Database;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Randomness;
  /** The one way out: proxy, private CA and the refusal of private addresses are its business. */
  readonly http: Dispatcher;
  /** The same way out for mail protocols. */
  readonly tcp: OutboundTcp;
  readonly secrets: Secrets;
  readonly settings: Settings;
  readonly notify: Notify;
  /** Where browsers reach the routes, from the host's configuration and never from a request; undefined: nobody said so. */
  readonly publicUrl: string | undefined;
  /** Undefined where the host takes no mail: then none is fetched. */
  readonly tickets: Tickets | undefined;
}
