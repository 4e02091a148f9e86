import { join } from 'node:path';
import { databaseErrors, databaseNotices } from '@itsm-m365/database';
import { credentialNotices, graphErrors } from '@itsm-m365/graph-auth';
import { type ErrorDefinition, errorKinds, type NoticeDefinition } from '@itsm-m365/plugin-api';
import { hostErrors } from '@itsm-m365/reference-host';
import { allPlugins, taskErrors, taskNotices } from '@itsm-m365/server-tasks';
import { describe, expect, it } from 'vitest';
import { table } from './markdown.ts';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');

const errors: readonly (readonly [string, ErrorDefinition])[] = [
  databaseErrors,
  graphErrors,
  taskErrors,
  hostErrors,
  ...allPlugins.flatMap((plugin) => (plugin.errors === undefined ? [] : [plugin.errors])),
]
  .flatMap((catalogue) => Object.entries(catalogue.definitions as Record<string, ErrorDefinition>))
  .filter(([code], index, all) => all.findIndex(([other]) => other === code) === index)
  .sort(([a], [b]) => (a < b ? -1 : 1));

const notices: readonly (readonly [string, NoticeDefinition])[] = [
  taskNotices,
  databaseNotices,
  credentialNotices,
  ...allPlugins.flatMap((plugin) => (plugin.notices === undefined ? [] : [plugin.notices])),
]
  .flatMap((catalogue) => Object.entries(catalogue.definitions as Record<string, NoticeDefinition>))
  .filter(([code], index, all) => all.findIndex(([other]) => other === code) === index)
  .sort(([a], [b]) => (a < b ? -1 : 1));

const document = (): string =>
  [
    '# Errors and notices',
    '',
    'Made from the code; a test holds both equal. The kind says whose fault an error is, and decides its HTTP status and whether trying again can help.',
    '',
    table(
      ['Kind', 'HTTP', 'Trying again'],
      Object.entries(errorKinds).map(([kind, { status, retry }]) => [
        kind,
        String(status),
        retry ? 'can help' : 'does not help',
      ]),
    ),
    '',
    '## Errors',
    '',
    table(
      ['Code', 'Kind', 'Message', 'Remedy', 'Meldung', 'Abhilfe'],
      errors.map(([code, { kind, message, remedy }]) => [
        `\`${code}\``,
        kind,
        message.en,
        remedy.en,
        message.de,
        remedy.de,
      ]),
    ),
    '',
    '## Notices',
    '',
    table(
      ['Code', 'Severity', 'Message', 'Remedy', 'Meldung', 'Abhilfe'],
      notices.map(([code, { severity, message, remedy }]) => [
        `\`${code}\``,
        severity,
        message.en,
        remedy?.en ?? '',
        message.de,
        remedy?.de ?? '',
      ]),
    ),
    '',
  ].join('\n');

describe('the catalogue of errors', () => {
  it.each(errors)('%s says what to do, in English and German', (_, { message, remedy }) => {
    for (const text of [message.en, message.de, remedy.en, remedy.de]) expect(text.trim().length).toBeGreaterThan(8);
    // The sentences of GERR-02 to -06 stay English in both languages, so that they can be searched for.
    expect(remedy.en).not.toBe(remedy.de);
    expect([message.en, remedy.en].join(' ')).not.toMatch(/\b(?:please|simply|just|easy|easily)\b/i);
  });

  it.each(errors)('%s fills the same placeholders in both languages', (_, { message, remedy }) => {
    // `remedyEn` and `remedyDe` are one value in two languages.
    const names = (text: string) =>
      [...new Set([...text.matchAll(/\{(\w+?)(?:En|De)?\}/g)].map((match) => match[1]))].sort();
    expect(names(message.de)).toEqual(names(message.en));
    expect(names(remedy.de)).toEqual(names(remedy.en));
  });

  it('docs/errors.md equals the code', async () => {
    await expect(document()).toMatchFileSnapshot(join(docs, 'errors.md'));
  });
});
