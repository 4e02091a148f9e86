import { once } from 'node:events';
import { createServer } from 'node:http';
import { request } from 'undici';
import { describe, expect, it, test } from 'vitest';
import { isRefusedAddress, publicAgent, publicTcp } from './outbound.ts';

describe('isRefusedAddress', () => {
  test.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '2002:7f00:0001::',
    'not an address',
  ])('refuses %s', (address) => expect(isRefusedAddress(address)).toBe(true));

  test.each([
    '20.190.128.1',
    '172.32.0.1',
    '100.128.0.1',
    '2603:1026::1',
    '::ffff:20.190.128.1',
    '64:ff9b::20.190.128.1',
  ])('lets %s through', (address) => expect(isRefusedAddress(address)).toBe(false));
});

describe('publicAgent', () => {
  it('lets the hosts through that the operator allows, on their port, and no other', async () => {
    const server = createServer((_, response) => response.end('inside')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const agent = publicAgent({ allowedHosts: [`127.0.0.1:${port}`] });
    const answer = await request(`http://127.0.0.1:${port}/`, { dispatcher: agent });
    expect(await answer.body.text()).toBe('inside');
    await expect(request('http://127.0.0.1:9', { dispatcher: agent })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    });
    await agent.close();
    server.close();
  });

  it('knows the usual port of a protocol where the address names none', async () => {
    const agent = publicAgent({ allowedHosts: ['127.0.0.99:80', '127.0.0.99:443'] });
    for (const origin of ['http://127.0.0.99/', 'https://127.0.0.99/'])
      await expect(request(origin, { dispatcher: agent })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await agent.close();
  });

  it('refuses a private address in the URL itself', async () => {
    const agent = publicAgent();
    for (const origin of ['http://127.0.0.1:9', 'http://[::1]:9', 'http://[::ffff:127.0.0.1]:9', 'http://2130706433:9'])
      await expect(request(origin, { dispatcher: agent })).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    await agent.close();
  });

  it('refuses a name that leads to a private address, checked when the connection is made', async () => {
    const server = createServer((_, response) => response.end('secret')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const agent = publicAgent({
      resolve: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    await expect(request(`http://graph.example:${port}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
      details: { host: 'graph.example', address: '127.0.0.1' },
    });
    await agent.close();
    server.close();
  });
});

describe('publicTcp', () => {
  const resolve = (address: string) => (_host: string, _options: object, done: (error: null, found: never[]) => void) =>
    done(null, [{ address, family: 4 }] as never[]);

  it('gives the addresses that were checked, with the port asked for', async () => {
    const tcp = publicTcp({ resolve: resolve('52.96.0.1') });
    expect(await tcp.route('outlook.office365.com', 993)).toEqual([{ address: '52.96.0.1', port: 993 }]);
  });

  it.each(['10.1.2.3', '127.0.0.1', '169.254.169.254'])('refuses a name that leads to %s', async (address) => {
    await expect(publicTcp({ resolve: resolve(address) }).route('mail.example.com', 993)).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    });
  });

  it('refuses a private address without a name', async () => {
    await expect(publicTcp().route('192.168.1.10', 25)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    await expect(publicTcp().route('[::1]', 25)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('lets a host through that the operator allows, with or without its port', async () => {
    const options = { resolve: resolve('10.1.2.3') };
    for (const allowed of ['MAIL.example.com', 'mail.example.com:993']) {
      const tcp = publicTcp({ ...options, allowedHosts: [allowed] });
      expect(await tcp.route('Mail.Example.com', 993)).toEqual([{ address: '10.1.2.3', port: 993 }]);
    }
    await expect(
      publicTcp({ ...options, allowedHosts: ['mail.example.com:993'] }).route('mail.example.com', 25),
    ).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});
