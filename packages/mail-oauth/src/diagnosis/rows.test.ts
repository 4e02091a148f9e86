import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { languages } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import { ChannelFault, type FaultFacts } from '../channels/fault.ts';
import { faultError } from './fault-error.ts';
import { hasWords } from './match.ts';
import { faultRow, faultRows } from './rows.ts';

const server = 'outlook.office365.com:993';

type Given = Partial<FaultFacts>;

const fault = (given: Given): ChannelFault =>
  new ChannelFault({ stage: 'connect', protocol: 'imap', server, ...given });
const smtp = (status: number, words: string, stage: FaultFacts['stage'] = 'login'): Given => ({
  stage,
  protocol: 'smtp',
  status,
  reply: `${status} ${words}`,
});
const rowOf = (given: Given) => faultRow(fault(given).facts);

/** What comes close to a row and must not be taken for it; what does belong to it is in `provoked.test.ts`. */
const neighbours: readonly (readonly [row: string, given: Given])[] = [
  ['name-unknown', { code: 'ENOTCONN' }],
  ['name-unknown', { code: 'ENOTFOUND', protocol: 'graph' }],
  ['address-not-allowed', { code: 'ECONNREFUSED' }],
  ['connection-refused', { code: 'ECONNRESET' }],
  ['unreachable', { code: 'ENOTFOUND' }],
  ['greeting-missing', { code: 'TIMEOUT', stage: 'connect' }],
  ['answer-missing', { code: 'TIMEOUT', stage: 'greeting' }],
  ['timeout', { code: 'TIMEOUT', stage: 'folder' }],
  ['connection-closed', { code: 'ClosedSomehow', stage: 'login' }],
  ['connection-closed', { stage: 'list', reply: 'goodbyes' }],
  ['connection-closed', { stage: 'sender', protocol: 'smtp', status: 421, reply: '421 4.4.2 Bye' }],
  ['tls-mismatch', { code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }],
  ['starttls-missing', { code: 'STARTTLS' }],
  ['tls-old', { code: 'ERR_SSL_WRONG_VERSION_NUMBER', stage: 'tls' }],
  ['certificate-expired', { code: 'CERT_NOT_YET_VALID', stage: 'tls' }],
  ['certificate-early', { code: 'CERT_HAS_EXPIRED', stage: 'tls' }],
  ['certificate-name', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', stage: 'tls' }],
  ['certificate-untrusted', { code: 'ERR_TLS_CERT_ALTNAME_INVALID', stage: 'tls' }],
  ['certificate-other', { code: 'CERT_HAS_EXPIRED', stage: 'tls' }],
  ['web-certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', stage: 'tls' }],
  ['not-connected', { stage: 'login', reply: 'User is authenticated and connected.' }],
  ['throttled', { stage: 'list', reply: 'BAD Request is throttle-free.' }],
  ['dynamic-delivery', { stage: 'read', reply: 'Retrieval failed for the following message: 12' }],
  ['message-gone', { stage: 'read', reply: 'message gone' }],
  ['mailbox-moved', { stage: 'folder', code: 'UIDVALIDITY' }],
  ['folder-missing', { stage: 'login', reason: 'NONEXISTENT' }],
  ['receiving-trouble', { stage: 'login', reason: 'AVAILABLE' }],
  ['login-refused', { stage: 'folder', reply: 'NO AUTHENTICATE failed.' }],
  ['login-refused', { stage: 'login', protocol: 'pop', reply: '-ERR Authentication mechanism unknown.' }],
  ['smtp-auth-disabled', smtp(535, '5.7.139 Authentication unsuccessful, basic authentication is disabled.')],
  ['smtp-auth-disabled', smtp(535, '5.7.1 SmtpClientAuthentication is disabled')],
  ['basic-disabled', smtp(535, '5.7.3 basic authentication is disabled.')],
  ['policy', smtp(535, '5.7.3 Authentication unsuccessful')],
  ['policy', smtp(535, '5.7.1390 the request did not meet the criteria')],
  ['basic-retired', smtp(535, '5.7.3 Authentication unsuccessful')],
  ['not-authenticated', smtp(550, '5.7.5 Client refused', 'sender')],
  ['send-as-denied', smtp(550, '5.7.606 Access denied, banned sending IP', 'sender')],
  ['send-as-denied', smtp(554, '5.2.0 STOREDRV.Submission.Exception', 'data')],
  ['sent-copy-elsewhere', { stage: 'sent-items', protocol: 'smtp', code: 'TIMEOUT' }],
  ['too-large', smtp(550, '5.3.40 no', 'data')],
  ['sending-trouble', smtp(550, '5.1.10 RecipientNotFound', 'recipient')],
  ['smtp-login-refused', smtp(550, '5.7.30 Basic authentication is not supported')],
  ['sender-refused', smtp(501, '', 'recipient')],
  ['recipient-refused', smtp(550, '', 'sender')],
  ['message-refused', smtp(451, '', 'data')],
  ['ews-impersonation', { reply: 'ExchangeImpersonation SOAP header' }],
  ['ews-impersonation', { reply: 'SOAP header must not be present for this type of OAuth token.' }],
  ['ews-blocked', { protocol: 'graph', status: 403, reply: 'news' }],
  ['graph-permission', { protocol: 'graph', stage: 'folder', status: 401, reason: 'InvalidAuthenticationToken' }],
  ['graph-token', { protocol: 'graph', stage: 'login', status: 403 }],
  ['mailbox-not-enabled', { protocol: 'graph', status: 404, reason: 'MailboxNotEnabled' }],
  ['item-not-found', { protocol: 'graph', status: 404, reason: 'ErrorInvalidUser' }],
  ['invalid-user', { protocol: 'graph', status: 404, reason: 'ErrorItemNotFound' }],
  ['graph-access-denied', { protocol: 'graph', status: 401, reason: 'Unauthorized' }],
  ['graph-throttled', { protocol: 'graph', status: 503 }],
  ['graph-trouble', { protocol: 'graph', status: 429 }],
  ['authority-invalid', { code: 'AUTHORITY', stage: 'settings' }],
  ['login-invalid', { reply: 'LOGIN_INVALID', stage: 'folder' }],
  ['mechanism-missing', { protocol: 'smtp', stage: 'login', reply: 'AUTH LOGIN' }],
  ['starttls-injection', { code: 'STARTTLS_REFUSED', stage: 'tls' }],
  ['move-unsupported', { code: 'NOT_DONE', protocol: 'pop', stage: 'acknowledge' }],
  ['envelope-sender', { code: 'EENVELOPE', protocol: 'smtp', stage: 'recipient' }],
  ['envelope-recipient', { code: 'EENVELOPE', protocol: 'smtp', stage: 'sender' }],
  ['garbled', { code: 'UNKNOWN', stage: 'greeting' }],
  ['login-other', { stage: 'folder', reply: 'NO sorry' }],
  ['unexpected', { stage: 'login', reply: 'NO sorry' }],
];

/** What stands in sources as `code: '…'`, and what imapflow's codes are turned into. */
const codesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .flatMap((source) => [...source.matchAll(/(?:code|^ {2}[A-Za-z_]+): '([A-Z_]*)'/gm)].map(([, code = '']) => code));

describe('the diagnosis tables', () => {
  it.each(neighbours)('takes for %s only what it is, not what comes close (%#)', (id, given) => {
    expect(faultRows.map((row) => row.id)).toContain(id);
    expect(rowOf(given).id).not.toBe(id);
  });

  it('give every row a name of its own', () => {
    const ids = faultRows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('knows every code that a channel gives to a fault of its own making', () => {
    const known = new Set(faultRows.flatMap(({ when }) => when.flatMap(({ codes }) => codes ?? [])));
    const given = ['channels', 'transport'].flatMap((folder) => codesIn(join(import.meta.dirname, '..', folder)));
    expect(given.length).toBeGreaterThan(20);
    // Nothing is known of the first two; the third says what a stop left behind, and is no fault of a server.
    const untold = new Set(['', 'UNKNOWN', 'ABORTED']);
    expect([...new Set(given)].filter((code) => !untold.has(code) && !known.has(code))).toEqual([]);
  });

  it('names cause and remedy of every row in both languages, as sentences', () => {
    for (const { id, causes } of faultRows)
      for (const { cause, remedy } of causes)
        for (const language of languages)
          for (const text of [cause[language], remedy[language]]) {
            expect(text.length, id).toBeGreaterThan(12);
            expect(text, id).toMatch(/[.]$/);
            expect(text, id).not.toMatch(/\b(?:please|simply|just|easy|easily|bitte|einfach)\b/i);
          }
  });

  it('ADV-30: a timeout asks to check server and port, then the firewall', () => {
    const error = faultError(fault({ code: 'TIMEOUT' }));
    expect(error.code).toBe('MAIL_TIMEOUT');
    expect(error.remedy('en')).toMatch(
      /\(1\).*server and port of incoming and outgoing mail.*\(2\).*firewall.*IMAP, POP or SMTP/,
    );
    expect(error.remedy('de')).toMatch(/\(1\).*Server und Port von Posteingang und Postausgang.*\(2\).*Firewall/);
  });

  it('ADV-31: NO AUTHENTICATE failed lists its causes in the order to check them', () => {
    expect(rowOf({ stage: 'login', reply: 'NO AUTHENTICATE failed.' }).causes.map(({ id }) => id)).toEqual([
      'audience',
      'consent',
      'protocol',
      'service-principal',
      'mailbox-right',
      'user-name',
      'replication',
      'password',
    ]);
  });

  it('ADV-32: a refused sign-in names the missing consent, the warning icon and the menu', () => {
    const error = faultError(fault({ stage: 'login', reply: 'NO AUTHENTICATE failed.' }));
    expect(error.remedy('en')).toMatch(/API permissions; where a warning icon is shown, choose "Grant admin consent/);
    expect(error.remedy('de')).toContain('Administratorzustimmung für … erteilen');
  });

  it('ADV-33: a refused sign-in names the protocols that are off for the mailbox, and where to switch them on', () => {
    const error = faultError(fault({ stage: 'login', reply: 'NO AUTHENTICATE failed.' }));
    expect(error.remedy('en')).toMatch(
      /Users > Active users > mailbox > Mail > Manage email apps.*"IMAP".*"Authenticated SMTP"/,
    );
    expect(error.remedy('de')).toMatch(/E-Mail-Apps verwalten.*„IMAP“.*„Authentifiziertes SMTP“/);
  });

  it('MAIL-24: a refused sign-in says to wait some minutes after a change, rarely hours', () => {
    for (const protocol of ['imap', 'pop', 'smtp'] as const) {
      const error = faultError(fault({ stage: 'login', protocol, status: 535, reply: 'AUTHENTICATE failed' }));
      expect(error.remedy('en')).toContain('Wait some minutes, rarely hours, then test again with a new token.');
      expect(error.remedy('de')).toContain('Warten Sie einige Minuten, selten Stunden');
    }
  });

  it('MAIL-03: a server that speaks only old TLS is refused with this reason', () => {
    const error = faultError(fault({ stage: 'tls', code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }));
    expect(error.code).toBe('MAIL_TLS_OLD');
    expect(error.text('en')).toContain('does not speak TLS 1.2 or newer');
  });
});

describe('the error of a fault', () => {
  it('shows the server and its words, cleaned and without tokens', () => {
    const token = `eyJ${'a'.repeat(40)}.${'b'.repeat(20)}.c`;
    const error = faultError(
      fault({
        stage: 'login',
        reply: `NO AUTHENTICATE failed.\r\n\u202eBearer abcdefghijkl ${token} dXNlcj1hQGIB${'x'.repeat(20)}`,
      }),
    );
    expect(error.text('en')).toBe(
      'outlook.office365.com:993 refuses the sign-in: NO AUTHENTICATE failed. Bearer [redacted] [redacted] [redacted]',
    );
    expect(error.details).toMatchObject({ acts: 'operator', row: 'login-refused' });
  });

  it('stays bounded, whatever a server says', () => {
    const error = faultError(fault({ stage: 'folder', reply: 'x'.repeat(1_000_000), reason: 'y'.repeat(1_000_000) }));
    expect(error.message.length).toBeLessThan(1_200);
    expect(String(error.details.reason).length).toBeLessThanOrEqual(100);
  });

  it('does not fill what looks like a placeholder in the words of a server', () => {
    expect(faultError(fault({ stage: 'folder', reply: '{remedyEn}' })).text('en')).toContain('{remedyEn}');
  });
});

describe('whole words', () => {
  it.each([
    ['550 5.7.30 no', '5.7.3', false],
    ['535 5.7.3 no', '5.7.3', true],
    ['(5.7.3)', '5.7.3', true],
    ['ends with 5.7.3.', '5.7.3', true],
    ['5.7.3.1', '5.7.3', false],
    ['1.5.7.3', '5.7.3', false],
    ['5.7.30 then 5.7.3', '5.7.3', true],
    ['sendasdenied', 'SendAsDenied', true],
    ['', 'x', false],
  ])('in "%s", "%s": %s', (text, words, found) => {
    expect(hasWords(text, words)).toBe(found);
  });
});
