import { randomUUID } from 'node:crypto';
import {
  type Actor,
  defineErrors,
  type Host,
  type Logger,
  type Notice,
  type Scope,
  type SecretBinding,
  type SecretRef,
  type StoredItem,
} from '@itsm-m365/plugin-api';
import { type HandClock, testClock } from './clock.ts';

const hostErrors = defineErrors({
  SETTINGS_CHANGED: {
    kind: 'conflict',
    message: { en: 'The settings were changed.', de: 'Die Einstellungen wurden geändert.' },
    remedy: { en: 'Read them again.', de: 'Neu laden.' },
  },
  SECRET_UNREADABLE: {
    kind: 'credentials',
    message: { en: 'The secret cannot be read.', de: 'Das Geheimnis ist nicht lesbar.' },
    remedy: { en: 'Enter the credential again.', de: 'Die Anmeldedaten neu eingeben.' },
  },
});

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A host in memory, with everything it was told open to the test. */
export interface TestHost extends Host {
  readonly clock: HandClock;
  readonly log: LogEntry[];
  /** Stored secrets by reference. */
  readonly vault: Map<string, { readonly value: string; readonly binding: SecretBinding }>;
  readonly told: { readonly key: string; readonly notice: Notice }[];
  readonly states: { readonly id: string; readonly task: string; readonly state: string }[];
  /** Who is signed in; undefined for nobody. */
  signedIn: Actor | undefined;
  /** Decides on permissions; everything is allowed at first. */
  allow: (permission: string, scope: Scope | undefined) => boolean;
}

const memoryLogger = (log: LogEntry[], bound: object = {}): Logger => {
  const at = (level: LogEntry['level']) => (fields: object, message?: string) => {
    log.push({ level, fields: { ...bound, ...fields }, message: message ?? '' });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => memoryLogger(log, { ...bound, ...fields }),
  };
};

const memorySettings = (): Host['settings'] => {
  const sections = new Map<string, Map<string, StoredItem<unknown>>>();
  const of = (section: string) => {
    const known = sections.get(section) ?? new Map<string, StoredItem<unknown>>();
    sections.set(section, known);
    return known;
  };
  return {
    list: async (section) => [...of(section).values()],
    get: async (section, id) => of(section).get(id),
    async put(section, id, value, { ifVersion }) {
      if ((of(section).get(id)?.version ?? 0) !== ifVersion) throw hostErrors.SETTINGS_CHANGED();
      const item = { id, value: structuredClone(value), version: ifVersion + 1 };
      of(section).set(id, item);
      return item;
    },
    async remove(section, id, { ifVersion }) {
      if (of(section).get(id)?.version !== ifVersion) throw hostErrors.SETTINGS_CHANGED();
      of(section).delete(id);
    },
  };
};

const sameBinding = (a: SecretBinding, b: SecretBinding): boolean => {
  const key = ({ owner, field, boundTo }: SecretBinding) =>
    JSON.stringify([owner, field, Object.entries(boundTo).sort()]);
  return key(a) === key(b);
};

/** A host for tests: settings, secrets and log in memory, a hand-set clock, SQLite in memory unless told otherwise. */
export const testHost = (more: Partial<Pick<Host, 'db' | 'http'>> & { readonly clock?: HandClock } = {}): TestHost => {
  const log: LogEntry[] = [];
  const vault: TestHost['vault'] = new Map();
  const told: TestHost['told'] = [];
  const states: TestHost['states'] = [];
  const host: TestHost = {
    db: { dialect: 'sqlite', file: ':memory:' },
    clock: testClock(),
    settings: memorySettings(),
    secrets: {
      async reveal(ref, binding) {
        const found = vault.get(ref);
        if (found === undefined || !sameBinding(found.binding, binding)) throw hostErrors.SECRET_UNREADABLE();
        return found.value;
      },
      async store(value, binding) {
        const ref = `ref:${randomUUID()}` as SecretRef;
        vault.set(ref, { value, binding });
        return ref;
      },
      async remove(ref) {
        vault.delete(ref);
      },
    },
    permissions: {
      actor: async () => host.signedIn,
      allows: async (_actor, permission, scope) => host.allow(permission, scope),
    },
    logger: memoryLogger(log),
    notify: {
      async send(event) {
        told.push(event);
      },
    },
    monitor: {
      changed: (run) => {
        states.push(run);
      },
    },
    // Tests call `tick` themselves.
    scheduler: { start: () => ({ stop: () => undefined }) },
    signedIn: { id: 'ann', name: 'Ann' },
    allow: () => true,
    log,
    vault,
    told,
    states,
    ...more,
  };
  return host;
};
