import type { Text } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import { importErrors } from './errors.ts';
import { importNotices } from './notices.ts';
import { fullReasons } from './plan-reading.ts';

const placeholders = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))].sort();

const texts: readonly (readonly [string, Text])[] = [
  ...Object.entries({ ...importErrors.definitions, ...importNotices.definitions }).flatMap(([code, definition]) => [
    [`${code} message`, definition.message] as const,
    ...('remedy' in definition ? [[`${code} remedy`, definition.remedy] as const] : []),
  ]),
  ...Object.entries(fullReasons).map(([reason, text]) => [`reason ${reason}`, text] as const),
];

describe('texts for administrators', () => {
  it('say the same with the same values in both languages', () => {
    for (const [name, { en, de }] of texts) {
      expect([name, placeholders(de)]).toEqual([name, placeholders(en)]);
      expect([name, de === en, en.trim() === en, de.trim() === de]).toEqual([name, false, true, true]);
    }
  });

  it('ask for nothing politely and call nothing easy', () => {
    for (const [name, { en, de }] of texts) {
      expect([name, /\b(please|just|simply|easy|obviously)\b/i.test(en) || /\b(bitte|einfach)\b/i.test(de)]).toEqual([
        name,
        false,
      ]);
    }
  });

  it('give every error a remedy', () => {
    for (const { remedy } of Object.values(importErrors.definitions)) expect(remedy.de.length).toBeGreaterThan(10);
  });
});
