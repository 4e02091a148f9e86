import { describe, expect, it } from 'vitest';
import { safeFileName } from './file-name.ts';
import { headerOf, messageIdsOf, shown } from './headers.ts';
import { mailDate } from './mail-date.ts';

describe('a Date field', () => {
  it.each([
    ['Tue, 20 Jan 2026 10:11:12 +0100', Date.UTC(2026, 0, 20, 9, 11, 12)],
    ['20 Jan 2026 10:11 -0930 (somewhere)', Date.UTC(2026, 0, 20, 19, 41)],
    ['Tue, 20 Jan 26 10:11:12 GMT', Date.UTC(2026, 0, 20, 10, 11, 12)],
    ['Tue, 20 Jan 98 10:11:12 EST', Date.UTC(1998, 0, 20, 15, 11, 12)],
    ['Sat, 29 Feb 2020 23:59:60 Z', Date.UTC(2020, 2, 1)],
    ['Sun, 29 Feb 2026 10:00:00 +0000', undefined],
    ['Tue, 20 Foo 2026 10:11:12 +0100', undefined],
    ['Tue, 20 Jan 2026 25:11:12 +0100', undefined],
    ['Tue, 20 Jan 2026 10:11:12 +9900', undefined],
    ['2026-01-20T10:11:12Z', undefined],
    ['foo 1', undefined],
    ['', undefined],
    [`${' '.repeat(100_000)}x`, undefined],
  ])('reads %j', (value, expected) => {
    expect(mailDate(value)).toBe(expected);
  });
});

describe('message ids', () => {
  it.each([
    ['<a@b.example>', ['<a@b.example>']],
    ['  <a@b.example>,<c@d.example>(x) ', ['<a@b.example>', '<c@d.example>']],
    ['a@b.example', ['<a@b.example>']],
    ['Your message of Tuesday', []],
    ['<with space>', []],
    [`<${'a'.repeat(997)}>`, []],
    ['', []],
  ])('are read from %j', (value, expected) => {
    expect(messageIdsOf(value)).toEqual(expected);
  });

  it('are bounded, and the nearest are kept', () => {
    const ids = messageIdsOf(Array.from({ length: 500 }, (_, at) => `<${at}@x>`).join(' '));
    expect([ids.length, ids.at(-1)]).toEqual([100, '<499@x>']);
    const thread = Array.from({ length: 150 }, (_, at) => `<${'x'.repeat(80)}${at}@mail.example>`);
    const { value } = headerOf(`References: ${thread.join('\r\n ')}`);
    expect(messageIdsOf(value)).toEqual(thread.slice(50));
  });
});

describe('a name of a file', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['..\\..\\x.txt', '_.._x.txt'],
    ['.bashrc', 'bashrc'],
    ['a\u0000b\r\n.txt', 'a_b__.txt'],
    ['invoice\u202efdp.exe', 'invoice_fdp.exe'],
    ['CON.txt', '_CON.txt'],
    ['console.txt', 'console.txt'],
    ['name. . ', 'name'],
    ['a:b|c?.txt', 'a_b_c_.txt'],
    ['\ud800.txt', '_.txt'],
    ['///', 'attachment-2.pdf'],
    ['', 'attachment-2.pdf'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(146)}.pdf`],
  ])('is made safe: %j', (name, expected) => {
    expect(safeFileName(name, 'application/pdf', 2)).toBe(expected);
  });
});

describe('a field that is shown', () => {
  it('has no control characters, is unfolded and is cut between characters', () => {
    expect(headerOf('Subject: one\r\n\t two\u0000\u0085three')).toEqual({ name: 'subject', value: 'one two three' });
    expect(headerOf('no colon')).toEqual({ name: '', value: '' });
    expect(shown('ab😀', 3)).toBe('ab');
  });
});
