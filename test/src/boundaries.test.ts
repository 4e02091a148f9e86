import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const scope = '@itsm-m365/';

/** What a package may import of the others, in its code that is shipped. Arrows point downward only. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'packages/plugin-api': [],
  'packages/database': ['plugin-api'],
  'packages/graph-auth': ['plugin-api'],
  'packages/licence-catalog': ['plugin-api', 'database'],
  'packages/m365-import': ['plugin-api', 'database', 'graph-auth', 'licence-catalog'],
  'packages/compliance-engine': ['plugin-api', 'database', 'licence-catalog'],
  'packages/mail-oauth': ['plugin-api', 'database', 'graph-auth'],
  'apps/server-tasks': [
    'plugin-api',
    'database',
    'graph-auth',
    'licence-catalog',
    'm365-import',
    'compliance-engine',
    'mail-oauth',
  ],
  'tooling/microsoft-simulator': [],
};

const sourcesOf = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist') return [];
    if (statSync(path).isDirectory()) return name === 'testing' ? [] : sourcesOf(path);
    return path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : [];
  });

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');

describe('boundaries between packages', () => {
  it.each(Object.entries(allowed))('%s imports only what lies below it', (name, below) => {
    const wrong = sourcesOf(join(root, name, 'src')).flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith(scope))
        .filter((target) => !below.some((one) => target === scope + one || target === `${scope}${one}/testing`))
        .map((target) => `${relative(root, file)} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(allowed))('%s reaches into no other package by a path', (name) => {
    const folder = join(root, name);
    const wrong = sourcesOf(join(folder, 'src')).flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .filter((target) => relative(folder, join(file, '..', target)).startsWith('..'))
        .map((target) => `${relative(root, file)} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('only server-tasks knows all plugins', () => {
    const plugins = ['licence-catalog', 'm365-import', 'compliance-engine', 'mail-oauth'];
    const knowing = Object.entries(allowed)
      .filter(([, below]) => plugins.every((plugin) => below.includes(plugin)))
      .map(([name]) => name);
    expect(knowing).toEqual(['apps/server-tasks']);
  });

  it.each(Object.keys(allowed))('%s asks no global for the time or for chance', (name) => {
    const mayAsk = /clock\.ts$|random\.ts$|main\.ts$|machine\.ts$/;
    const wrong = sourcesOf(join(root, name, 'src'))
      .filter((file) => !mayAsk.test(file))
      .filter((file) => /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(root, file));
    expect(wrong).toEqual([]);
  });
});
