import {
  type Actor,
  KnownError,
  type Logger,
  type Notice,
  type Permission,
  type RouteRequest,
  type RunReport,
  type Scope,
  type Services,
  type TaskContext,
  type Transaction,
} from '@itsm-m365/plugin-api';
import type { EntitlementSettings } from '../settings.ts';
import { entitlementSection } from '../settings.ts';
import { recalculateTask } from '../task.ts';
import type { ComplianceTest } from './store.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const unused = (what: string) => (): never => {
  throw new Error(`${what} is not lent to the compliance engine's tests`);
};

export interface Told {
  readonly key: string;
  readonly notice: Notice;
}

/** What the core lends: a real database, a clock that stands still; nothing that leads outside. */
export const servicesOf = ({ db, clock, random }: ComplianceTest, told: Told[] = []): Services =>
  ({
    db,
    clock,
    random,
    logger: silent,
    // Nothing here may lead outside.
    http: undefined as never,
    tcp: undefined as never,
    publicUrl: undefined,
    tickets: undefined,
    secrets: { reveal: unused('secrets'), store: unused('secrets'), remove: unused('secrets') },
    settings: { value: unused('settings'), items: unused('settings'), item: unused('settings') },
    notify: {
      send: async (event: Told) => {
        told.push(event);
      },
    },
  }) satisfies Services;

export interface Recalculated extends RunReport {
  readonly told: readonly Told[];
  readonly phases: readonly string[];
}

export interface RecalculateOptions {
  readonly settings?: Partial<EntitlementSettings>;
  readonly actor?: Actor;
  readonly fence?: (trx: Transaction) => Promise<void>;
  readonly signal?: AbortSignal;
}

const defaults: EntitlementSettings = { units: 'enabled-and-warning', trialSeats: true, staleAfterHours: 24 };
let runs = 0;

/** Runs the task as the core does. */
export const recalculate = async (test: ComplianceTest, options: RecalculateOptions = {}): Promise<Recalculated> => {
  test.clock.advance(60_000);
  const told: Told[] = [];
  const phases: string[] = [];
  const context: TaskContext<EntitlementSettings> = {
    ...servicesOf(test, told),
    runId: `run-${++runs}`,
    item: { key: 'all' },
    trigger: 'manual',
    actor: options.actor ?? { id: 'eve', name: 'Eve' },
    options: { ...defaults, ...entitlementSection.defaults, ...options.settings },
    progress: { report: ({ phase }) => phases.push(phase.en) },
    signal: options.signal ?? new AbortController().signal,
    ticket: `ticket-${runs}`,
    fence: options.fence ?? (async () => undefined),
    notice: () => undefined,
  };
  return { ...(await recalculateTask.run(context)), told, phases };
};

const forbidden = (id: string) =>
  new KnownError(
    'FORBIDDEN',
    { kind: 'configuration', status: 403, message: { en: id, de: id }, remedy: { en: id, de: id } },
    {},
  );

/** A request by an actor who has these permissions; a grant with a scope holds for that scope only. */
export const requestBy = <P, Q>(
  grants: readonly { readonly permission: Permission; readonly scope?: Scope }[],
  parts: { readonly params?: P; readonly query?: Q } = {},
): RouteRequest<P, Q, undefined> => {
  const allows = async (permission: Permission, scope?: Scope): Promise<boolean> =>
    grants.some(
      (grant) => grant.permission.id === permission.id && (grant.scope === undefined || grant.scope.id === scope?.id),
    );
  return {
    params: (parts.params ?? {}) as P,
    query: (parts.query ?? {}) as Q,
    body: undefined,
    actor: { id: 'eve', name: 'Eve' },
    signal: new AbortController().signal,
    allows,
    require: async (permission, scope) => {
      if (!(await allows(permission, scope))) throw forbidden(permission.id);
    },
    audit: async () => undefined,
  };
};
