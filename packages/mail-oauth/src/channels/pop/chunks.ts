import type { Socket } from 'node:net';

/**
 * What has come, or comes next; undefined at the end of the connection. Leaves nothing attached to the socket in between,
 * so that TLS can take it over. Closes it when the signal is aborted, and rejects with its reason.
 */
export const nextChunk = (socket: Socket, signal: AbortSignal): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      for (const event of ['readable', 'end', 'close']) socket.removeListener(event, take);
      signal.removeEventListener('abort', onAbort);
      done();
    };
    const take = (): void => {
      const chunk: Buffer | null = socket.read();
      if (chunk !== null) settle(() => resolve(chunk));
      else if (socket.errored) settle(() => reject(socket.errored));
      else if (socket.readableEnded || socket.destroyed) settle(() => resolve(undefined));
    };
    const onAbort = (): void => {
      socket.destroy();
      settle(() => reject(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    for (const event of ['readable', 'end', 'close']) socket.on(event, take);
    take();
  });
