import type { DatabaseConnection } from '@itsm-m365/plugin-api';
import type { Watch } from './watch.ts';

/** Where a simulated tenant is, and how a client signs in. */
export interface Place {
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
}

/** Where mailboxes are, filled and alike, and where people sign in to them. */
export interface MailPlace {
  /** The simulated Entra. */
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The name in the mail server's certificate; it listens on loopback. */
  readonly host: string;
  /** IMAP over TLS. */
  readonly port: number;
  /** PEM. */
  readonly authority: string;
  readonly logFile: string;
  /** With a token for each that needs no sign-in. */
  readonly accounts: readonly { readonly user: string; readonly token: string }[];
}

/** Databases that the cases run on. */
export type EngineName = 'sqlite' | 'sql-server';

export type ServerStore = Extract<DatabaseConnection, { readonly dialect: 'mssql' }>;

export type FloorKeys = 'ascending' | 'random';

/** What a child process is told to do. Each role is one file; the child loads no other. */
export type Order =
  | { readonly role: 'simulator'; readonly users: readonly number[]; readonly secret: string }
  | { readonly role: 'store'; readonly engine: EngineName }
  | { readonly role: 'mail'; readonly mailboxes: number; readonly messages: number }
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
  | { readonly role: 'recalculate'; readonly store: DatabaseConnection }
  | { readonly role: 'bare-mail'; readonly mail: MailPlace; readonly parsed: boolean }
  | { readonly role: 'fetch-mail'; readonly store: DatabaseConnection; readonly mail: MailPlace };

/** Of children that hold something for others and are not measured. */
export type KeptOrder = Extract<Order, { readonly role: 'simulator' | 'store' | 'mail' }>;

export type MeasuredOrder = Exclude<Order, KeptOrder>;

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
