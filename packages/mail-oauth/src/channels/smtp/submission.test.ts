import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, faultOf, serverOf, tokensOf } from '../../testing/channel-context.ts';
import { cut, drop, type SmtpReplies, type SmtpScript, smtpScript } from '../../testing/smtp-script.ts';
import type { ChannelContext, Submission } from '../channel.ts';
import { openSmtp } from './open-smtp.ts';

const mime = Buffer.from('From: a@example.test\r\nMessage-ID: <1@example.test>\r\n\r\ncanary of the body\r\n');
const envelope = { from: 'a@example.test', to: ['b@example.test', 'c@example.test'] };

const stopping = (stop: AbortController, reason: Error): string => {
  stop.abort(reason);
  return '250-wait';
};

describe('one mail by SMTP', () => {
  const servers: SmtpScript[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  const open = async (replies: SmtpReplies, overrides: Partial<ChannelContext> = {}) => {
    const server = await smtpScript(replies);
    servers.push(server);
    const { login } = tokensOf('a@example.test', 'token-of-the-delegate');
    const settings = serverOf(server, { encryption: 'starttls' });
    const submission: Submission = await openSmtp(settings, login, contextOf(server, overrides));
    return { server, submission };
  };

  it.each([
    ['pipelined', ['X', 'PIPELINING']],
    ['one by one', ['X']],
  ])('names the stage, the codes and the words of a refusal, %s', async (_, ehlo) => {
    const cases: readonly [SmtpReplies, string, number, string][] = [
      [{ mail: () => '530 5.7.57 Client not authenticated to send mail.' }, 'sender', 530, '5.7.57'],
      [{ rcpt: () => '550 5.1.10 RESOLVER.ADR.RecipientNotFound' }, 'recipient', 550, '5.1.10'],
      [{ rcpt: () => '451 4.7.0 Temporary' }, 'recipient', 451, '4.7.0'],
      [{ data: '452 4.3.1 Insufficient' }, 'data', 452, '4.3.1'],
      [{ end: '550 5.7.60 SMTP; Client does not have permissions to send as this sender' }, 'data', 550, '5.7.60'],
      [{ end: '554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException' }, 'data', 554, '5.2.0'],
      [{ end: '421 4.4.2 Connection dropped' }, 'data', 421, '4.4.2'],
    ];
    for (const [replies, stage, status, reason] of cases) {
      const { submission } = await open({ ...replies, ehlo });
      const facts = await faultOf(submission.send(envelope, mime));
      expect(facts).toMatchObject({ stage, status, reason, code: '', outcomeUnknown: false });
      expect(facts.reply).not.toContain('canary');
      await submission.close();
    }
  });

  it('answers with the recipients that were refused while others were accepted', async () => {
    const { submission, server } = await open({
      rcpt: (line) => (line.includes('c@') ? '550 5.1.1 Unknown' : '250 2.1.5 OK'),
    });
    expect(await submission.send(envelope, mime)).toMatchObject({
      refused: [{ to: 'c@example.test', reply: '550 5.1.1 Unknown' }],
    });
    expect(server.taken).toHaveLength(1);
  });

  it.each([
    ['taken', true],
    ['not taken', false],
  ])('knows nothing where the connection ends between the message and the answer (%s)', async (_, takes) => {
    const { submission, server } = await open({ end: drop, takes });
    expect(await faultOf(submission.send(envelope, mime))).toMatchObject({ stage: 'data', outcomeUnknown: true });
    expect(server.taken).toHaveLength(takes ? 1 : 0);
  });

  it('knows nothing where the answer is cut short, is none, or takes too long', async () => {
    const short = await open({ end: `${cut}550 5.7.1 No suc` });
    expect(await faultOf(short.submission.send(envelope, mime))).toMatchObject({ status: 550, outcomeUnknown: true });
    const garbage = await open({ end: 'what?' });
    expect(await faultOf(garbage.submission.send(envelope, mime))).toMatchObject({ outcomeUnknown: true });
    const silent = await open({ end: '250-and so on' }, { answerMs: 200 });
    expect(await faultOf(silent.submission.send(envelope, mime))).toMatchObject({
      stage: 'data',
      code: 'TIMEOUT',
      outcomeUnknown: true,
    });
  });

  it.each([
    ['at MAIL FROM', { mail: () => drop }],
    ['at RCPT TO', { rcpt: () => drop }],
    ['at DATA', { data: drop }],
  ])('knows that nothing went where the connection ends %s', async (_, replies) => {
    const { submission } = await open({ ...replies, ehlo: ['X'] });
    expect(await faultOf(submission.send(envelope, mime))).toMatchObject({ code: 'CLOSED', outcomeUnknown: false });
  });

  it('gives the bare reason back when stopped before the message, and says so when stopped after it', async () => {
    for (const [stage, known] of [
      ['mail', true],
      ['end', false],
    ] as const) {
      const stop = new AbortController();
      const reason = new Error('stop');
      const { submission } = await open(
        {
          ehlo: ['X'],
          ...(stage === 'mail' ? { mail: () => stopping(stop, reason) } : {}),
          rcpt: () => '250 2.1.5 OK',
          end: '250-wait',
        },
        { signal: stop.signal },
      );
      const sending = submission.send(envelope, mime);
      if (known) {
        await expect(sending).rejects.toBe(reason);
        continue;
      }
      const facts = faultOf(sending);
      await expect.poll(() => servers.at(-1)?.taken.length).toBe(1);
      stop.abort(reason);
      expect(await facts).toMatchObject({ stage: 'data', code: 'ABORTED', outcomeUnknown: true });
    }
  });

  it('refuses what the server would not take, and addresses that are none, without a word', async () => {
    const { submission, server } = await open({ ehlo: ['X', 'SIZE 50'] });
    const before = server.seen.length;
    expect(await faultOf(submission.send(envelope, mime))).toMatchObject({ stage: 'data', code: 'TOO_LARGE' });
    const evil = 'b@example.test>\r\nRCPT TO:<c@example.test';
    expect(await faultOf(submission.send({ ...envelope, to: [evil] }, mime))).toMatchObject({ code: 'EENVELOPE' });
    expect(await faultOf(submission.verify({ from: evil, to: ['x@y.z'] }))).toMatchObject({ code: 'EENVELOPE' });
    expect(server.seen).toHaveLength(before);
  });

  it('asks about sender and recipients without sending, and resets', async () => {
    const good = await open({});
    await good.submission.verify(envelope);
    expect(good.server.seen.slice(-4)).toEqual([
      'MAIL FROM:<a@example.test>',
      'RCPT TO:<b@example.test>',
      'RCPT TO:<c@example.test>',
      'RSET',
    ]);
    await good.submission.send(envelope, mime);
    expect(good.server.taken).toHaveLength(1);
    const refusing = await open({ rcpt: (line) => (line.includes('b@') ? '550 5.1.1 Unknown' : '250 2.1.5 OK') });
    expect(await faultOf(refusing.submission.verify(envelope))).toMatchObject({ stage: 'recipient', status: 550 });
    expect(refusing.server.seen.at(-1)).toBe('RSET');
    const sender = await open({ mail: () => '550 5.7.60 No' });
    expect(await faultOf(sender.submission.verify(envelope))).toMatchObject({ stage: 'sender', reason: '5.7.60' });
  });
});
