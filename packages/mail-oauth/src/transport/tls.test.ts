import { once } from 'node:events';
import { connect, rootCertificates } from 'node:tls';
import { selfSignedCertificate } from '@itsm-m365/microsoft-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { openImap } from '../channels/imap/open-imap.ts';
import { openPop } from '../channels/pop/open-pop.ts';
import { contextOf, faultOf, serverOf, tokensOf } from '../testing/channel-context.ts';
import { handClock } from '../testing/hand-clock.ts';
import { type ScriptedServer, scriptedServer } from '../testing/scripted-server.ts';
import { openSocket } from './open-socket.ts';
import { secureSocket, tlsOptions, trusted } from './tls.ts';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const { login } = tokensOf('a@example.test', 'canary-token-abcdefghijklmnop');
const password = { kind: 'password', user: 'u', password: 'p' } as const;
const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

const secure = async (
  target: ScriptedServer,
  overrides: Parameters<typeof serverOf>[1] = {},
  kind: 'oauth' | 'password' = 'oauth',
) => {
  const named = serverOf(target, overrides);
  const context = contextOf(target);
  const { socket } = await openSocket('imap', named, context);
  return secureSocket('imap', socket, named, { kind }, context);
};

describe('TLS of the mail channels', () => {
  it('MAIL-03: refuses a server that speaks no TLS 1.2, says so, and sends it nothing', async () => {
    const target = await scriptedServer((peer) => peer.send('* OK\r\n'), { tls: old });
    server = target;
    // The server does speak TLS, to those who take less.
    const lenient = connect({
      ...old,
      host: '127.0.0.1',
      port: target.port,
      servername: target.host,
      ca: target.authority,
    });
    await once(lenient, 'secureConnect');
    expect(lenient.getProtocol()).toBe('TLSv1.1');
    lenient.destroy();
    const expected = { stage: 'tls', code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' };
    expect(await faultOf(openImap(serverOf(target), login, '', contextOf(target)))).toMatchObject(expected);
    expect(await faultOf(openPop(serverOf(target), login, contextOf(target)))).toMatchObject(expected);
    const accepting = serverOf(target, { acceptUntrusted: true });
    expect(await faultOf(openPop(accepting, password, contextOf(target)))).toMatchObject(expected);
    expect(target.seen).toEqual([]);
  });

  it('MAIL-17: trusts no unknown certificate by default, lets it pass for a password account that asks so, never with OAuth', async () => {
    server = await scriptedServer(() => undefined, { certificateHost: 'other.example.test' });
    const unknown = { authority: '' };
    expect(await faultOf(secure(server, unknown, 'password'))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const accepting = { ...unknown, acceptUntrusted: true };
    (await secure(server, accepting, 'password')).destroy();
    expect(await faultOf(secure(server, accepting))).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('trusts a private authority besides the public ones, for the name of the host only', async () => {
    server = await scriptedServer(() => undefined);
    (await secure(server)).destroy();
    expect(trusted(['own'])).toEqual([...rootCertificates, 'own']);
    const { secureContext } = tlsOptions('imap', serverOf(server), login);
    expect(secureContext).toBeDefined();
    expect(tlsOptions('smtp', serverOf(server), login).secureContext).toBe(secureContext);
    await server.close();
    server = await scriptedServer(() => undefined, { certificateHost: 'other.example.test' });
    expect(tlsOptions('imap', serverOf(server), login).secureContext).not.toBe(secureContext);
    expect(await faultOf(secure(server))).toMatchObject({ stage: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('tells an expired certificate', async () => {
    server = await scriptedServer(() => undefined, { notAfter: new Date('2021-01-01T00:00:00Z') });
    expect(await faultOf(secure(server))).toMatchObject({ stage: 'tls', code: 'CERT_HAS_EXPIRED' });
  });

  it('tells a server that speaks without TLS', async () => {
    server = await scriptedServer((peer) => peer.send('* OK ready\r\n'), { encryption: 'starttls' });
    expect(await faultOf(secure(server))).toMatchObject({ stage: 'tls', code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
  });

  it('refuses a private authority that cannot be read before it connects or asks for a token', async () => {
    server = await scriptedServer(() => undefined);
    const { certificatePem } = selfSignedCertificate();
    for (const authority of ['garbage', certificatePem.slice(0, 300), certificatePem.replace(/\nM/, '\nX')]) {
      const tokens = tokensOf('a@example.test', 'x');
      const broken = serverOf(server, { authority });
      expect(await faultOf(openPop(broken, tokens.login, contextOf(server)))).toMatchObject({
        code: 'AUTHORITY_INVALID',
      });
      expect(await faultOf(openImap(broken, tokens.login, '', contextOf(server)))).toMatchObject({ stage: 'settings' });
      expect(tokens.asked).toEqual([]);
    }
    expect(server.connections()).toBe(0);
  });

  it('gives up a server that says nothing in the handshake', async () => {
    server = await scriptedServer(() => undefined, { encryption: 'starttls' });
    const clock = handClock();
    const context = contextOf(server, { clock });
    const named = serverOf(server);
    const { socket } = await openSocket('imap', named, context);
    const securing = faultOf(secureSocket('imap', socket, named, login, context).finally(() => undefined));
    clock.advance(20_000);
    expect(await securing).toMatchObject({ stage: 'tls', code: 'TIMEOUT' });
    expect(socket.destroyed).toBe(true);
  });
});
