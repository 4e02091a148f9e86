import { createServer, type Server } from 'node:net';
import { freePorts } from '@itsm-m365/mail-servers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contextOf, faultOf, serverOf } from '../testing/channel-context.ts';
import { handClock } from '../testing/hand-clock.ts';
import { openSocket } from './open-socket.ts';

const named = serverOf({ host: 'mail.example.test', port: 993, authority: '' });
let listener: Server;
let port = 0;

beforeEach(async () => {
  listener = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(() => listener.close());

const routed = (addresses: readonly { readonly address: string; readonly port: number }[]) =>
  contextOf(named, { tcp: { route: async () => addresses } });

describe('openSocket', () => {
  it('tries the addresses in their order, and tells the one that answered', async () => {
    const [closed = 0] = await freePorts(1);
    const good = { address: '127.0.0.1', port };
    const opened = await openSocket('imap', named, routed([{ address: '127.0.0.1', port: closed }, good]));
    expect(opened.address).toEqual(good);
    opened.socket.destroy();
    const all = await faultOf(openSocket('imap', named, routed([{ address: '127.0.0.1', port: closed }])));
    expect(all).toMatchObject({ stage: 'connect', code: 'ECONNREFUSED', server: 'mail.example.test:993' });
  });

  it('never looks a name up again', async () => {
    const facts = await faultOf(openSocket('imap', named, routed([{ address: 'localhost', port }])));
    expect(facts).toMatchObject({ stage: 'address', code: 'ENOTFOUND' });
  });

  it('tells what the way out says of the host', async () => {
    expect(await faultOf(openSocket('pop', { ...named, port: 1 }, contextOf(named)))).toMatchObject({
      stage: 'address',
      code: 'ENOTFOUND',
      protocol: 'pop',
    });
    const refused = Object.assign(new Error('refused'), { code: 'ADDRESS_REFUSED' });
    const context = contextOf(named, { tcp: { route: () => Promise.reject(refused) } });
    expect(await faultOf(openSocket('imap', named, context))).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('gives up a resolver that does not answer, and stops when it is aborted', async () => {
    const clock = handClock();
    const tcp = { route: () => new Promise<never>(() => undefined) };
    const waiting = faultOf(openSocket('imap', named, contextOf(named, { clock, tcp })));
    clock.advance(20_000);
    expect(await waiting).toMatchObject({ stage: 'address', code: 'TIMEOUT' });
    const control = new AbortController();
    const aborted = openSocket('imap', named, contextOf(named, { tcp, signal: control.signal }));
    const reason = new Error('enough');
    control.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(openSocket('imap', named, contextOf(named, { signal: control.signal }))).rejects.toBe(reason);
  });

  it('leaves the second address half of the time where the first one is silent', async () => {
    const clock = handClock();
    const slept = vi.spyOn(clock, 'sleep');
    const [closed = 0] = await freePorts(1);
    const two = [
      { address: '127.0.0.1', port: closed },
      { address: '127.0.0.1', port: closed },
    ];
    await faultOf(openSocket('imap', named, contextOf(named, { clock, tcp: { route: async () => two } })));
    expect(slept.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([20_000, 10_000, 20_000]);
  });
});
