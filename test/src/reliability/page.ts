import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');

/** Rows of the table under a heading of a document, without its head; cells as they are written. */
export const rowsUnder = (file: string, heading: string): readonly (readonly string[])[] => {
  const text = readFileSync(join(docs, file), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.slice(2, -2).split(' | '));
};

/** Every code that a text names. */
export const codesIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map((match) => match[1] ?? '');
