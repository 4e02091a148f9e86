import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiVersion, defineErrors, definePlugin, defineSettings, type Host } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerTasks, type ServerTasks } from '../server-tasks.ts';
import { pendingTable } from '../store/pending.ts';
import { auditTable } from '../store/tables.ts';
import { type TestHost, testHost } from '../testing/host.ts';

const errors = defineErrors({
  ANSWER_LOST: {
    kind: 'network',
    message: { en: 'The answer was lost.', de: 'Die Antwort ging verloren.' },
    remedy: { en: 'Look again.', de: 'Erneut nachsehen.' },
  },
});

const both = (en: string) => ({ en, de: `${en} (de)` });
const permission = { id: 'sample.edit', title: both('Edit'), description: both('Edit') };
const text = (en: string) => ({ title: both(en) });
const removals: string[] = [];

const section = defineSettings({
  id: 'sample.places',
  kind: 'collection',
  title: { en: 'Places', de: 'Orte' },
  description: { en: 'Places', de: 'Orte' },
  schema: Type.Object(
    { name: Type.String({ ui: text('Name') }), key: Type.Optional(Type.String({ secret: true, ui: text('Key') })) },
    { additionalProperties: false },
  ),
  defaults: {},
  permissions: { read: permission, edit: permission },
  async removed(item) {
    removals.push(item.id);
  },
});

const plugin = definePlugin({
  id: 'sample',
  apiVersion,
  title: both('Sample'),
  permissions: [permission],
  settings: [section],
});

const actor = { id: 'ann', name: 'Ann' };

describe('a change of settings that was cut off', () => {
  let folder: string;
  let host: TestHost;
  const open: ServerTasks[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'itsm-m365-'));
    host = testHost({ db: { dialect: 'sqlite', file: join(folder, 'pending.db') } });
    removals.length = 0;
  });
  afterEach(async () => {
    for (const tasks of open.splice(0)) await tasks.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (settings: Partial<Host['settings']> = {}): Promise<ServerTasks> => {
    for (const tasks of open.splice(0)) await tasks.stop();
    const tasks = await createServerTasks({ ...host, settings: { ...host.settings, ...settings } }, [plugin]);
    expect(tasks.plugins.failed).toEqual([]);
    open.push(tasks);
    return tasks;
  };
  const audited = async (tasks: ServerTasks) =>
    (await tasks.db.read((trx) => trx.rows(auditTable, (query) => query.orderBy('at'))))
      .filter(({ action }) => /^(settings|credential)/.test(action))
      .map(({ action, actor_id, details }) => [action, actor_id, details.version]);
  const left = (tasks: ServerTasks) => tasks.db.read((trx) => trx.rows(pendingTable));

  /** Never comes back, as from a process that was killed: the store did it, or did not. */
  const cutOff = (tasks: ServerTasks, work: Promise<unknown>, reached: Promise<void>): Promise<void> => {
    work.catch(() => undefined);
    return reached.then(() => expect(left(tasks)).resolves.toHaveLength(1));
  };

  const hanging = (name: 'put' | 'remove', takesEffect: boolean) => {
    let reach = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const never = new Promise<never>(() => undefined);
    const method = async (...given: never[]): Promise<never> => {
      if (takesEffect) await (host.settings[name] as (...args: never[]) => Promise<unknown>)(...given);
      reach();
      return never;
    };
    return { reached, store: { [name]: method } as Partial<Host['settings']> };
  };

  it('is audited by the next start with who made it and when, where it took effect; its old secret goes', async () => {
    let tasks = await start();
    const { id } = await tasks.settings.put(
      section.id,
      undefined,
      { name: 'one', key: 'first' },
      { actor, ifVersion: 0 },
    );
    const cut = hanging('put', true);
    tasks = await start(cut.store);
    await cutOff(
      tasks,
      tasks.settings.put(section.id, id, { name: 'two', key: 'second' }, { actor, ifVersion: 1 }),
      cut.reached,
    );
    expect(host.vault.size).toBe(2);
    tasks = await start();
    expect(await left(tasks)).toEqual([]);
    expect((await audited(tasks)).filter(([action]) => action !== 'credential.stored').sort()).toEqual([
      ['settings.changed', 'ann', 2],
      ['settings.created', 'ann', 1],
    ]);
    expect([...host.vault.values()].map(({ value }) => value)).toEqual(['second']);
    expect(await tasks.settings.get(section.id, id)).toMatchObject({ version: 2 });
  });

  it('leaves neither a line nor its new secret where it did not take effect', async () => {
    const cut = hanging('put', false);
    let tasks = await start(cut.store);
    const put = tasks.settings.put(section.id, undefined, { name: 'one', key: 'first' }, { actor, ifVersion: 0 });
    await cutOff(tasks, put, cut.reached);
    tasks = await start();
    expect([await left(tasks), await audited(tasks), [...host.vault]]).toEqual([[], [], []]);
  });

  it('is not taken for the change that somebody else made in its place, whose secret stays', async () => {
    let tasks = await start();
    const { id } = await tasks.settings.put(
      section.id,
      undefined,
      { name: 'one', key: 'kept' },
      { actor, ifVersion: 0 },
    );
    const cut = hanging('put', false);
    tasks = await start(cut.store);
    const put = tasks.settings.put(section.id, id, { name: 'two', key: 'new' }, { actor, ifVersion: 1 });
    await cutOff(tasks, put, cut.reached);
    const [stored] = await host.settings.list(section.id);
    const value = { ...(stored?.value as object), name: 'three' };
    await host.settings.put(section.id, id, value, { ifVersion: 1, actor: 'bob' });
    tasks = await start();
    expect(await left(tasks)).toEqual([]);
    expect((await audited(tasks)).map(([action]) => action)).not.toContain('settings.changed');
    expect([...host.vault.values()].map(({ value: secret }) => secret)).toEqual(['kept']);
  });

  it('is not undone where the answer to it was lost, and its secret stays', async () => {
    const tasks = await start({
      async put(...given) {
        await host.settings.put(...given);
        throw errors.ANSWER_LOST();
      },
      async remove(...given) {
        await host.settings.remove(...given);
        throw errors.ANSWER_LOST();
      },
    });
    const item = await tasks.settings.put(
      section.id,
      undefined,
      { name: 'one', key: 'first' },
      { actor, ifVersion: 0 },
    );
    expect([...host.vault.values()].map(({ value }) => value)).toEqual(['first']);
    await tasks.settings.remove(section.id, item.id, { actor, ifVersion: 1 });
    expect(removals).toEqual([item.id]);
    expect((await audited(tasks)).map(([action]) => action).sort()).toEqual([
      'credential.stored',
      'settings.created',
      'settings.removed',
    ]);
    expect(host.vault.size).toBe(0);
  });
});
