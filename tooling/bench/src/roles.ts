import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import type { Watch } from './watch.ts';

/** Where a simulated tenant is, and how a client signs in. */
export interface Place {
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
}

/** Databases that the cases run on. */
export type EngineName = 'sqlite' | 'sql-server';

export type ServerStore = Extract<DatabaseConnection, { readonly dialect: 'mssql' }>;

export type FloorKeys = 'ascending' | 'random';

/** What a child process is told to do. Each role is one file; the child loads no other. */
export type Order =
  | { readonly role: 'simulator'; readonly users: readonly number[]; readonly secret: string }
  | { readonly role: 'store'; readonly engine: EngineName }
  | { readonly role: 'listing'; readonly place: Place }
  | {
      readonly role: 'floor';
      readonly store: DatabaseConnection;
      readonly place: Place;
      readonly keys: FloorKeys;
    }
  | { readonly role: 'rival'; readonly store: DatabaseConnection; readonly place: Place }
  | {
      readonly role: 'import';
      readonly store: DatabaseConnection;
      readonly place: Place;
      readonly warm?: boolean;
    }
  | {
      readonly role: 'portals';
      readonly store: DatabaseConnection;
      readonly places: readonly Place[];
      readonly warm?: boolean;
    }
  | { readonly role: 'group-by'; readonly store: DatabaseConnection }
  | { readonly role: 'recalculate'; readonly store: DatabaseConnection };

export type MeasuredOrder = Exclude<Order, { readonly role: 'simulator' | 'store' }>;

type Facts = Readonly<Record<string, number>>;

/** What a role prepared before the clock starts, and the work that is measured. */
export interface Prepared {
  /** Done before the clock starts, so that code that runs for the first time is not measured. */
  warmUp?(): Promise<void>;
  /** Answers with facts about what was done. */
  work(watch: Watch): Promise<Facts>;
  /** Counted after the clock has stopped. */
  rows?(): Promise<Facts>;
  close(): Promise<void>;
}

/** What a child that is not measured makes and holds until its parent needs it no more. */
export interface Kept {
  readonly answer: unknown;
  remove(): Promise<void>;
}
