/** Where the simulated tenant is, and how a client signs in. */
export interface Place {
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
}

export type FloorKeys = 'ascending' | 'random';

/** What a child process is told to do. Each role is one file; the child loads no other. */
export type Order =
  | { readonly role: 'simulator'; readonly users: number; readonly secret: string }
  | { readonly role: 'prepare'; readonly file: string }
  | { readonly role: 'listing'; readonly place: Place }
  | { readonly role: 'floor'; readonly file: string; readonly place: Place; readonly keys: FloorKeys }
  | { readonly role: 'import'; readonly file: string; readonly place: Place; readonly warm?: boolean }
  | { readonly role: 'group-by'; readonly file: string }
  | { readonly role: 'recalculate'; readonly file: string };

export type MeasuredOrder = Exclude<Order, { readonly role: 'simulator' | 'prepare' }>;

/** What a role prepared before the clock starts, and the work that is measured. */
export interface Prepared {
  /** Done before the clock starts, so that code that runs for the first time is not measured. */
  warmUp?(): Promise<void>;
  /** Answers with facts about what was done. */
  work(): Promise<Readonly<Record<string, number>>>;
  /** Counted after the clock has stopped. */
  rows?(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}
