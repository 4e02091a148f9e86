import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askedWait, shownReply } from './shown-reply.ts';

const token = 'canary-token-abcdefghijklmnopqrstuvwxyz0123456789';

describe('shownReply', () => {
  it('keeps the words of a server, in one line of at most 1,000 characters', () => {
    const words = '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.';
    expect(shownReply(words)).toBe(words);
    expect(shownReply('a\r\n b\tc')).toBe('a b c');
    expect(shownReply('word '.repeat(5_000)).length).toBeLessThanOrEqual(1_000);
  });

  it('takes out control characters and bidi overrides', () => {
    expect(shownReply('a\x1b[31m\x07\u202eb\x00\u2028c')).toBe('a[31mbc');
  });

  it('shows no piece of a secret of 16 characters, in clear or within base64', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.string({ maxLength: 20 }), (from, cut, around) => {
        const echo = token.slice(from, token.length - Math.min(cut, token.length - from - 16));
        const shown = shownReply(`${around} ${echo} ${around}`, [token]);
        for (let at = 0; at + 16 <= token.length; at += 1) expect(shown).not.toContain(token.slice(at, at + 16));
      }),
    );
    for (const before of ['', 'x', 'xy', 'user=u\x01auth=Bearer ']) {
      const encoded = Buffer.from(`${before}${token}\x01\x01`).toString('base64');
      const shown = shownReply(`bad ${encoded.slice(0, 60)} end`, [token]);
      const left = shown.split(/[^A-Za-z0-9+/]/).map((run) => Buffer.from(run, 'base64').toString('latin1'));
      for (let at = 0; at + 16 <= token.length; at += 1) expect(left.join(' ')).not.toContain(token.slice(at, at + 16));
    }
  });

  it('shows no short password, no JSON web token of anybody and no long run of base64', () => {
    expect(shownReply('pass-word is wrong', ['pass-word'])).toBe('[redacted] is wrong');
    expect(shownReply(`got eyJhbGciOi.eyJzdWIi.c2ln now`)).toBe('got [redacted] now');
    expect(shownReply(`got ${'QUJD'.repeat(40)} now`)).toBe('got [redacted] now');
  });
});

describe('askedWait', () => {
  it('reads the time of Exchange, a day at most', () => {
    expect(askedWait('Request is throttled. Suggested Backoff Time: 1500 milliseconds')).toBe(1_500);
    expect(askedWait('Backoff Time: 999999999')).toBe(86_400_000);
    expect(askedWait('no')).toBe(0);
  });
});
