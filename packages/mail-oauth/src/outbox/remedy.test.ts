import { describe, expect, it } from 'vitest';
import { ChannelFault, type FaultFacts } from '../channels/fault.ts';
import { replyFacts } from '../channels/smtp/reply.ts';
import { faultError } from '../diagnosis/fault-error.ts';
import { outboxErrors } from './errors.ts';
import { remedyOf } from './remedy.ts';

const facts = (reply: string, more: Partial<FaultFacts> = {}) => ({
  stage: 'data' as const,
  protocol: 'smtp' as const,
  server: 'smtp.example.test:587',
  ...replyFacts(reply),
  ...more,
});

describe('the remedy of a mail that failed', () => {
  it.each([
    ['550 5.1.1 User unknown', { stage: 'recipient' }],
    ['550 5.7.60 SMTP; Client does not have permissions to send as this sender', {}],
    ['554 5.2.252 SendAsDenied; desk@example.com not allowed to send as team@example.com', {}],
    [
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox',
      { stage: 'login' },
    ],
    ['552 5.3.4 Message size exceeds fixed maximum message size', {}],
    ['554 5.6.0 Corrupt message content', {}],
    ['451 4.7.0 Temporary server error', {}],
    ['550 5.7.30 Basic authentication is not supported for Client Submission', { stage: 'sender' }],
  ] as const)('is that of the diagnosis, read from what the row keeps: %s', (reply, more) => {
    const error = faultError(new ChannelFault(facts(reply, more)));
    expect(remedyOf({ failed_code: error.code, reply: facts(reply).reply })).toEqual({
      en: error.details.remedyEn,
      de: error.details.remedyDe,
    });
  });

  it('is known where no server said anything, and where it said what nobody knows', () => {
    const large = faultError(new ChannelFault(facts('', { code: 'TOO_LARGE' })));
    expect(remedyOf({ failed_code: large.code, reply: '' })?.en).toBe(large.details.remedyEn);
    expect(remedyOf({ failed_code: 'MAIL_UNEXPECTED_REPLY', reply: '599 ?' })?.de).toBeTruthy();
  });

  it('is the catalogue’s for our own codes, which hold nothing to be filled in', () => {
    for (const code of [
      'OUTBOX_OUTCOME_UNKNOWN',
      'OUTBOX_GIVEN_UP',
      'OUTBOX_RATE_LIMITED',
      'OUTBOX_RECIPIENTS_REFUSED',
      'OUTBOX_SENDING_FAILED',
    ] as const) {
      const remedy = remedyOf({ failed_code: code, reply: '' });
      expect(remedy).toEqual(outboxErrors.definitions[code].remedy);
      expect(remedy?.en).not.toContain('{');
    }
  });

  it('is none where nothing failed', () => {
    expect(remedyOf({ failed_code: '', reply: '250 OK' })).toBeUndefined();
  });
});
