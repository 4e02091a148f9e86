import type { Static, TSchema } from 'typebox';
import type { Randomness } from '../clock.ts';
import type { OutboundTcp } from '../network.ts';
import type { Logger } from '../services.ts';
import type { SecretBinding, SecretRef, Secrets, Settings, SettingsSection, StoredItem } from '../settings.ts';

/** A host's part of the contract, held in memory: what a real host keeps in its own tables. */

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string | undefined;
}

export const memoryLogger = (): Logger & { readonly lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const make = (context: object): Logger & { readonly lines: LogLine[] } => {
    const at = (level: string) => (fields: object, message?: string) => {
      lines.push({ level, fields: { ...context, ...fields }, message });
    };
    return {
      lines,
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...context, ...fields }),
    };
  };
  return make({});
};

const bindingKey = ({ owner, field, boundTo }: SecretBinding): string =>
  JSON.stringify([owner, field, Object.entries(boundTo).sort()]);

/** Refuses to reveal for another binding, as every host must. */
export const memorySecrets = (): Secrets => {
  const stored = new Map<string, { readonly value: string; readonly key: string }>();
  let made = 0;
  return {
    async store(value, binding) {
      made += 1;
      const ref = `secret-${made}`;
      stored.set(ref, { value, key: bindingKey(binding) });
      return ref as SecretRef;
    },
    async reveal(ref, binding) {
      const entry = stored.get(ref);
      if (entry === undefined || entry.key !== bindingKey(binding)) throw new Error('SECRET_UNREADABLE');
      return entry.value;
    },
    async remove(ref) {
      stored.delete(ref);
    },
  };
};

export interface MemorySettings extends Settings {
  put(section: string, id: string, value: object): void;
  remove(section: string, id: string): void;
}

export const memorySettings = (): MemorySettings => {
  const sections = new Map<string, Map<string, StoredItem<object>>>();
  const sectionOf = (id: string): Map<string, StoredItem<object>> => {
    const known = sections.get(id) ?? new Map<string, StoredItem<object>>();
    sections.set(id, known);
    return known;
  };
  // A host validates before it stores; what is stored here has the type of its section.
  const read = <S extends TSchema>(section: SettingsSection<S>, value: object): Static<S> =>
    ({ ...section.defaults, ...value }) as Static<S>;
  return {
    put: (section, id, value) => {
      const items = sectionOf(section);
      items.set(id, { id, value, version: (items.get(id)?.version ?? 0) + 1 });
    },
    remove: (section, id) => {
      sectionOf(section).delete(id);
    },
    value: async (section) => read(section, sectionOf(section.id).get('value')?.value ?? {}),
    items: async (section) =>
      [...sectionOf(section.id).values()].map((item) => ({ ...item, value: read(section, item.value) })),
    item: async (section, id) => {
      const item = sectionOf(section.id).get(id);
      return item === undefined ? undefined : { ...item, value: read(section, item.value) };
    },
  };
};

/** Repeats itself, so that a failing test fails again (splitmix32). */
export const seededRandom = (seed: number): Randomness => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return (value ^ (value >>> 15)) >>> 0;
  };
  const hex = (digits: number): string => next().toString(16).padStart(8, '0').slice(0, digits);
  return {
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`,
    key: () => 1 + (next() & 0x1fffff) * 4294967296 + next(),
    fraction: () => next() / 4294967296,
  };
};

/** Leads each `host:port` to a port of this machine, as the simulator's hosts are; everything else is not found. */
export const loopbackTcp = (ports: Readonly<Record<string, number>> = {}): OutboundTcp => ({
  async route(host, port) {
    const local = ports[`${host}:${port}`];
    if (local === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
    return [{ address: '127.0.0.1', port: local }];
  },
});
