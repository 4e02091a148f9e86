import { describe, expect, it } from 'vitest';
import type { FaultFacts } from '../channels/fault.ts';
import { outboxErrors } from './errors.ts';
import { lookupLimits, planLookup } from './plan-lookup.ts';
import { longestServerWaitMs, planSend, sendLimits } from './plan-send.ts';

const now = Date.UTC(2026, 0, 15, 8, 20);
const minute = 60_000;
const row = { attempts: 1, created_at: now - minute, failed_code: '', reply: '' };
const random = { fraction: () => 1 };
const facts = (patch: Partial<FaultFacts>): FaultFacts => ({
  stage: 'data',
  protocol: 'smtp',
  server: 'smtp.example.test:587',
  code: '',
  reply: 'words',
  status: 0,
  reason: '',
  waitMs: 0,
  outcomeUnknown: false,
  ...patch,
});
const fault = (patch: Partial<FaultFacts>, over: Partial<typeof row> = {}) =>
  planSend({ ...row, ...over }, { kind: 'fault', facts: facts(patch), code: 'MAIL_X' }, now, random);

describe('what is next with a mail', () => {
  it.each([
    // A mail's own refusals: for good, or to be tried again.
    [{ stage: 'recipient', status: 550, reason: '5.1.1' }, 'refused', 'mail'],
    [{ stage: 'recipient', status: 450 }, 'queued', 'mail'],
    [{ stage: 'sender', status: 550, reason: '5.7.60' }, 'refused', 'mail'],
    [{ stage: 'data', status: 554, reason: '5.2.252' }, 'refused', 'mail'],
    [{ stage: 'data', status: 499 }, 'queued', 'mail'],
    [{ stage: 'data', status: 500 }, 'refused', 'mail'],
    [{ stage: 'data', status: 503 }, 'queued', 'mail'],
    [{ stage: 'data', code: 'TOO_LARGE' }, 'refused', 'mail'],
    [{ stage: 'recipient', code: 'EENVELOPE' }, 'refused', 'mail'],
    [{ stage: 'data', code: 'CLOSED' }, 'queued', 'mail'],
    // What would meet every mail of the account leaves the queue alone.
    [{ stage: 'address', code: 'ENOTFOUND' }, 'queued', 'account'],
    [{ stage: 'tls', code: 'CERT_HAS_EXPIRED' }, 'queued', 'account'],
    [{ stage: 'login', status: 535, reason: '5.7.3' }, 'queued', 'account'],
    [{ stage: 'login', status: 535, reason: '5.7.139' }, 'queued', 'account'],
    [{ stage: 'login', status: 550, reason: '5.7.30' }, 'queued', 'account'],
    [{ stage: 'sender', status: 530, reason: '5.7.57' }, 'queued', 'account'],
    [{ stage: 'sender', status: 550, reason: '5.7.30' }, 'queued', 'account'],
    [{ stage: 'data', status: 421, reason: '4.4.2' }, 'queued', 'account'],
    // Nobody knows.
    [{ stage: 'data', code: 'CLOSED', outcomeUnknown: true }, 'uncertain', 'mail'],
    [{ stage: 'data', status: 550, code: 'CLOSED', outcomeUnknown: true }, 'uncertain', 'mail'],
    // Graph.
    [{ protocol: 'graph', status: 400, reason: 'ErrorInvalidRecipients' }, 'refused', 'mail'],
    [{ protocol: 'graph', status: 403, reason: 'ErrorSendAsDenied' }, 'refused', 'mail'],
    [{ protocol: 'graph', status: 413 }, 'refused', 'mail'],
    [{ protocol: 'graph', status: 409 }, 'queued', 'mail'],
    [{ protocol: 'graph', status: 503 }, 'queued', 'mail'],
    [{ protocol: 'graph', status: 403, reason: 'ErrorAccessDenied' }, 'queued', 'account'],
    [{ protocol: 'graph', status: 404, reason: 'ErrorInvalidUser' }, 'queued', 'account'],
    [{ protocol: 'graph', status: 404, reason: 'MailboxNotEnabledForRESTAPI' }, 'queued', 'account'],
    [{ protocol: 'graph', status: 401 }, 'queued', 'account'],
    [{ protocol: 'graph', status: 429, waitMs: 7000 }, 'queued', 'account'],
  ] as const)('%j: %s, %s', (patch, state, ends) => {
    const step = fault(patch);
    expect([step.change.state, step.ends]).toEqual([state, ends]);
    expect(step.change).toMatchObject({ failed_code: 'MAIL_X', reply: 'words', sent_at: null });
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [6, 32],
    [7, 60],
    [500, 60],
  ])('after attempt %i waits %i minutes at most, and half of it at least', (attempts, minutes) => {
    const wait = (fraction: number): number =>
      planSend({ ...row, attempts }, { kind: 'fault', facts: facts({ status: 451 }), code: 'MAIL_X' }, now, {
        fraction: () => fraction,
      }).change.next_at - now;
    expect(wait(1)).toBe(minutes * minute);
    expect(wait(0)).toBe((minutes * minute) / 2);
  });

  it('waits as long as the server asks, and a day at most', () => {
    expect(fault({ status: 451, waitMs: 5 * minute }).change.next_at).toBe(now + 5 * minute);
    expect(fault({ status: 451, waitMs: 9e12 }).change.next_at).toBe(now + longestServerWaitMs);
    expect(fault({ protocol: 'graph', status: 429, waitMs: 7000 }).change.next_at).toBe(now + 7000);
  });

  it('gives up after both days and attempts, and never a mail of the account that could not sign in', () => {
    const old = { attempts: sendLimits.giveUpAttempts, created_at: now - sendLimits.giveUpMs };
    expect(fault({ status: 451 }, old).change).toMatchObject({ state: 'refused', failed_code: 'OUTBOX_GIVEN_UP' });
    expect(fault({ status: 451 }, { ...old, attempts: old.attempts - 1 }).change.state).toBe('queued');
    expect(fault({ status: 451 }, { ...old, created_at: old.created_at + 1 }).change.state).toBe('queued');
    expect(fault({ stage: 'login', status: 535 }, old).change.state).toBe('queued');
    expect(fault({ status: 421 }, old).change).toMatchObject({ state: 'refused', failed_code: 'OUTBOX_GIVEN_UP' });
  });

  it('lets a mail step back at which the server closes the connection, unless it says how long to wait', () => {
    expect(fault({ status: 421 }, { attempts: 4 }).change.next_at).toBe(now + 8 * minute);
    expect(fault({ status: 421, waitMs: 7000 }, { attempts: 4 }).change.next_at).toBe(now + 7000);
    expect(fault({ status: 530 }, { attempts: 4 }).change.next_at).toBe(now);
  });

  it('leaves the whole account alone where the server asks to wait', () => {
    for (const patch of [{ status: 451 }, { protocol: 'graph', status: 503 }, { code: 'CLOSED' }] as const) {
      expect(fault({ ...patch, waitMs: 7000 })).toMatchObject({ ends: 'account', change: { state: 'queued' } });
      expect(fault(patch).ends).toBe('mail');
    }
  });

  it('notes the answer, and which recipients were refused', () => {
    const accepted = { kind: 'accepted', reply: '250 OK', refused: [] } as const;
    expect(planSend(row, accepted, now, random)).toEqual({
      change: { state: 'sent', next_at: now, failed_code: '', reply: '250 OK', sent_at: now },
      ends: 'mail',
    });
    const partly = { ...accepted, refused: [{ to: 'c@x.test', reply: '550 5.1.1 Unknown' }] };
    expect(planSend(row, partly, now, random).change).toMatchObject({
      state: 'sent',
      failed_code: 'OUTBOX_RECIPIENTS_REFUSED',
      reply: '250 OK | c@x.test: 550 5.1.1 Unknown',
    });
    const many = {
      ...accepted,
      refused: Array.from({ length: 99 }, () => ({ to: 'c@x.test', reply: 'x'.repeat(900) })),
    };
    expect(planSend(row, many, now, random).change.reply).toHaveLength(1000);
  });

  it('leaves the queue intact where there is no token, or it was told to stop', () => {
    const error = outboxErrors.OUTBOX_MAIL_UNKNOWN();
    expect(planSend(row, { kind: 'error', error }, now, random)).toEqual({
      change: { state: 'queued', next_at: now, failed_code: 'OUTBOX_MAIL_UNKNOWN', reply: '', sent_at: null },
      ends: 'account',
    });
    expect(planSend(row, { kind: 'stopped' }, now, random)).toMatchObject({
      change: { state: 'queued', next_at: now, failed_code: '' },
      ends: 'account',
    });
  });

  it('does not try again what broke in a way that nobody foresaw', () => {
    const step = planSend(row, { kind: 'broken' }, now, random);
    expect(step).toMatchObject({ change: { state: 'uncertain' }, ends: 'account' });
  });

  it('lets a mail above the limit wait for the next full hour', () => {
    const { change } = planSend(row, { kind: 'limited' }, now, random);
    expect(change).toMatchObject({ state: 'queued', failed_code: 'OUTBOX_RATE_LIMITED' });
    expect(change.next_at).toBe(Date.UTC(2026, 0, 15, 9, 5));
    expect(planSend(row, { kind: 'limited' }, now, { fraction: () => 0 }).change.next_at).toBe(
      Date.UTC(2026, 0, 15, 9),
    );
  });
});

describe('what is next with a mail of which nobody knows whether it went', () => {
  const { settleMs, patienceMs, everyMs } = lookupLimits;
  it.each([
    ['found', 'hold', 0, 'sent', 'sent'],
    ['found', 'resend', patienceMs, 'sent', 'sent'],
    ['missing', 'hold', settleMs - 1, undefined, 'later'],
    ['missing', 'resend', settleMs - 1, undefined, 'later'],
    ['missing', 'hold', settleMs, 'held', 'held'],
    ['missing', 'resend', settleMs, 'queued', 'again'],
    ['failed', 'resend', patienceMs - 1, undefined, 'later'],
    ['failed', 'hold', patienceMs, 'held', 'held'],
    ['failed', 'resend', patienceMs, 'queued', 'again'],
    ['busy', 'hold', patienceMs, undefined, 'later'],
    ['busy', 'resend', patienceMs, undefined, 'later'],
    ['impossible', 'hold', 0, 'held', 'held'],
    ['impossible', 'resend', 0, 'queued', 'again'],
  ] as const)('%s, %s, after %i ms: %s, %s', (outcome, policy, age, state, decided) => {
    const step = planLookup({ changed_at: now - age, next_at: now }, outcome, policy, now);
    expect(step.decided).toBe(decided);
    expect(step.change.state).toBe(state);
    expect(step.change.next_at).toBe(decided === 'later' ? now + everyMs : now);
    if (state === 'sent') expect(step.change.sent_at).toBe(now - age);
  });

  it('decides nothing at the first look-up that fails after the host was down', () => {
    const down = { changed_at: now - 50 * minute * 60, next_at: now - patienceMs };
    const first = planLookup(down, 'failed', 'resend', now);
    expect(first).toEqual({ change: { next_at: now + everyMs }, decided: 'later' });
    const second = planLookup({ ...down, next_at: now + everyMs }, 'failed', 'resend', now + everyMs);
    expect(second.decided).toBe('again');
    expect(planLookup(down, 'missing', 'resend', now).decided).toBe('again');
  });

  it('comes again when a busy server says so, and no sooner than usual', () => {
    const next = (waitMs: number) =>
      planLookup({ changed_at: now, next_at: now }, 'busy', 'hold', now, waitMs).change.next_at;
    expect([next(1000), next(10 * minute), next(9e12)]).toEqual([
      now + everyMs,
      now + 10 * minute,
      now + longestServerWaitMs,
    ]);
  });
});
