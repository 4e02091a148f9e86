import nodemailer from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostfix } from './postfix.ts';
import { type Relay, startRelay } from './relay.ts';
import { canListen, serversMissing } from './server-process.ts';
import { tokenIssuer } from './token-issuer.ts';

const missing = serversMissing('dovecot', 'postfix');

describe.skipIf(missing)(`Postfix for tests${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const issuer = tokenIssuer();
  let relay: Relay;
  beforeAll(async () => {
    relay = await startRelay({ keys: [issuer.key], issuers: [issuer.issuer] });
  });
  afterAll(async () => {
    await relay?.close();
  });

  const send = async (host: string, port: number, authority: string, accessToken: string, subject: string) => {
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port,
      secure: false,
      requireTLS: true,
      tls: { ca: authority, servername: host },
      auth: { type: 'OAuth2', user: 'a@example.test', accessToken },
      greetingTimeout: 10_000,
      connectionTimeout: 10_000,
      socketTimeout: 10_000,
    });
    await transport.sendMail({ from: 'a@example.test', to: 'b@example.test', subject, text: 'body' });
    transport.close();
  };

  it('relays for a good token and refuses a bad one, as does the submission service of Dovecot', async () => {
    const token = await issuer.token('a@example.test');
    await send(relay.postfix.host, relay.postfix.submission, relay.postfix.authority, token, 'by Postfix');
    await expect.poll(() => relay.sink.relayed.join(), { timeout: 20_000 }).toContain('by Postfix');
    await send(relay.dovecot.host, relay.dovecot.submission, relay.dovecot.authority, token, 'by Dovecot');
    await expect.poll(() => relay.sink.relayed.join(), { timeout: 20_000 }).toContain('by Dovecot');
    await expect(
      send(relay.postfix.host, relay.postfix.submission, relay.postfix.authority, 'bad', 'no'),
    ).rejects.toThrow('535');
  });

  it('frees its ports when it is closed', async () => {
    const other = await startPostfix({ sasl: relay.dovecot.sasl, relayPort: 9 });
    await other.close();
    await expect.poll(() => canListen(other.submission), { timeout: 20_000 }).toBe(true);
  });
});
