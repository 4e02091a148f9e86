import { apiVersion, defineErrors, type ErrorCatalogue, type ServerPlugin } from '@itsm-m365/plugin-api';
import { describe, expect, it, test } from 'vitest';
import { samplePlugin, sampleTask } from '../testing/tasks.ts';
import { exportName, loadPlugins } from './load.ts';
import { register, withdraw } from './register.ts';

const both = (en: string) => ({ en, de: en });
const plugin = (id: string, more: Partial<ServerPlugin> = {}): ServerPlugin => ({
  id,
  apiVersion,
  title: both(id),
  ...more,
});
const permission = (id: string) => ({ id, title: both(id), description: both(id) });
const task = (id: string) => ({ ...sampleTask('x', async () => undefined), id });
const now = Date.UTC(2026, 0, 1);

const outcome = (...plugins: ServerPlugin[]) => {
  const { accepted, failed } = register(plugins, {
    now,
    removed: [{ id: 'a.old', reason: '2026: merged into a.new' }],
  });
  return { accepted: accepted.map(({ id }) => id), failed: failed.map(({ id, error }) => [id, error.code]) };
};

// The contract's general catalogue takes no particular one: its index signature wants `definitions` to be a function.
const errorsOf = (en: string) =>
  defineErrors({ SHARED: { kind: 'internal', message: both(en), remedy: both('r') } }) as unknown as ErrorCatalogue;

describe('register', () => {
  it('accepts a sound plugin', () => {
    expect(outcome(samplePlugin([sampleTask('x', async () => undefined)]))).toEqual({
      accepted: ['sample'],
      failed: [],
    });
  });

  test.each<[string, ServerPlugin[], string, string[]]>([
    ['another version of the contract', [plugin('a', { apiVersion: 2 })], 'PLUGIN_API_VERSION', []],
    ['an id that is not in kebab case', [plugin('A_b')], 'PLUGIN_ID_INVALID', []],
    ['the same id twice', [plugin('a'), plugin('a')], 'PLUGIN_DUPLICATE', ['a']],
    ["the first step of the core's paths as id", [plugin('settings')], 'PLUGIN_ID_TAKEN', []],
    ['a requirement that is not there', [plugin('a', { requires: ['b'] })], 'PLUGIN_REQUIRES_MISSING', []],
    ['a task without the prefix', [plugin('a', { tasks: [task('b.x')] })], 'PLUGIN_ID_NOT_PREFIXED', []],
    ['a task that is not in kebab case', [plugin('a', { tasks: [task('a.X')] })], 'PLUGIN_ID_INVALID', []],
    ['a task twice', [plugin('a', { tasks: [task('a.x'), task('a.x')] })], 'PLUGIN_ID_TAKEN', []],
    [
      'a permission twice',
      [plugin('a', { permissions: [permission('a.p'), permission('a.p')] })],
      'PLUGIN_ID_TAKEN',
      [],
    ],
    ['an id that was removed', [plugin('a', { tasks: [task('a.old')] })], 'PLUGIN_ID_REMOVED', []],
    [
      'a schedule that is none',
      [plugin('a', { tasks: [{ ...task('a.x'), schedule: { kind: 'interval', minutes: 0 } }] })],
      'SCHEDULE_INVALID',
      [],
    ],
    [
      'no time limit',
      [plugin('a', { tasks: [{ ...sampleTask('x', async () => undefined, { timeoutMinutes: 0 }), id: 'a.x' }] })],
      'SCHEDULE_INVALID',
      [],
    ],
    [
      'a gauge of another plugin',
      [plugin('a', { gauges: [gauge('g')] }), plugin('b', { gauges: [gauge('g')] })],
      'PLUGIN_ID_TAKEN',
      ['a'],
    ],
    [
      'an error code with another meaning',
      [plugin('a', { errors: errorsOf('one') }), plugin('b', { errors: errorsOf('two') })],
      'PLUGIN_ID_TAKEN',
      ['a'],
    ],
  ])('lists a plugin with %s', (_, plugins, code, accepted) => {
    const result = outcome(...plugins);
    expect(result.failed.map(([, found]) => found)).toEqual([code]);
    expect(result.accepted).toEqual(accepted);
  });

  it('lets two plugins carry the same entry of a library that they share', () => {
    expect(outcome(plugin('a', { errors: errorsOf('one') }), plugin('b', { errors: errorsOf('one') })).failed).toEqual(
      [],
    );
  });

  it('starts the others, but for those that require a failed one', () => {
    const result = outcome(
      plugin('c', { requires: ['b'] }),
      plugin('b', { requires: ['a'] }),
      plugin('a', { apiVersion: 0 }),
      plugin('d'),
    );
    expect(result.accepted).toEqual(['d']);
    expect(result.failed).toEqual([
      ['a', 'PLUGIN_API_VERSION'],
      ['b', 'PLUGIN_REQUIRES_MISSING'],
      ['c', 'PLUGIN_REQUIRES_MISSING'],
    ]);
  });

  it('orders plugins after those that they require', () => {
    expect(
      outcome(plugin('c', { requires: ['b', 'a'] }), plugin('b', { requires: ['a'] }), plugin('a')).accepted,
    ).toEqual(['a', 'b', 'c']);
  });

  it('lists all of a circle of requirements', () => {
    const { accepted, failed } = outcome(
      plugin('a', { requires: ['b'] }),
      plugin('b', { requires: ['a'] }),
      plugin('c'),
    );
    expect(accepted).toEqual(['c']);
    expect(failed.map(([id]) => id).sort()).toEqual(['a', 'b']);
  });

  it('lists what cannot be read at all, and throws nothing', () => {
    const broken = {
      ...plugin('a'),
      get tasks(): never {
        throw new Error('no');
      },
    };
    expect(outcome(broken).failed).toEqual([['a', 'PLUGIN_LOAD_FAILED']]);
  });

  it('says in a sentence, in both languages, what is wrong', () => {
    const [failed] = register([plugin('a', { tasks: [task('b.x')] })], { now }).failed;
    expect(failed?.error.text('en')).toBe('The task "b.x" of plugin "a" does not begin with "a.".');
    expect(failed?.error.text('de')).toContain('beginnt nicht mit');
  });

  it('withdraws a plugin with those that require it', () => {
    const registration = register([plugin('a'), plugin('b', { requires: ['a'] }), plugin('c')], { now });
    const error = registration.failed[0]?.error ?? register([plugin('X')], { now }).failed[0]?.error;
    if (error === undefined) throw new Error('no error');
    const after = withdraw(registration, 'a', error);
    expect(after.accepted.map(({ id }) => id)).toEqual(['c']);
    expect(after.failed.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

function gauge(name: string) {
  return { name, help: name, read: async () => [] };
}

describe('loadPlugins', () => {
  it('computes the export from the name of the package', () => {
    expect(exportName('@itsm-m365/m365-import')).toBe('m365ImportPlugin');
    expect(exportName('licence-catalog')).toBe('licenceCatalogPlugin');
  });

  test.each([
    ['a package that is not there', 'no-such-package', 'PLUGIN_LOAD_FAILED'],
    ['a path', '../plugin.ts', 'PLUGIN_LOAD_FAILED'],
    ['a URL', 'data:text/javascript,export default 1', 'PLUGIN_LOAD_FAILED'],
    ['a package without the export', 'croner', 'PLUGIN_EXPORT_MISSING'],
  ])('lists %s', async (_, name, code) => {
    const { loaded, failed } = await loadPlugins([plugin('a'), name]);
    expect(loaded.map(({ id }) => id)).toEqual(['a']);
    expect(failed).toMatchObject([{ id: name, error: { code } }]);
  });
});
