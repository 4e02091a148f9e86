import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { serversMissing } from './server-process.ts';
import { tokenIssuer } from './token-issuer.ts';

const missing = serversMissing('dovecot');

describe.skipIf(missing)(`Dovecot for tests${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const issuer = tokenIssuer();
  let dovecot: Dovecot;
  beforeAll(async () => {
    dovecot = await startDovecot({ keys: [issuer.key], issuers: [issuer.issuer] });
  });
  afterAll(() => dovecot?.close());

  const greeting = (port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, servername: dovecot.host, ca: dovecot.authority });
      socket.setTimeout(10_000, () => socket.destroy(new Error('no greeting')));
      socket.once('error', reject);
      socket.once('data', (chunk) => {
        socket.destroy();
        resolve(chunk.toString());
      });
    });

  it('greets on its ports with a certificate of its host name', async () => {
    expect(await greeting(dovecot.imaps)).toContain('AUTH=XOAUTH2');
    expect(await greeting(dovecot.pop3s)).toContain('+OK');
  });
});
