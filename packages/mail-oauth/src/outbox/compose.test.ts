import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeMail, type MailContent } from './compose.ts';

const parse = `
  const { simpleParser } = require('mailparser');
  simpleParser(process.stdin).then(({ subject, messageId, inReplyTo, references, text, html, date, from }) =>
    console.log(JSON.stringify({ subject, messageId, inReplyTo, references, text, html, date, from: from.value })));`;

/** In a Node of its own: the loader of the test runner mixes up the two forms of a module that the parser needs. */
const readBack = (mime: Buffer): Record<string, unknown> =>
  JSON.parse(
    execFileSync(process.execPath, ['-e', parse], { cwd: import.meta.dirname, input: mime, encoding: 'utf8' }),
  );

const date = Date.UTC(2026, 0, 15, 8);
const messageId = '<6e1f@example.test>';
const mail: MailContent & { messageId: string; date: number } = {
  from: 'support@example.test',
  fromName: 'Support Zürich',
  to: ['Ann@example.test'],
  cc: ['bob@example.test'],
  subject: 'Ticket 17: geänderte Priorität',
  text: 'Grüße\n.\nFrom here',
  automatic: true,
  messageId,
  date,
};

const headersOf = (mime: Buffer): readonly string[] => {
  const [head = ''] = mime.toString('utf8').split('\r\n\r\n', 1);
  return head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
};
const namesOf = (mime: Buffer): readonly string[] =>
  headersOf(mime)
    .map((line) => line.split(':', 1)[0]?.toLowerCase() ?? '')
    .sort();

describe('composing a mail', () => {
  it('writes headers, text and HTML that a reader understands, the same bytes each time', async () => {
    const html = '<p>Grüße</p>';
    const mime = await composeMail({
      ...mail,
      html,
      inReplyTo: '<q@x.test>',
      references: ['<p@x.test>', '<q@x.test>'],
    });
    expect(
      await composeMail({ ...mail, html, inReplyTo: '<q@x.test>', references: ['<p@x.test>', '<q@x.test>'] }),
    ).toEqual(mime);
    expect(readBack(mime)).toEqual({
      subject: mail.subject,
      messageId,
      inReplyTo: '<q@x.test>',
      references: ['<p@x.test>', '<q@x.test>'],
      html,
      text: mail.text,
      date: new Date(date).toISOString(),
      from: [{ address: 'support@example.test', name: 'Support Zürich' }],
    });
    expect(mime.toString('latin1')).not.toMatch(/[^\r]\n|\r[^\n]/);
    expect(mime.every((byte) => byte > 0 && byte < 128)).toBe(true);
  });

  it('tells machines not to answer automatic mail, and only that', async () => {
    expect(headersOf(await composeMail(mail))).toEqual(
      expect.arrayContaining(['Auto-Submitted: auto-generated', 'X-Auto-Response-Suppress: All']),
    );
    const names = namesOf(await composeMail({ ...mail, automatic: false }));
    expect(names).toEqual([
      'cc',
      'content-transfer-encoding',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]);
  });

  it('lets no text become a header, whatever it holds', async () => {
    const expected = namesOf(await composeMail(mail));
    const evil = fc.oneof(
      fc.constantFrom(
        '\r\nBcc: x@evil.test',
        '\nX-Evil: 1',
        '\r\rX: 1',
        '\u2028Bcc: x@evil.test',
        '\u0085X: 1',
        'a\0b',
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    const words = fc
      .tuple(fc.string({ maxLength: 20 }), evil, fc.string({ maxLength: 20 }))
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(words, words, words, async (subject, fromName, id) => {
        const mime = await composeMail({ ...mail, subject, fromName, inReplyTo: id, references: [id] });
        const names = namesOf(mime);
        expect(names.filter((name) => ![...expected, 'in-reply-to', 'references'].includes(name))).toEqual([]);
        expect(new Set(names).size).toBe(names.length);
        expect(namesOf(mime)).not.toContain('bcc');
        expect(mime.toString('utf8')).not.toMatch(/^(Bcc|X-Evil|X):/im);
      }),
      { numRuns: 100 },
    );
  });

  it('shows a subject and a name as one line that reads as it was written', async () => {
    const subject = 'one\r\nBcc: x@evil.test\u202etwo\u2028three\u0000';
    expect(readBack(await composeMail({ ...mail, subject, fromName: 'A\u2066\nB' }))).toMatchObject({
      subject: 'one Bcc: x@evil.test two three',
      from: [{ address: mail.from, name: 'A B' }],
    });
  });

  it.each([
    'a@example.test\r\nBcc: x@evil.test',
    'a@example.test>\r\nRCPT TO:<x@evil.test',
    'a b@example.test',
    'a@example.test, x@evil.test',
    'a@exa\u0000mple.test',
    '"a"@example.test',
    'Name <a@example.test>',
    '@example.test',
    'a@',
    'a@-x.test',
    `${'a'.repeat(65)}@example.test`,
    '',
  ])('refuses %j as an address', async (address) => {
    await expect(composeMail({ ...mail, to: [address] })).rejects.toMatchObject({ code: 'OUTBOX_ADDRESS_INVALID' });
    await expect(composeMail({ ...mail, from: address })).rejects.toMatchObject({ code: 'OUTBOX_ADDRESS_INVALID' });
  });

  it('takes addresses of all scripts, each once', async () => {
    const mime = await composeMail({
      ...mail,
      to: ['info@bücher.test', 'INFO@bücher.test', 'jürgen@example.test', "o'neil+x@x.test"],
    });
    const to = headersOf(mime).find((line) => line.startsWith('To:'));
    expect(to).toContain('xn--bcher-kva.test');
    expect(to).toContain('jürgen@example.test');
    expect(to?.split(',')).toHaveLength(3);
  });

  it('refuses a Message-ID that is none', async () => {
    for (const wrong of ['', '<a@b>\r\nX: 1', 'a@b', '<a b@c>'])
      await expect(composeMail({ ...mail, messageId: wrong })).rejects.toMatchObject({ code: 'OUTBOX_KEY_INVALID' });
  });
});
