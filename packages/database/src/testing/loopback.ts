import { once } from 'node:events';
import type { Server } from 'node:net';

export interface Loopback {
  readonly port: number;
  close(): Promise<void>;
}

/** Has a server listen on a free port of this machine. `cut` ends the connections that would keep it from closing. */
export const onLoopback = async (server: Server, cut: () => void): Promise<Loopback> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
};
