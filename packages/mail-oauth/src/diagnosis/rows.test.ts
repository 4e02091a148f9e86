import { languages } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import { ChannelFault, type FaultFacts } from '../channels/fault.ts';
import { faultError } from './fault-error.ts';
import { hasWords } from './match.ts';
import { canRetry, faultRow, faultRows } from './rows.ts';

const server = 'outlook.office365.com:993';

type Given = Partial<FaultFacts>;

const fault = (given: Given): ChannelFault =>
  new ChannelFault({ stage: 'connect', protocol: 'imap', server, ...given });
const rowOf = (given: Given) => faultRow(fault(given).facts);

/** Row, what provokes it with the words of the table, and a neighbour that must not. */
const provoked: readonly (readonly [row: string, given: Given, neighbour: Given])[] = [
  ['name-unknown', { code: 'ENOTFOUND', stage: 'address' }, { code: 'ENOTCONN' }],
  ['address-not-allowed', { code: 'ADDRESS_REFUSED', stage: 'address' }, { code: 'ECONNREFUSED' }],
  ['connection-refused', { code: 'ECONNREFUSED' }, { code: 'ECONNRESET' }],
  ['unreachable', { code: 'EHOSTUNREACH' }, { code: 'ENOTFOUND' }],
  ['greeting-missing', { code: 'GREETING_TIMEOUT', stage: 'greeting' }, { code: 'CONNECT_TIMEOUT' }],
  ['greeting-timeout', { code: 'TIMEOUT', stage: 'greeting' }, { code: 'TIMEOUT', stage: 'connect' }],
  ['timeout', { code: 'CONNECT_TIMEOUT' }, { code: 'GREETING_TIMEOUT' }],
  ['connection-closed', { code: 'ClosedAfterConnectTLS', stage: 'login' }, { code: 'ClosedSomehow', stage: 'login' }],
  ['tls-mismatch', { code: 'ERR_SSL_WRONG_VERSION_NUMBER', stage: 'tls' }, { code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }],
  ['starttls-missing', { code: 'STARTTLS_MISSING', stage: 'tls', protocol: 'smtp' }, { code: 'STARTTLS' }],
  [
    'tls-old',
    { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', stage: 'tls' },
    { code: 'ERR_SSL_WRONG_VERSION_NUMBER', stage: 'tls' },
  ],
  ['certificate-expired', { code: 'CERT_HAS_EXPIRED', stage: 'tls' }, { code: 'CERT_NOT_YET_VALID', stage: 'tls' }],
  ['certificate-early', { code: 'CERT_NOT_YET_VALID', stage: 'tls' }, { code: 'CERT_HAS_EXPIRED', stage: 'tls' }],
  [
    'certificate-name',
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', stage: 'tls' },
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', stage: 'tls' },
  ],
  [
    'certificate-untrusted',
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', stage: 'tls' },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', stage: 'tls' },
  ],
  ['certificate-other', { code: 'CERT_REVOKED', stage: 'tls' }, { code: 'CERT_HAS_EXPIRED', stage: 'tls' }],
  [
    'not-connected',
    { stage: 'login', reply: 'BAD User is authenticated but not connected.' },
    { stage: 'login', reply: 'User is authenticated and connected.' },
  ],
  [
    'throttled',
    { stage: 'list', reply: 'BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds' },
    { stage: 'list', reply: 'BAD Request is throttle-free.' },
  ],
  [
    'dynamic-delivery',
    { stage: 'read', reply: 'Retrieval using the IMAP4 protocol failed for the following message: 12' },
    { stage: 'read', reply: 'Retrieval failed for the following message: 12' },
  ],
  ['message-gone', { stage: 'read', code: 'MESSAGE_GONE' }, { stage: 'read', reply: 'message gone' }],
  ['mailbox-moved', { stage: 'folder', code: 'UIDVALIDITY_CHANGED' }, { stage: 'folder', code: 'UIDVALIDITY' }],
  [
    'folder-missing',
    { stage: 'folder', reason: 'NONEXISTENT', reply: "Archive doesn't exist." },
    { stage: 'login', reason: 'NONEXISTENT' },
  ],
  ['bye', { stage: 'list', reply: '* BYE Connection is closed. 13' }, { stage: 'list', reply: 'goodbyes' }],
  ['receiving-trouble', { stage: 'login', reason: 'UNAVAILABLE' }, { stage: 'login', reason: 'AVAILABLE' }],
  [
    'login-refused',
    { stage: 'login', reply: 'NO AUTHENTICATE failed.' },
    { stage: 'folder', reply: 'NO AUTHENTICATE failed.' },
  ],
  [
    'login-refused',
    {
      stage: 'login',
      protocol: 'pop',
      reply: '-ERR Authentication failure: unknown user name or bad password.',
    },
    { stage: 'login', protocol: 'pop', reply: '-ERR Authentication mechanism unknown.' },
  ],
  [
    'smtp-auth-disabled',
    {
      stage: 'login',
      protocol: 'smtp',
      status: 535,
      reason: '5.7.139',
      reply:
        '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled',
    },
    {
      stage: 'login',
      protocol: 'smtp',
      status: 535,
      reply: '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
    },
  ],
  [
    'smtp-auth-disabled',
    {
      stage: 'login',
      protocol: 'smtp',
      status: 535,
      reply: '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.',
    },
    { stage: 'login', protocol: 'smtp', status: 535, reply: '535 5.7.1 SmtpClientAuthentication is disabled' },
  ],
  [
    'basic-disabled',
    {
      stage: 'login',
      protocol: 'smtp',
      status: 535,
      reply: '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
    },
    { stage: 'login', protocol: 'smtp', status: 535, reply: '535 5.7.3 basic authentication is disabled.' },
  ],
  [
    'policy',
    {
      stage: 'login',
      protocol: 'smtp',
      status: 535,
      reply: "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.",
    },
    { stage: 'login', protocol: 'smtp', status: 535, reply: '535 5.7.3 Authentication unsuccessful' },
  ],
  [
    'policy',
    {
      stage: 'login',
      protocol: 'smtp',
      status: 535,
      reply:
        '535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.',
    },
    { stage: 'login', protocol: 'smtp', status: 535, reply: '535 5.7.1390 the request did not meet the criteria' },
  ],
  [
    'basic-retired',
    {
      stage: 'login',
      protocol: 'smtp',
      status: 550,
      reply: '550 5.7.30 Basic authentication is not supported for Client Submission',
    },
    { stage: 'login', protocol: 'smtp', status: 535, reply: '535 5.7.3 Authentication unsuccessful' },
  ],
  [
    'not-authenticated',
    { stage: 'sender', protocol: 'smtp', status: 530, reply: '530 5.7.57 Client not authenticated to send mail.' },
    { stage: 'sender', protocol: 'smtp', status: 550, reply: '550 5.7.5 Client refused' },
  ],
  [
    'send-as-denied',
    {
      stage: 'sender',
      protocol: 'smtp',
      status: 550,
      reply: '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    },
    { stage: 'sender', protocol: 'smtp', status: 550, reply: '550 5.7.606 Access denied, banned sending IP' },
  ],
  [
    'send-as-denied',
    {
      stage: 'data',
      protocol: 'smtp',
      status: 554,
      reply: '554 5.2.252 SendAsDenied; a@b.example not allowed to send as c@d.example',
    },
    { stage: 'data', protocol: 'smtp', status: 554, reply: '554 5.2.0 STOREDRV.Submission.Exception' },
  ],
  [
    'sent-copy-elsewhere',
    { stage: 'sent-items', protocol: 'smtp', code: 'SENT_COPY_ELSEWHERE' },
    { stage: 'sent-items', protocol: 'smtp', code: 'TIMEOUT' },
  ],
  [
    'too-large',
    {
      stage: 'data',
      protocol: 'smtp',
      status: 552,
      reply: '552 5.3.4 Message size exceeds fixed maximum message size',
    },
    { stage: 'data', protocol: 'smtp', status: 550, reply: '550 5.3.40 no' },
  ],
  [
    'sending-trouble',
    {
      stage: 'recipient',
      protocol: 'smtp',
      status: 451,
      reply: '451 4.7.0 Temporary server error. Please try again later.',
    },
    { stage: 'recipient', protocol: 'smtp', status: 550, reply: '550 5.1.10 RecipientNotFound' },
  ],
  [
    'smtp-login-refused',
    {
      stage: 'login',
      protocol: 'smtp',
      status: 535,
      reason: '5.7.3',
      reply: '535 5.7.3 Authentication unsuccessful [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM]',
    },
    { stage: 'login', protocol: 'smtp', status: 550, reply: '550 5.7.30 Basic authentication is not supported' },
  ],
  [
    'sender-refused',
    { stage: 'sender', protocol: 'smtp', status: 501, reply: '501 5.1.7 Invalid address' },
    { stage: 'recipient', protocol: 'smtp', status: 501 },
  ],
  [
    'recipient-refused',
    { stage: 'recipient', protocol: 'smtp', status: 550, reply: '550 5.1.1 User unknown' },
    { stage: 'sender', protocol: 'smtp', status: 550 },
  ],
  [
    'message-refused',
    { stage: 'data', protocol: 'smtp', status: 554, reply: '554 5.6.0 Corrupt message content' },
    { stage: 'data', protocol: 'smtp', status: 451 },
  ],
  [
    'ews-impersonation',
    { reply: 'ExchangeImpersonation SOAP header must be present for this type of OAuth token.' },
    { reply: 'ExchangeImpersonation SOAP header' },
  ],
  [
    'ews-impersonation',
    { reply: 'ExchangeImpersonation SOAP header must not be present for this type of OAuth token.' },
    { reply: 'SOAP header must not be present for this type of OAuth token.' },
  ],
  [
    'ews-blocked',
    { protocol: 'graph', status: 403, reply: 'EWS is disabled for this organization' },
    { protocol: 'graph', status: 403, reply: 'news' },
  ],
  [
    'graph-permission',
    { protocol: 'graph', stage: 'folder', status: 401, reason: 'NoPermissionsInAccessToken' },
    { protocol: 'graph', stage: 'folder', status: 401, reason: 'InvalidAuthenticationToken' },
  ],
  [
    'graph-token',
    { protocol: 'graph', stage: 'login', status: 401 },
    { protocol: 'graph', stage: 'login', status: 403 },
  ],
  [
    'mailbox-not-enabled',
    { protocol: 'graph', status: 404, reason: 'MailboxNotEnabledForRESTAPI' },
    { protocol: 'graph', status: 404, reason: 'MailboxNotEnabled' },
  ],
  [
    'item-not-found',
    { protocol: 'graph', status: 404, reason: 'ErrorItemNotFound' },
    { protocol: 'graph', status: 404, reason: 'ErrorInvalidUser' },
  ],
  [
    'invalid-user',
    { protocol: 'graph', status: 404, reason: 'ErrorInvalidUser' },
    { protocol: 'graph', status: 404, reason: 'ErrorItemNotFound' },
  ],
  [
    'graph-access-denied',
    { protocol: 'graph', status: 403, reason: 'ErrorAccessDenied' },
    { protocol: 'graph', status: 401, reason: 'Unauthorized' },
  ],
  ['graph-throttled', { protocol: 'graph', status: 429, waitMs: 10_000 }, { protocol: 'graph', status: 503 }],
  ['graph-trouble', { protocol: 'graph', status: 503 }, { protocol: 'graph', status: 429 }],
  ['authority-invalid', { code: 'AUTHORITY_INVALID', stage: 'settings' }, { code: 'AUTHORITY', stage: 'settings' }],
  [
    'login-invalid',
    { code: 'LOGIN_INVALID', stage: 'settings' },
    { code: '', reply: 'LOGIN_INVALID', stage: 'folder' },
  ],
  [
    'mechanism-missing',
    { code: 'AUTH_NOT_OFFERED', protocol: 'smtp', stage: 'login', reply: 'AUTH LOGIN' },
    { protocol: 'smtp', stage: 'login', reply: 'AUTH LOGIN' },
  ],
  ['starttls-injection', { code: 'STARTTLS_INJECTION', stage: 'tls' }, { code: 'STARTTLS_REFUSED', stage: 'tls' }],
  [
    'move-unsupported',
    { code: 'MOVE_UNSUPPORTED', protocol: 'pop', stage: 'acknowledge' },
    { code: 'NOT_DONE', protocol: 'pop', stage: 'acknowledge' },
  ],
  [
    'envelope-sender',
    { code: 'EENVELOPE', protocol: 'smtp', stage: 'sender' },
    { code: 'EENVELOPE', protocol: 'smtp', stage: 'recipient' },
  ],
  [
    'envelope-recipient',
    { code: 'EENVELOPE', protocol: 'smtp', stage: 'recipient' },
    { code: 'EENVELOPE', protocol: 'smtp', stage: 'sender' },
  ],
  ['garbled', { code: 'GARBLED', stage: 'greeting' }, { code: 'UNKNOWN', stage: 'greeting' }],
  ['login-other', { stage: 'login', reply: 'NO sorry' }, { stage: 'folder', reply: 'NO sorry' }],
  ['unexpected', { stage: 'folder', reply: 'NO sorry' }, { stage: 'login', reply: 'NO sorry' }],
];

describe('the diagnosis tables', () => {
  it.each(provoked)('recognises %s (%#)', (id, given, neighbour) => {
    expect(rowOf(given).id).toBe(id);
    expect(rowOf(neighbour).id).not.toBe(id);
  });

  it('has a provoking example for each row, and every row a name of its own', () => {
    const ids = faultRows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(provoked.map(([id]) => id))).toEqual(new Set(ids));
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

  it.each(faultRows.map((row) => [row.id, row] as const))('%s tells a retry by the kind of its error', (_, row) => {
    const passes = ['network', 'remote', 'conflict'];
    const [first] = provoked.filter(([id]) => id === row.id);
    const error = faultError(fault(first?.[1] ?? {}));
    expect(error.code).toBe(row.code);
    expect(canRetry(row)).toBe(passes.includes(error.kind));
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
