import type { Static, TSchema } from 'typebox';
import type { Migration } from './database.ts';
import type { ErrorCatalogue } from './errors.ts';
import type { Notice, NoticeCatalogue } from './notices.ts';
import type { Actor, Asking, Permission } from './permissions.ts';
import type { AfterRestore } from './restored.ts';
import type { Notify, Services } from './services.ts';
import type { SettingsSection } from './settings.ts';
import type { ServerTask } from './tasks.ts';
import type { Text } from './text.ts';

/** The version of this contract that a plugin is written for. Another major is refused by name at registration. */
export const apiVersion = 1;

/** An entry of the host's menu: where the console shows a part of the plugin. */
export interface Page {
  readonly id: string;
  readonly title: Text;
  readonly location: readonly Text[];
  readonly permission: Permission;
}

export interface RouteRequest<P, Q, B> extends Asking {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly actor: Actor;
  readonly signal: AbortSignal;
  /** Writes the append-only audit. */
  audit(entry: {
    readonly action: string;
    readonly object: string;
    readonly details?: Readonly<Record<string, unknown>>;
  }): Promise<void>;
}

/** An HTTP route as data; the app mounts it under the host's prefix, validates both ways and documents it. */
export interface Route<
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
  R extends TSchema = TSchema,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the plugin's id: `/products` becomes `<prefix>/m365-import/products`. */
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response: R;
  /** Bytes; default 1 MiB. */
  readonly bodyLimit?: number;
  handle(request: RouteRequest<Static<P>, Static<Q>, Static<B>>, services: Services): Promise<Static<R>>;
}

/** Identity, for inference. */
export const defineRoute = <P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema>(
  route: Route<P, Q, B, R>,
): Route<P, Q, B, R> => route;

/** A page that anybody may load, signed in or not: always the same text, with nothing of a request and no data in it. */
export interface StaticPage {
  /** Below the plugin's id. */
  readonly path: string;
  readonly summary: string;
  /** `text/html; charset=utf-8`. */
  readonly contentType: string;
  readonly content: string;
  /** Its Content-Security-Policy. */
  readonly policy: string;
}

/** A figure for `/metrics`, read when asked for. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  read(
    services: Services,
  ): Promise<readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]>;
}

/** Looks at the state of things apart from any run, every few minutes, on one node: stale imports, expiring secrets. */
export interface Watch {
  readonly id: string;
  check(services: Services): Promise<readonly { readonly key: string; readonly notice: Notice }[]>;
}

/** A plugin is data: everything it contributes can be read without running it. */
export interface ServerPlugin {
  /** Kebab case; the export is computed from it: `m365-import` → `m365ImportPlugin`. */
  readonly id: string;
  readonly apiVersion: number;
  readonly title: Text;
  /** Ids of plugins that must be there too. */
  readonly requires?: readonly string[];
  readonly permissions?: readonly Permission[];
  readonly settings?: readonly SettingsSection[];
  readonly tasks?: readonly ServerTask[];
  readonly migrations?: readonly Migration[];
  readonly routes?: readonly Route[];
  readonly staticPages?: readonly StaticPage[];
  readonly pages?: readonly Page[];
  readonly gauges?: readonly Gauge[];
  readonly watches?: readonly Watch[];
  /** Absent: nothing of the plugin depends on what was done after a backup. */
  readonly afterRestore?: AfterRestore;
  /**
   * Told of each event that people are told of, before the host is, once or again where telling failed: by its key it has to
   * be the same event. In restored mode not called.
   */
  tell?(event: Parameters<Notify['send']>[0], services: Services): Promise<void>;
  readonly errors?: Pick<ErrorCatalogue, 'definitions'>;
  readonly notices?: Pick<NoticeCatalogue, 'definitions'>;
}

/** Identity, for inference. */
export const definePlugin = (plugin: ServerPlugin): ServerPlugin => plugin;
