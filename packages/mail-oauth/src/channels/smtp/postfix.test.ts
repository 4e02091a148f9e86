import { type Relay, serversMissing, startRelay, tokenIssuer } from '@itsm-m365/mail-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf, faultOf, serverOf, tokensOf } from '../../testing/channel-context.ts';
import { openSmtp } from './open-smtp.ts';

const missing = serversMissing('dovecot', 'postfix');
const mime = Buffer.from('From: a@example.test\r\nSubject: real\r\nMessage-ID: <r@example.test>\r\n\r\nto Postfix\r\n');

describe.skipIf(missing)(`sending by real servers${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const issuer = tokenIssuer();
  let relay: Relay;
  beforeAll(async () => {
    relay = await startRelay({ keys: [issuer.key], issuers: [issuer.issuer] });
  }, 120_000);
  afterAll(async () => {
    await relay?.close();
  });

  const servers = () =>
    [
      ['Postfix, STARTTLS', { ...relay.postfix, port: relay.postfix.submission }, 'starttls'],
      ['Postfix, TLS', { ...relay.postfix, port: relay.postfix.submissions }, 'tls'],
      ['Dovecot, STARTTLS', { ...relay.dovecot, port: relay.dovecot.submission }, 'starttls'],
    ] as const;

  it('verifies and sends with a token, and renews one that has expired', async () => {
    for (const [name, server, encryption] of servers()) {
      const expired = await issuer.token('a@example.test', { expiresIn: -60 });
      const tokens = tokensOf('a@example.test', expired, await issuer.token('a@example.test'));
      const submission = await openSmtp(serverOf(server, { encryption }), tokens.login, contextOf(server));
      const envelope = { from: 'a@example.test', to: [`${encryption}@example.test`] };
      await submission.verify(envelope);
      expect((await submission.send(envelope, mime)).reply, name).toMatch(/^250 /);
      await submission.close();
      expect(tokens.asked).toEqual([undefined, expired]);
    }
    await expect.poll(() => relay.sink.relayed.length, { timeout: 30_000 }).toBe(3);
    for (const message of relay.sink.relayed) expect(message).toContain('Message-ID: <r@example.test>');
  }, 60_000);

  it('reads their refusals', async () => {
    for (const [, server, encryption] of servers()) {
      const foreign = await tokenIssuer().token('a@example.test');
      const { login } = tokensOf('a@example.test', foreign);
      const facts = await faultOf(openSmtp(serverOf(server, { encryption }), login, contextOf(server)));
      expect(facts).toMatchObject({ stage: 'login', code: '', status: 535, reason: '5.7.8' });
    }
    const server = { ...relay.postfix, port: relay.postfix.submission };
    const { login } = tokensOf('a@example.test', await issuer.token('a@example.test'));
    const submission = await openSmtp(serverOf(server, { encryption: 'starttls' }), login, contextOf(server));
    const large = submission.send({ from: 'a@example.test', to: ['b@example.test'] }, Buffer.alloc(11_000_000, 'a'));
    expect(await faultOf(large)).toMatchObject({ stage: 'data', code: 'TOO_LARGE' });
    await submission.close();
  }, 60_000);
});
