import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, faultOf, serverOf } from '../testing/channel-context.ts';
import { type ScriptedOptions, type ScriptedServer, scriptedServer } from '../testing/scripted-server.ts';
import { probeServer } from './probe.ts';

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const start = async (options: ScriptedOptions = {}): Promise<ScriptedServer> => {
  server = await scriptedServer(() => undefined, options);
  return server;
};

describe('the look at a server', () => {
  it('tells address, TLS version and certificate, and sends nothing', async () => {
    const peer = await start();
    const facts = await probeServer({ protocol: 'imap', server: serverOf(peer) }, contextOf(peer));
    expect(facts.address).toBe('127.0.0.1');
    expect(facts.tls).toMatchObject({ version: 'TLSv1.3', subject: peer.host, issuer: peer.host });
    expect(Date.parse(facts.tls?.validTo ?? '')).not.toBeNaN();
    expect(facts.tls?.fingerprint256).toMatch(/^[0-9A-F:]{95}$/);
    expect(peer.seen).toEqual([]);
  });

  it('stops after connecting where encryption begins within the protocol', async () => {
    const peer = await start({ encryption: 'starttls' });
    const facts = await probeServer(
      { protocol: 'smtp', server: serverOf(peer, { encryption: 'starttls' }) },
      contextOf(peer),
    );
    expect(facts).toEqual({ address: '127.0.0.1' });
  });

  it('MAIL-03: refuses a server that speaks less than TLS 1.2, with this reason', async () => {
    const peer = await start({ tls: { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } });
    const facts = await faultOf(probeServer({ protocol: 'imap', server: serverOf(peer) }, contextOf(peer)));
    expect(facts.stage).toBe('tls');
    const { faultRow } = await import('./rows.ts');
    expect(faultRow(facts).code).toBe('MAIL_TLS_OLD');
  });

  it('tells a certificate of an unknown authority even where the account would let it pass', async () => {
    const peer = await start();
    const facts = await faultOf(
      probeServer(
        { protocol: 'imap', server: serverOf(peer, { authority: '', acceptUntrusted: true }) },
        contextOf(peer),
      ),
    );
    expect(facts).toMatchObject({ stage: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('tells a name that is not found', async () => {
    const target = { host: 'nowhere.example.test', port: 993, authority: '' };
    const facts = await faultOf(
      probeServer({ protocol: 'imap', server: serverOf(target) }, contextOf({ host: 'other.example.test', port: 993 })),
    );
    expect(facts).toMatchObject({ stage: 'address', code: 'ENOTFOUND', server: 'nowhere.example.test:993' });
  });
});
