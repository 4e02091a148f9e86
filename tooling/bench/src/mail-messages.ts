import { randomBytes } from 'node:crypto';

/** Bytes that no compression and no cache takes away, in lines as mail has them. */
const lines = (bytes: number): string => {
  const text = randomBytes(Math.ceil((bytes * 3) / 4)).toString('base64');
  return (text.match(/.{1,76}/g) ?? []).join('\r\n');
};

const head = (number: number, more: readonly string[]): string =>
  [
    `From: Customer ${number} <customer-${number}@example.org>`,
    'To: desk@example.test',
    `Subject: Question ${number}`,
    `Message-ID: <question-${number}@example.org>`,
    'Date: Sat, 21 Nov 2026 08:00:00 +0000',
    'MIME-Version: 1.0',
    ...more,
    '',
  ].join('\r\n');

const plain = (number: number): string =>
  `${head(number, ['Content-Type: text/plain; charset=utf-8'])}\r\n${lines(3_000)}\r\n`;

const parts = (number: number, type: string, bodies: readonly (readonly [type: string, body: string])[]): string => {
  const boundary = `part-${number}`;
  const all = bodies.map(([kind, body]) => `--${boundary}\r\n${kind}\r\n\r\n${body}\r\n`).join('');
  return `${head(number, [`Content-Type: ${type}; boundary="${boundary}"`])}\r\n${all}--${boundary}--\r\n`;
};

const html = (number: number): string =>
  parts(number, 'multipart/alternative', [
    ['Content-Type: text/plain; charset=utf-8', lines(2_000)],
    ['Content-Type: text/html; charset=utf-8', `<p>${lines(20_000)}</p>`],
  ]);

const attached = (number: number): string =>
  parts(number, 'multipart/mixed', [
    ['Content-Type: text/plain; charset=utf-8', lines(1_000)],
    [
      'Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="screen.png"',
      lines(200_000),
    ],
  ]);

/** Message `number` of a help desk's day: of twenty, fifteen are short texts, four HTML, one has a picture attached. */
export const messageOf = (number: number): string => {
  const kind = number % 20;
  if (kind === 0) return attached(number);
  return kind <= 4 ? html(number) : plain(number);
};
