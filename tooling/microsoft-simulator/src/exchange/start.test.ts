import { connect, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { createSimulator, type ExchangeOptions, type RunningExchange, startExchange } from '../index.ts';
import { mime, talkTo, userToken, xoauth2 } from '../testing/mail.ts';

const ann = 'ann@contoso.example';
const simulator = createSimulator({ secret: 's', tenants: [{ users: 10, mailboxes: [{ address: ann }] }] });
const servers: RunningExchange[] = [];

const serve = async (options?: ExchangeOptions): Promise<RunningExchange> => {
  const running = await startExchange(simulator, options);
  servers.push(running);
  return running;
};

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

/** `ok`, or the code a TLS client fails with. */
const shake = (
  { ports, authority }: RunningExchange,
  options: { readonly servername?: string; readonly ca?: string; readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' } = {},
): Promise<string> =>
  new Promise((resolve) => {
    const socket: TLSSocket = connect({
      port: ports.imaps,
      host: '127.0.0.1',
      ca: authority,
      servername: 'localhost',
      ...options,
    });
    socket.once('secureConnect', () => {
      resolve('ok');
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

test('the certificate is for the hosts of Exchange Online, and is trusted where its PEM is', async () => {
  const running = await serve();
  for (const servername of ['outlook.office365.com', 'smtp.office365.com', 'localhost']) {
    expect(await shake(running, { servername })).toBe('ok');
  }
  expect(await shake(running, { servername: 'mail.example.net' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  const other = await serve({ certificateNames: ['mail.example.net'] });
  expect(await shake(other)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await shake(running, { ca: '' })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});

test('an expired certificate and an old TLS can be had', async () => {
  const expired = await serve({ certificateNotAfter: new Date('2021-01-01T00:00:00Z') });
  expect(await shake(expired)).toBe('CERT_HAS_EXPIRED');
  const old = await serve({ maxVersion: 'TLSv1.2' });
  expect(await shake(old, { minVersion: 'TLSv1.3' })).not.toBe('ok');
});

test('ports are those asked for, and closing ends open sessions', async () => {
  const first = await serve();
  const talk = await talkTo(first, 'imaps');
  await talk.until(/^\* OK/);
  expect(first.connections()).toEqual({ open: 1, peak: 1, total: 1 });
  const { imaps } = first.ports;
  await first.close();
  expect(await talk.rest()).toBe('');
  servers.splice(0);
  expect((await serve({ ports: { imaps } })).ports.imaps).toBe(imaps);
});

test('messages are fetched one by one without a pause', async () => {
  const running = await serve();
  for (let at = 0; at < 500; at += 1) simulator.exchange.deliver(ann, mime(`Nr ${at}`));
  const talk = await talkTo(running, 'imaps');
  await talk.ask(`a AUTHENTICATE XOAUTH2 ${xoauth2(ann, userToken(simulator, ann))}`, /^a OK/);
  await talk.ask('b SELECT INBOX', /^b OK/);
  let text = '';
  for (let uid = 1; uid <= 500; uid += 1) text = await talk.ask(`c UID FETCH ${uid} (UID BODY.PEEK[])`, /^c OK/);
  expect(text).toContain('Subject: Nr 499');
  talk.close();
});
