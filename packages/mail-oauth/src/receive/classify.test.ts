import { describe, expect, it } from 'vitest';
import { classify, isProtected, type PartFacts } from './classify.ts';
import { headerOf } from './headers.ts';

const ours = new Set(['support@example.com']);

const part = (contentType: string, parameters: Readonly<Record<string, string>> = {}, disposition = ''): PartFacts => ({
  contentType,
  parameters,
  disposition,
});
const plain = [part('text/plain')];
const report = (type: string) => [part('multipart/report', { 'report-type': type }), part('text/plain')];

const classOf = (lines: readonly string[], parts: readonly PartFacts[] = plain, from = 'ann@example.net') =>
  classify(lines.map(headerOf), parts, [from], ours);

describe('the class of a message', () => {
  it.each([
    ['a person', ['Return-Path: <ann@example.net>', 'X-Mailer: Microsoft Outlook 16.0'], plain, 'personal'],
    ['a person whose subject says otherwise', ['Subject: Out of office: Undeliverable'], plain, 'personal'],
    ['a person whose program says no', ['Auto-Submitted: no', 'X-Auto-Response-Suppress: None'], plain, 'personal'],
    ['a person who wants no receipts', ['X-Auto-Response-Suppress: RN, NRN'], plain, 'personal'],
    ['a person, redirected by a mailbox rule', ['X-MS-Exchange-Inbox-Rules-Loop: old@example.com'], plain, 'personal'],
    [
      'a person who attached a calendar file',
      [],
      [part('multipart/mixed'), ...plain, part('text/calendar', { name: 'a.ics' }, 'attachment')],
      'personal',
    ],
    [
      'Exchange, out of office',
      [
        'Auto-Submitted: auto-generated',
        'X-Auto-Response-Suppress: All',
        'X-MS-Exchange-Inbox-Rules-Loop: b@example.net',
        'Return-Path: <>',
      ],
      plain,
      'auto-reply',
    ],
    [
      'a rule of Exchange that answers',
      ['X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent', 'X-Auto-Response-Suppress: DR, OOF, AutoReply'],
      plain,
      'auto-reply',
    ],
    ['vacation (RFC 5230)', ['Auto-Submitted: auto-replied (vacation)', 'Precedence: bulk'], plain, 'auto-reply'],
    [
      'an answering service with parameters',
      ['Auto-Submitted: auto-replied; owner-email="x@y.example"'],
      plain,
      'auto-reply',
    ],
    ['cPanel', ['X-Autorespond: hello', 'Precedence: auto_reply'], plain, 'auto-reply'],
    ['X-Autoreply', ['X-Autoreply: yes'], plain, 'auto-reply'],
    ['X-Autoreply that says no', ['X-Autoreply: no'], plain, 'personal'],
    [
      'Exchange, not delivered',
      ['Return-Path: <>', 'Auto-Submitted: auto-replied'],
      report('delivery-status'),
      'bounce',
    ],
    ['Postfix, delayed', ['Auto-Submitted: auto-replied', 'Return-Path: <>'], report('delivery-status'), 'bounce'],
    ['a report alone', [], [part('message/delivery-status')], 'bounce'],
    ['a read receipt of Outlook', ['Return-Path: <>'], report('disposition-notification'), 'read-receipt'],
    ['a read receipt in capitals', [], report('Disposition-Notification'), 'read-receipt'],
    ['a complaint (RFC 5965)', ['Return-Path: <>'], report('feedback-report'), 'automatic'],
    ['a mailing list', ['List-Id: <dev.lists.example.net>', 'Precedence: list'], plain, 'list'],
    ['a newsletter', ['List-Unsubscribe: <https://news.example.net/u>', 'Precedence: bulk'], plain, 'list'],
    [
      'notifications of a forge',
      ['List-ID: owner/name <name.owner.example.net>', 'Auto-Submitted: auto-generated'],
      plain,
      'list',
    ],
    ['a list of which only Precedence tells', ['Precedence: List'], plain, 'list'],
    ['monitoring', ['Auto-Submitted: auto-generated'], plain, 'automatic'],
    [
      'a notification of Sieve (RFC 5436)',
      ['Auto-Submitted: auto-notified; owner-email="x@y.example"'],
      plain,
      'automatic',
    ],
    ['a shop that wants no answers', ['X-Auto-Response-Suppress: OOF, AutoReply'], plain, 'automatic'],
    ['bulk mail', ['Precedence: bulk'], plain, 'automatic'],
    ['nothing but an empty return path', ['Return-Path: <>'], plain, 'automatic'],
    ['an empty return path with a space', ['Return-Path: < >'], plain, 'automatic'],
    [
      'a journal report',
      ['X-MS-Journal-Report:', 'Auto-Submitted: auto-generated'],
      [part('multipart/mixed'), ...plain, part('message/rfc822')],
      'journal-report',
    ],
    [
      'an invitation',
      [],
      [part('multipart/alternative'), ...plain, part('text/calendar', { method: 'REQUEST' })],
      'calendar',
    ],
    [
      'an answer to an invitation',
      ['X-Auto-Response-Suppress: All'],
      [part('text/calendar', { method: 'REPLY' })],
      'calendar',
    ],
  ] as const)('is told for %s', (_, lines, parts, expected) => {
    expect(classOf(lines, parts)).toBe(expected);
  });

  it('tells reports without a form of their own by the return path and the machine, not by one of them', () => {
    expect(classOf(['Return-Path: <>'], plain, 'mailer-daemon@example.net')).toBe('bounce');
    expect(classOf(['Return-Path: <>'], plain, 'postmaster@example.net')).toBe('bounce');
    expect(classOf([], plain, 'postmaster@example.net')).toBe('personal');
  });

  it('tells what comes from ourselves, unless it is a report about it', () => {
    expect(classOf(['List-Id: <x.example>'], plain, 'support@example.com')).toBe('from-ourselves');
    expect(classOf([], report('delivery-status'), 'support@example.com')).toBe('bounce');
    expect(classOf([], plain, 'support@example.com.evil.example')).toBe('personal');
  });

  it('never asks the subject', () => {
    for (const subject of [
      'Automatic reply: x',
      'Undeliverable: y',
      'Read: z',
      'Abwesenheitsnotiz',
      'Delivery Status Notification (Failure)',
    ])
      expect(classOf([`Subject: ${subject}`])).toBe('personal');
  });
});

describe('a protected message', () => {
  const smime = (type: string) =>
    part('application/pkcs7-mime', { 'smime-type': type, name: 'smime.p7m' }, 'attachment');
  it.each([
    ['S/MIME encrypted', [smime('enveloped-data')], true],
    ['S/MIME encrypted with authentication', [smime('authEnveloped-data')], true],
    ['S/MIME without a type', [part('application/x-pkcs7-mime')], true],
    ['S/MIME encrypted, with a footer of a list around it', [part('multipart/mixed'), smime('enveloped-data')], true],
    ['S/MIME signed, opaque', [smime('signed-data')], false],
    [
      'S/MIME signed, clear',
      [part('multipart/signed'), part('text/plain'), part('application/pkcs7-signature')],
      false,
    ],
    ['certificates only', [smime('certs-only')], false],
    ['PGP', [part('multipart/encrypted'), part('application/pgp-encrypted'), part('application/octet-stream')], true],
    [
      'rights management',
      [part('multipart/mixed'), part('text/plain'), part('application/x-microsoft-rpmsg-message')],
      true,
    ],
    [
      'an encrypted file attached to a text',
      [part('multipart/mixed'), part('text/plain'), smime('enveloped-data')],
      false,
    ],
    ['a text', plain, false],
    ['nothing', [], false],
  ] as const)('is told for %s', (_, parts, expected) => {
    expect(isProtected(parts)).toBe(expected);
  });
});
