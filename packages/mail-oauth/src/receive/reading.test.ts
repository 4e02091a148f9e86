import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type ParseLimits, parseLimits } from './limits.ts';
import { type ReadMessage, readMessage } from './message.ts';
import { openParser } from './parser.ts';
import { type Spooled, spool } from './spool.ts';

const signal = new AbortController().signal;
const parser = openParser();
afterAll(() => parser.close());

const spoolOf = async (source: Buffer): Promise<Spooled> => {
  const spooled = await spool(Readable.from([source]), 200 * 1024 * 1024, signal);
  if (spooled === 'large') throw new Error('large');
  return spooled;
};

const read = async (
  source: Buffer | string,
  limits: Partial<ParseLimits> = {},
  ours: readonly string[] = [],
): Promise<ReadMessage> => {
  const spooled = await spoolOf(typeof source === 'string' ? Buffer.from(source) : source);
  try {
    const all = { ...parseLimits(200 * 1024 * 1024), ...limits };
    return readMessage(await parser.parse(spooled.fd, spooled.size, all, signal), new Set(ours));
  } finally {
    await spooled.close();
  }
};

const refusal = (source: Buffer | string, limits: Partial<ParseLimits> = {}): Promise<unknown> =>
  read(source, limits).then(
    () => 'read',
    (error: { readonly code?: string; readonly details?: { readonly reason?: string } }) =>
      `${error.code} ${error.details?.reason}`,
  );

const lines = (...all: readonly string[]): string => all.join('\r\n');

const mixed = (...parts: readonly string[]): string =>
  lines(
    'From: Ann <Ann@Example.com>',
    'Subject: parts',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    ...parts.flatMap((part) => ['--b', part]),
    '--b--',
    '',
  );

describe('charsets', () => {
  const body = (type: string, bytes: Buffer) =>
    read(Buffer.concat([Buffer.from(`From: a@b.example\r\n${type}\r\n\r\n`), bytes])).then(({ text }) => text.trim());
  const western = Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65, 0x20, 0x80]);

  it.each([
    ['windows-1252', 'Content-Type: text/plain; charset=windows-1252', western, 'Grüße €'],
    ['no charset and bytes of windows-1252', 'Content-Type: text/plain', western, 'Grüße €'],
    ['no content type at all', 'X-Nothing: 1', western, 'Grüße €'],
    ['a claim of UTF-8 that is wrong', 'Content-Type: text/plain; charset=utf-8', western, 'Grüße €'],
    ['a claim of ASCII that is wrong', 'Content-Type: text/plain; charset=us-ascii', western, 'Grüße €'],
    ['a charset that nobody knows', 'Content-Type: text/plain; charset=x-klingon', western, 'Grüße €'],
    ['UTF-8 without a claim', 'X-Nothing: 1', Buffer.from('Grüße €'), 'Grüße €'],
    ['UTF-7', 'Content-Type: text/plain; charset=utf-7', Buffer.from('Gr+APwA3w-e'), 'Grüße'],
    ['UTF-16', 'Content-Type: text/plain; charset=utf-16le', Buffer.from('Grüße', 'utf16le'), 'Grüße'],
    ['ISO-2022-JP', 'Content-Type: text/plain; charset=iso-2022-jp', Buffer.from('\u001b$B$"\u001b(B'), 'あ'],
    ['koi8-r', 'Content-Type: text/plain; charset=koi8-r', Buffer.from([0xcd, 0xc9, 0xd2]), 'мир'],
  ])('reads %s', async (_, type, bytes, text) => {
    expect(await body(type, bytes)).toBe(text);
  });
});

describe('header fields', () => {
  const subject = (value: string | Buffer) =>
    read(
      Buffer.concat([Buffer.from('Subject: '), Buffer.from(value), Buffer.from('\r\nFrom: a@b.example\r\n\r\nx')]),
    ).then((message) => message.subject);

  it.each([
    ['encoded words in a row', '=?utf-8?Q?Gr=C3=BC?=\r\n =?utf-8?Q?=C3=9Fe?=', 'Grüße'],
    ['a character cut in two words', '=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=', 'Grüße'],
    ['windows-1252 in base64', '=?windows-1252?B?R3L832U=?=', 'Grüße'],
    ['an unknown charset', '=?x-klingon?Q?abc?=', 'abc'],
    ['8-bit UTF-8', 'Grüße', 'Grüße'],
    ['8-bit windows-1252', Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65]), 'Grüße'],
    ['an encoded word that is broken', '=?utf-8?B?R3L', '=?utf-8?B?R3L'],
    ['control characters hidden in an encoded word', '=?utf-8?Q?a=00b=0D=0ABcc:=20x?=', 'a b Bcc: x'],
  ])('reads a subject with %s', async (_, value, expected) => {
    expect(await subject(value)).toBe(expected);
  });

  it('reads addresses in lower case, groups included, and keeps what is no address', async () => {
    const message = await read(
      lines(
        'From: =?utf-8?Q?J=C3=BCrgen?= <Juergen@EXAMPLE.com>',
        'To: Team: A@x.example, "B, C" <b@x.example>;, undisclosed',
        'Cc: <>',
        'Reply-To: one@x.example',
        'Message-ID: <m1@x.example>',
        'In-Reply-To: m0@x.example',
        'References: <r1@x.example> <r2@x.example>',
        'Date: Tue, 20 Jan 2026 10:11:12 +0100 (CET)',
        '',
        'text',
      ),
    );
    expect(message).toMatchObject({
      from: [{ address: 'juergen@example.com', name: 'Jürgen' }],
      to: [{ address: 'a@x.example' }, { address: 'b@x.example', name: 'B, C' }, { name: 'undisclosed' }],
      cc: [],
      replyTo: [{ address: 'one@x.example' }],
      messageId: '<m1@x.example>',
      inReplyTo: ['<m0@x.example>'],
      references: ['<r1@x.example>', '<r2@x.example>'],
      date: Date.UTC(2026, 0, 20, 9, 11, 12),
    });
  });

  it('reads a message without any header, and an empty one', async () => {
    expect(await read('\r\nonly a body')).toMatchObject({ from: [], subject: '', messageId: '', date: undefined });
    expect(await read('')).toMatchObject({ from: [], text: '', html: '', class: 'personal' });
  });
});

describe('bodies', () => {
  it('passes HTML on as it was written, scripts and all, and makes a text of it where there is none', async () => {
    const html = '<p onclick="x()">Hello <b>you</b></p><script>alert(1)</script><img src="cid:1">';
    const message = await read(lines('From: a@b.example', 'Content-Type: text/html', '', html));
    expect(message.html).toBe(html);
    expect(message.text).toContain('Hello you');
  });

  it('takes text and HTML of an alternative without mixing them', async () => {
    const message = await read(
      mixed(
        lines(
          'Content-Type: multipart/alternative; boundary=c',
          '',
          '--c',
          '',
          'plain',
          '--c',
          'Content-Type: text/html',
          '',
          '<i>html</i>',
          '--c--',
        ),
        lines('Content-Type: application/pdf; name=a.pdf', 'Content-Transfer-Encoding: base64', '', 'SGVsbG8='),
      ),
    );
    expect([message.text, message.html]).toEqual(['plain', '<i>html</i>']);
    expect(message.attachments.map(({ fileName, content }) => [fileName, Buffer.from(content).toString()])).toEqual([
      ['a.pdf', 'Hello'],
    ]);
  });

  it('reads NUL bytes, and line ends of both kinds mixed', async () => {
    const message = await read('From: a@b.example\nSubject: s\r\nX: \u0000\n\r\none\ntwo\r\n\u0000three');
    expect([message.subject, message.text]).toEqual(['s', 'one\ntwo\n\ufffdthree']);
  });

  it('reads base64 that is broken, cut off or not base64 at all', async () => {
    const part = (data: string) =>
      mixed(lines('Content-Type: application/x; name=f', 'Content-Transfer-Encoding: base64', '', data));
    const content = async (data: string) =>
      Buffer.from((await read(part(data))).attachments[0]?.content ?? []).toString();
    expect(await content('SGVs\r\nbG8')).toBe('Hello');
    expect(await content('SGV*sb=G8=')).toContain('Hel');
    expect(await content('')).toBe('');
  });

  it('reads multiparts without an end, without a boundary, and with parts that are nothing', async () => {
    const open = await read(lines('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'first', '--b', ''));
    expect(open.text.trim()).toBe('first');
    expect((await read(lines('Content-Type: multipart/mixed', '', '--b', '', 'x'))).html).toBe('');
    expect((await read(lines('Content-Type: multipart/mixed; boundary=""', '', '--', '', 'x'))).html).toBe('');
  });

  it('keeps a message within the message as one attachment, with its own parts unread', async () => {
    const inner = lines('From: other@x.example', 'Subject: inner', 'Content-Type: text/html', '', '<p>inner</p>');
    for (const disposition of ['inline', 'attachment']) {
      const message = await read(
        mixed(
          lines('', 'outer'),
          lines('Content-Type: message/rfc822', `Content-Disposition: ${disposition}`, '', inner),
        ),
      );
      expect([message.text.trim(), message.html, message.from[0]?.address]).toEqual(['outer', '', 'ann@example.com']);
      expect(message.attachments.map(({ fileName }) => fileName)).toEqual(['attachment-1.eml']);
      expect(Buffer.from(message.attachments[0]?.content ?? []).toString()).toContain('<p>inner</p>');
    }
  });
});

describe('attachment names', () => {
  const names = async (...fields: readonly string[]) =>
    (await read(mixed(lines(...fields, '', 'x')))).attachments.map(({ fileName }) => fileName);

  it.each([
    ['RFC 2231', "Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", 'Grüße.pdf'],
    [
      'RFC 2231 in pieces',
      "Content-Disposition: attachment; filename*0*=utf-8''Gr%C3%BC; filename*1*=%C3%9Fe; filename*2=.pdf",
      'Grüße.pdf',
    ],
    [
      'RFC 2047, which does not belong there',
      'Content-Disposition: attachment; filename="=?utf-8?Q?a=C3=A4.txt?="',
      'aä.txt',
    ],
    ['a path', 'Content-Disposition: attachment; filename="../../etc/passwd"', '_.._etc_passwd'],
    ['a path in RFC 2231', "Content-Disposition: attachment; filename*=utf-8''%2e%2e%5c%00x.txt", '__x.txt'],
    ['a turned reading direction', "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEfdp.exe", 'a_fdp.exe'],
    ['none', 'Content-Disposition: attachment', 'attachment-1'],
  ])('makes a safe one of %s', async (_, field, expected) => {
    expect(await names('Content-Type: application/octet-stream', field)).toEqual([expected]);
  });
});

describe('limits', () => {
  it('refuses what is beyond one, by its reason, and reads on with the next message', async () => {
    const many = (count: number) => mixed(...Array.from({ length: count }, () => lines('', 'x')));
    const deep = (depth: number) =>
      lines(
        ...Array.from({ length: depth }, (_, at) => [
          `Content-Type: multipart/mixed; boundary=b${at}`,
          '',
          `--b${at}`,
        ]).flat(),
        '',
        'core',
      );
    const files = (count: number) =>
      mixed(...Array.from({ length: count }, (_, at) => lines(`Content-Type: application/x; name=${at}`, '', 'x')));
    expect(await refusal(many(501))).toBe('MAIL_UNREADABLE parts');
    expect(await refusal(many(400))).toBe('read');
    expect(await refusal(deep(52))).toBe('MAIL_UNREADABLE depth');
    expect(await refusal(deep(50))).toBe('read');
    expect(await refusal(files(251))).toBe('MAIL_UNREADABLE attachments');
    expect(await refusal(files(250))).toBe('read');
    expect(await refusal(`X: ${'y'.repeat(1024 * 1024)}\r\n\r\nx`)).toBe('MAIL_UNREADABLE headers');
    expect(await refusal(`${'X: y\r\n'.repeat(10_001)}\r\nx`)).toBe('MAIL_UNREADABLE headers');
    expect(await refusal(`From: a@b.example\r\n\r\n${'x'.repeat(2000)}`, { textLength: 1000 })).toBe(
      'MAIL_UNREADABLE text',
    );
  });

  it('refuses 100,000 recipients by the size of the field, and bounds what a large field gives', async () => {
    const to = (count: number) =>
      `To: ${Array.from({ length: count }, (_, at) => `p${at}@x.example`).join(',\r\n ')}\r\n\r\nx`;
    expect(await refusal(to(100_000))).toBe('MAIL_UNREADABLE headers');
    expect((await read(to(20_000))).to).toHaveLength(5000);
  });

  it('passes HTML on that is too long for making a text of it', async () => {
    const html = `<p>${'word '.repeat(1000)}</p>`;
    const message = await read(`Content-Type: text/html\r\n\r\n${html}`, { htmlToText: 1000 });
    expect([message.html, message.text]).toEqual([html, '']);
  });

  it('gives a message up that takes too long, and reads the next one in a new thread', async () => {
    const long = `From: a@b.example\r\n\r\n${'x\r\n'.repeat(4_000_000)}`;
    expect(await refusal(long, { parseMs: 1 })).toBe('MAIL_UNREADABLE time');
    expect(await refusal('From: a@b.example\r\n\r\nx')).toBe('read');
  });

  it('ends at the signal', async () => {
    const controller = new AbortController();
    const spooled = await spoolOf(Buffer.from('From: a@b.example\r\n\r\nx'));
    const reading = parser.parse(spooled.fd, spooled.size, parseLimits(1000), controller.signal);
    controller.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
    await spooled.close();
  });

  it('blames no message where the parser is closed under it', async () => {
    const closing = openParser();
    const spooled = await spoolOf(Buffer.from(`From: a@b.example\r\n\r\n${'x\r\n'.repeat(1_000_000)}`));
    const reading = closing.parse(spooled.fd, spooled.size, parseLimits(1e9), signal);
    const outcome = expect(reading).rejects.toThrow('the parser was closed');
    await new Promise((resolve) => setImmediate(resolve));
    await closing.close();
    await outcome;
    await expect(closing.parse(spooled.fd, spooled.size, parseLimits(1e9), signal)).rejects.toThrow('closed');
    await spooled.close();
  });
});

describe('anything at all', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      '\r\n\r\n',
      '--b',
      '--b--',
      '\u0000',
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n',
      'Content-Type: text/html; charset=utf-7\r\n',
      'Content-Type: text/plain; format=flowed; charset=iso-2022-jp\r\n',
      'Content-Type: message/rfc822\r\n',
      "Content-Disposition: attachment; filename*0*=x'y'%; filename*1=\r\n",
      'Content-Transfer-Encoding: base64\r\n',
      'Content-Transfer-Encoding: quoted-printable\r\n',
      'From: =?utf-8?B?PGFAYj4=?= <=?x?Q?=FF?=@y>, g: a, b;\r\n',
      'To: ,,,;:<>"\r\n',
      'Date: x\r\nMessage-ID: <\r\nReferences: >>\r\n',
      'List-__proto__: <x>\r\n__proto__: x\r\nconstructor: y\r\n',
      '=\r\n=3D=XX=',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );

  it('is read or refused as unreadable, and harms nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
        const outcome = await refusal(Buffer.from(pieces.join(''), 'latin1'));
        expect(String(outcome)).toMatch(/^(read|MAIL_UNREADABLE \w+)$/);
      }),
      { numRuns: 200 },
    );
  });
});
