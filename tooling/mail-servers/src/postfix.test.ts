import nodemailer from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { type Postfix, startPostfix } from './postfix.ts';
import { canListen, serversMissing } from './server-process.ts';
import { type Sink, startSink } from './sink.ts';
import { tokenIssuer } from './token-issuer.ts';

const missing = serversMissing('dovecot', 'postfix');

describe.skipIf(missing)(`Postfix for tests${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const issuer = tokenIssuer();
  let sink: Sink;
  let dovecot: Dovecot;
  let postfix: Postfix;
  beforeAll(async () => {
    sink = await startSink();
    const relayPort = sink.port;
    dovecot = await startDovecot({ keys: [issuer.key], issuers: [issuer.issuer], relayPort });
    postfix = await startPostfix({ sasl: dovecot.sasl, relayPort });
  });
  afterAll(async () => {
    await postfix?.close();
    await dovecot?.close();
    await sink?.close();
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
    await send(postfix.host, postfix.submission, postfix.authority, token, 'by Postfix');
    await expect.poll(() => sink.relayed.join(), { timeout: 20_000 }).toContain('by Postfix');
    await send(dovecot.host, dovecot.submission, dovecot.authority, token, 'by Dovecot');
    await expect.poll(() => sink.relayed.join(), { timeout: 20_000 }).toContain('by Dovecot');
    await expect(send(postfix.host, postfix.submission, postfix.authority, 'bad', 'no')).rejects.toThrow('535');
  });

  it('frees its ports when it is closed', async () => {
    const other = await startPostfix({ sasl: dovecot.sasl, relayPort: 9 });
    await other.close();
    await expect.poll(() => canListen(other.submission), { timeout: 20_000 }).toBe(true);
  });
});
