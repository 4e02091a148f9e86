import { describe, expect, it } from 'vitest';
import { fill, preferredLanguage } from './text.ts';

describe('texts', () => {
  it('leaves an unknown placeholder visible', () => {
    expect(fill('{known} and {unknown}', { known: 'this' })).toBe('this and {unknown}');
  });

  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT, en;q=0.5', 'de'],
    ['en;q=0.3, de;q=0.8', 'de'],
    ['fr, en;q=0.8, de;q=0.7', 'en'],
    ['fr', 'en'],
    ['de;q=0', 'en'],
    ['*', 'en'],
    [`${'x'.repeat(100_000)}`, 'en'],
  ] as const)('chooses a language for Accept-Language %j', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });
});
