import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** One connection through a relay: the two sockets that it joins. */
export interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export interface Relay {
  readonly port: number;
  /** Ends every connection and listens no more. */
  close(): Promise<void>;
}

export interface RelayOptions {
  readonly host: string;
  readonly port: number;
  /** Asked before a connection is made; default: all are. */
  accepts?(): boolean;
  /** Carries what is said from one side to the other. What it returns is called when the pair has ended. */
  carry(pair: Pair): () => void;
}

/** A piece of network on this machine, to stand between a program and its server. */
export const openRelay = async ({ host, port, accepts, carry }: RelayOptions): Promise<Relay> => {
  const clients = new Set<Socket>();
  const relay = createServer((client) => {
    if (accepts?.() === false) {
      client.destroy();
      return;
    }
    const pair = { client, server: connect(port, host) };
    clients.add(client);
    const ended = carry(pair);
    // As a network does: the end of one side is the end of the other.
    for (const [one, other] of [
      [client, pair.server],
      [pair.server, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        other.destroy();
        clients.delete(client);
        ended();
      });
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = relay.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      for (const client of clients) client.destroy();
      relay.close();
      await once(relay, 'close');
    },
  };
};
