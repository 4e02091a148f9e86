import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface ShownBy {
  readonly id: string;
  readonly title: string;
  readonly file: string;
}

const testFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });

/** A test's or table's title that begins with a requirement's ID, in whichever quotes; `)(` comes after `it.each(…)`. */
const titlePattern = /(?:\b(?:it|test)[\w.]*\(|\)\()\s*(['"`])((?:[A-Z]{2,4}|M365)-\d{2}): ((?:(?!\1)[^\\]|\\.)*)\1/g;

/** Every test title in the repository that names a requirement. */
export const titlesIn = (root: string): readonly ShownBy[] =>
  ['packages', 'apps', 'tooling', 'test'].flatMap((ring) =>
    testFiles(join(root, ring)).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(titlePattern)].map((match) => ({
        id: match[2] ?? '',
        title: (match[3] ?? '').replaceAll('\\', ''),
        file: relative(root, path).replaceAll('\\', '/'),
      })),
    ),
  );
