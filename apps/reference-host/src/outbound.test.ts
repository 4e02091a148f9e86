import { once } from 'node:events';
import { createServer } from 'node:http';
import { publicAgent } from '@itsm-m365/server-tasks';
import { type Dispatcher, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { readConfiguration } from './configuration.ts';
import { createOutbound } from './outbound.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A proxy that notes what it is asked to connect to, and refuses. */
const startProxy = async (): Promise<{ readonly url: string; readonly asked: string[] }> => {
  const asked: string[] = [];
  const server = createServer().listen(0, '127.0.0.1');
  server.on('connect', (message, socket) => {
    asked.push(message.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await once(server, 'listening');
  closers.push(() => server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, asked };
};

const outbound = (env: NodeJS.ProcessEnv): Dispatcher => {
  const dispatcher = createOutbound({
    configuration: readConfiguration([], {}),
    env,
    simulator: undefined,
    guarded: (allowedHosts) => publicAgent({ allowedHosts }),
  });
  closers.push(() => dispatcher.close());
  return dispatcher;
};

describe('the way out', () => {
  it('goes through the proxy of the environment', async () => {
    const proxy = await startProxy();
    const dispatcher = outbound({ HTTPS_PROXY: proxy.url });
    await expect(request('https://graph.microsoft.com/v1.0/', { dispatcher })).rejects.toThrow();
    expect(proxy.asked).toEqual(['graph.microsoft.com:443']);
  });

  it('leaves out the hosts of NO_PROXY', async () => {
    const proxy = await startProxy();
    const dispatcher = outbound({ HTTPS_PROXY: proxy.url, NO_PROXY: 'localhost' });
    await expect(request('https://localhost:9/', { dispatcher })).rejects.toThrow();
    expect(proxy.asked).toEqual([]);
  });

  it('refuses private addresses where no proxy decides', async () => {
    await expect(request('http://127.0.0.1:9/', { dispatcher: outbound({}) })).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    });
  });
});
