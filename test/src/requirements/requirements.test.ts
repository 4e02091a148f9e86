import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requirements } from './list.ts';
import { type ShownBy, titlesIn } from './titles.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const titles = titlesIn(root);

const shownBy = (id: string): readonly ShownBy[] => titles.filter((title) => title.id === id);

const cell = (text: string): string => text.replaceAll('|', '\\|');

const document = (): string => {
  const lines = requirements.map(({ id, what, state, home }) => {
    const tests = shownBy(id)
      .map(({ file, title }) => `\`${file}\`: ${cell(title)}`)
      .join('<br>');
    return `| ${id} | ${cell(what)} | ${home === undefined ? state : `${state}: ${home}`} | ${tests} |`;
  });
  return [
    '# Requirements and the tests that show them',
    '',
    'Made by `test/src/requirements`; a test holds this page, the list and the test titles equal.',
    'IDs are those of the source systems: portals and import (M365), credentials (AUTH), compliance (COMP), errors of Graph (GERR),',
    'mail (MAIL, ADV) and calendars (DP). *Screen not yet*: shown as API and `ui` schema; the console will show the screen.',
    '',
    '| ID | What | State | Shown by |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
};

describe('requirements', () => {
  it('every requirement marked as shown is named by a test title', () => {
    const missing = requirements
      .filter(({ state }) => state !== 'not yet')
      .filter(({ id }) => shownBy(id).length === 0);
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('no test names an unknown requirement, or one that is marked as not yet shown', () => {
    const known = new Map(requirements.map(({ id, state }) => [id, state]));
    const wrong = titles.filter(({ id }) => (known.get(id) ?? 'not yet') === 'not yet');
    expect(wrong).toEqual([]);
  });

  it('a title names one requirement', () => {
    expect(titles.filter(({ title }) => /\b(?:M365|AUTH|COMP|GERR|MAIL|ADV|DP)-\d{2}\b/.test(title))).toEqual([]);
  });

  it('docs/requirements.md equals the list and the tests', async () => {
    await expect(document()).toMatchFileSnapshot(join(root, 'docs', 'requirements.md'));
  });
});
