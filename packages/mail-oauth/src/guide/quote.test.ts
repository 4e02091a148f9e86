import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as commands from './commands.ts';
import { filterEquals, quote } from './quote.ts';

const isQuote = (character: string | undefined): boolean =>
  character !== undefined && "'\u2018\u2019\u201a\u201b".includes(character);

/**
 * PowerShell's reading of one single-quoted string, as its tokenizer does it: any of five characters opens and closes, and
 * of two in a row the second one counts. Gives the value and what follows the string.
 */
const readString = (text: string): { readonly value: string; readonly rest: string } => {
  if (!isQuote(text[0])) throw new Error('no string');
  let value = '';
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (!isQuote(character)) {
      value += character;
    } else if (isQuote(text[at + 1])) {
      at += 1;
      value += text[at];
    } else {
      return { value, rest: text.slice(at + 1) };
    }
  }
  throw new Error('string without an end');
};

const hostile = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      "'",
      '\u2018',
      '\u2019',
      '\u201a',
      '\u201b',
      '`',
      '$',
      '"',
      ';',
      '(',
      ')',
      '&',
      '|',
      ' ',
      'a',
    ),
  }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasControl = (value: string): boolean => /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);

describe('quoting for PowerShell', () => {
  it('reads back exactly as the value, with nothing behind it, or is refused', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        let quoted: string;
        try {
          quoted = quote(value);
        } catch {
          return;
        }
        expect(readString(`${quoted}; Remove-Mailbox`)).toEqual({ value, rest: '; Remove-Mailbox' });
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses every value with a control character', () => {
    fc.assert(
      fc.property(hostile.filter(hasControl), (value) => {
        expect(() => quote(value)).toThrow(expect.objectContaining({ code: 'GUIDE_VALUE_REFUSED' }));
      }),
    );
    for (const bad of ['a\nb', 'a\0', 'a\u2028b', 'a\u202eb', '\ud800'])
      expect(() => quote(bad)).toThrow(expect.objectContaining({ code: 'GUIDE_VALUE_REFUSED' }));
  });

  it('accepts what a name may hold', () => {
    expect(quote("o'brien@example.com")).toBe("'o''brien@example.com'");
    expect(quote('Käßle \u2019s')).toBe("'Käßle \u2019\u2019s'");
  });

  it('keeps a command of one string one command, whatever the address', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        let command: string;
        try {
          command = commands.mailboxPermission(value, 'principal');
        } catch {
          return;
        }
        const { value: read, rest } = readString(command.slice('Add-MailboxPermission -Identity '.length));
        expect(read).toBe(value);
        expect(rest).toBe(' -User $principal.Id -AccessRights FullAccess');
      }),
    );
  });

  it('quotes a filter twice, so that an address stays within it', () => {
    const line = commands.newManagementScope('Helpdesk', ["a'b@example.com", 'c@example.com']);
    const filter = readString(line.slice(line.indexOf('Filter ') + 'Filter '.length));
    expect(filter).toEqual({
      value: "PrimarySmtpAddress -eq 'a''b@example.com' -or PrimarySmtpAddress -eq 'c@example.com'",
      rest: '',
    });
    expect(() => filterEquals('PrimarySmtpAddress', 'a\u2019 -or 1')).toThrow(
      expect.objectContaining({ code: 'GUIDE_VALUE_REFUSED' }),
    );
  });
});
