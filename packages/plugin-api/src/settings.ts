import { type Static, type TSchema, Type } from 'typebox';
import type { Transaction } from './database.ts';
import type { Permission } from './permissions.ts';
import type { Services } from './services.ts';
import type { Text } from './text.ts';

/** Names a stored secret; never the secret itself. */
export type SecretRef = string & { readonly __secret: 'ref' };

/** What a secret belongs to. A host refuses to reveal it for any other binding, so a moved ciphertext is worthless. */
export interface SecretBinding {
  /** `m365-import.portals/<id>`. */
  readonly owner: string;
  /** `clientSecret`. */
  readonly field: string;
  /** The values it was entered for: tenant, cloud, host. Changing one of them asks for the secret again. */
  readonly boundTo: Readonly<Record<string, string>>;
}

export interface Secrets {
  /** Throws `SECRET_UNREADABLE` when it is gone, bound elsewhere, or its key is lost: "enter the credential again". */
  reveal(ref: SecretRef, binding: SecretBinding): Promise<string>;
  store(value: string, binding: SecretBinding): Promise<SecretRef>;
  /** Does nothing where the reference is unknown, so that it can be repeated. */
  remove(ref: SecretRef): Promise<void>;
}

/** Hints for the form that a console draws from a schema; under `ui` beside the JSON Schema keywords. */
export interface UiHints {
  readonly title: Text;
  readonly description?: Text;
  readonly order?: number;
  /** A page of the wizard, a tab of the editor. */
  readonly group?: string;
  readonly widget?:
    | 'text'
    | 'multiline'
    | 'password'
    | 'file'
    | 'select'
    | 'number'
    | 'checkbox'
    | 'transfer-list'
    | 'date';
  /** File name endings the file button offers. */
  readonly accept?: readonly string[];
  /** Shown only while another field has one of these values. */
  readonly showWhen?: { readonly field: string; readonly is: readonly string[] };
  readonly recommended?: boolean;
  /** Pages of a wizard, tabs of an editor, in their order; `group` of a field names one. On the object that has them. */
  readonly pages?: readonly { readonly id: string; readonly title: Text }[];
  /** Where the choices of a transfer list are read from: a route of the plugin, and the two fields of its items. */
  readonly choices?: {
    readonly route: string;
    readonly value: string;
    readonly label: string;
    readonly filter?: { readonly parameter: string; readonly title: Text };
  };
  /** Shapes that `prepare` of the section takes in place of the field's own. */
  readonly imports?: readonly TSchema[];
  /** Labels of an enumeration's values. */
  readonly labels?: Readonly<Record<string, Text>>;
}

/** A field that holds a secret: written as plain text once, stored as a reference, never read back. */
export const secretField = (ui: UiHints, options: { readonly maxLength?: number } = {}) =>
  Type.Unsafe<SecretRef>(
    Type.String({
      minLength: 1,
      maxLength: options.maxLength ?? 20_000,
      secret: true,
      ui: { widget: 'password', ...ui },
    }),
  );

export interface StoredItem<T> {
  readonly id: string;
  readonly value: T;
  /** Grows with each change; `put` with another version fails with `SETTINGS_CHANGED`. */
  readonly version: number;
}

/** A wrong field: a JSON pointer into the value, and what to do. */
export interface Problem {
  readonly path: string;
  readonly code: string;
  readonly message: Text;
}

export interface ValidationContext<T> {
  /** Undefined while the item is new. */
  readonly id: string | undefined;
  readonly previous: T | undefined;
  readonly others: readonly StoredItem<T>[];
  readonly services: Services;
}

/** A row of a connection test: what was tried, what it unlocks, what to do where it failed. */
export interface TestStep {
  readonly id: string;
  readonly title: Text;
  readonly outcome: 'passed' | 'failed' | 'warning' | 'skipped';
  /** The figure or function that this step unlocks. */
  readonly unlocks?: Text;
  readonly code?: string;
  readonly message?: Text;
  readonly remedy?: Text;
  readonly milliseconds?: number;
  /** Request ids for Microsoft's support. */
  readonly evidence?: Readonly<Record<string, string>>;
}

export interface TestReport {
  readonly ok: boolean;
  readonly steps: readonly TestStep[];
}

/** Secrets of a value under test: typed ones, or stored ones after their binding was checked. */
export type RevealField = (field: string) => Promise<string | undefined>;

/**
 * A part of the settings. A *value* exists once; a *collection* holds items (portals, mail accounts) that are stored,
 * versioned and permitted one by one. `validate`, `test` and `removed` are methods, so that sections of different types
 * fit into one array.
 */
export interface SettingsSection<S extends TSchema = TSchema> {
  /** `m365-import.portals`. */
  readonly id: string;
  readonly kind: 'value' | 'collection';
  readonly title: Text;
  readonly description: Text;
  /** Where the source product shows it: *System > Settings > Licence Management > Microsoft 365*. */
  readonly location?: readonly Text[];
  readonly schema: S;
  /** The value in force while nothing is stored (kind `value`), or the start of a new item. */
  readonly defaults: Partial<Static<S>>;
  readonly permissions: { readonly read: Permission; readonly edit: Permission };
  /** Fields that secrets are bound to: changing one asks for the secret again. */
  readonly secretsBoundTo?: readonly string[];
  /** What the schema cannot say. Returns every problem at once. May normalise by returning a value. */
  validate?(value: Static<S>, context: ValidationContext<Static<S>>): Promise<readonly Problem[]>;
  /**
   * Turns what a form may send beyond the schema into the schema's shape, before anything is checked or stored: a PFX file
   * into certificate and key. Gives the problems of what it could not turn; anything else passes as it is.
   */
  prepare?(input: unknown): Promise<{ readonly value: unknown; readonly problems: readonly Problem[] }>;
  /** Brings a valid value into its stored form (trimmed, lower-case GUIDs). */
  normalise?(value: Static<S>): Static<S>;
  /** *Test connection* on a value that need not be saved. Never throws for a failed test. */
  test?(
    value: Static<S>,
    context: {
      /** Undefined while the item is new. */
      readonly id: string | undefined;
      readonly services: Services;
      readonly reveal: RevealField;
      readonly signal: AbortSignal;
    },
  ): Promise<TestReport>;
  /** Runs in the transaction that removes an item (kind `collection`), before the host's store forgets it. */
  removed?(
    item: StoredItem<Static<S>>,
    trx: Transaction,
    context: { readonly actor: string; readonly now: number },
  ): Promise<void>;
}

/** Identity, for inference. */
export const defineSettings = <S extends TSchema>(section: SettingsSection<S>): SettingsSection<S> => section;

/** The host's store of settings. Values are plain JSON; validation happened before. */
export interface SettingsStore {
  list(section: string): Promise<readonly StoredItem<unknown>[]>;
  get(section: string, id: string): Promise<StoredItem<unknown> | undefined>;
  /** Creates (`ifVersion` 0) or replaces. Throws `SETTINGS_CHANGED` where the stored version is another. */
  put(
    section: string,
    id: string,
    value: unknown,
    options: { readonly ifVersion: number; readonly actor: string },
  ): Promise<StoredItem<unknown>>;
  remove(section: string, id: string, options: { readonly ifVersion: number; readonly actor: string }): Promise<void>;
}

/** Settings as plugins read them: decoded, defaults filled in. A kind `value` section has the id `value`. */
export interface Settings {
  value<S extends TSchema>(section: SettingsSection<S>): Promise<Static<S>>;
  /** All that fit their schema; the others are logged. */
  items<S extends TSchema>(section: SettingsSection<S>): Promise<readonly StoredItem<Static<S>>[]>;
  /** One of them, read alone; undefined where there is none of this id, or it does not fit. */
  item<S extends TSchema>(section: SettingsSection<S>, id: string): Promise<StoredItem<Static<S>> | undefined>;
}
