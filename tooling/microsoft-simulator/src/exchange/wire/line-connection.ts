import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** A conversation in lines and counted bytes over TCP or TLS. */
export interface LineConnection {
  readonly encrypted: boolean;
  /** The next line without its end; undefined when the client is gone. Throws {@link TooLong}. */
  line(limit?: number): Promise<string | undefined>;
  /** Exactly so many bytes; undefined when the client goes before. */
  bytes(count: number): Promise<Buffer | undefined>;
  /** Everything before the delimiter, which is taken too. Throws {@link TooLong}. */
  until(delimiter: string, limit: number): Promise<Buffer | undefined>;
  write(data: string | Uint8Array): Promise<void>;
  /** Resolves when something has arrived or the client is gone, without taking it. */
  readable(): Promise<void>;
  /** Waits so long, or until the client is gone. */
  pause(milliseconds: number): Promise<void>;
  /** False when the client sent something before the handshake (CVE-2011-0411) or the handshake failed. */
  startTls(context: SecureContext): Promise<boolean>;
  end(): void;
  destroy(): void;
}

/** Somebody sends more than a line or message may have. */
export class TooLong extends Error {}

const lineLimit = 1024 * 1024;

/** Bytes that arrived and were not taken yet, in one growing store. */
const createStore = () => {
  let store = Buffer.alloc(4096);
  let start = 0;
  let end = 0;
  return {
    get size() {
      return end - start;
    },
    add: (chunk: Buffer): void => {
      if (end + chunk.length > store.length) {
        const needed = end - start + chunk.length;
        const next = needed > store.length / 2 ? Buffer.alloc(needed * 2) : store;
        store.copy(next, 0, start, end);
        store = next;
        end -= start;
        start = 0;
      }
      chunk.copy(store, end);
      end += chunk.length;
    },
    find: (delimiter: Buffer, from: number): number => {
      const at = store.subarray(0, end).indexOf(delimiter, start + Math.max(0, from));
      return at < 0 ? -1 : at - start;
    },
    take: (count: number, skip = 0): Buffer => {
      const taken = Buffer.from(store.subarray(start, start + count));
      start += count + skip;
      return taken;
    },
  };
};

export const lineConnection = (socket: Socket): LineConnection => {
  let current: Socket = socket;
  let encrypted = socket instanceof TLSSocket;
  let gone = false;
  const store = createStore();
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const resolve of [...waiting]) resolve();
    waiting.clear();
  };
  const received = (chunk: Buffer): void => {
    store.add(chunk);
    // A client that sends faster than it is read has to wait.
    if (store.size > 8 * 1024 * 1024) current.pause();
    wake();
  };
  const left = (): void => {
    gone = true;
    wake();
  };
  const listen = (to: Socket): void => {
    to.on('data', received);
    to.on('end', left);
    to.on('close', left);
    to.on('error', left);
  };
  listen(socket);

  const arrival = (): Promise<void> =>
    new Promise((resolve) => {
      if (gone) resolve();
      else {
        waiting.add(resolve);
        current.resume();
      }
    });

  const until = async (delimiter: string, limit: number): Promise<Buffer | undefined> => {
    const wanted = Buffer.from(delimiter);
    let searched = 0;
    for (;;) {
      const at = store.find(wanted, searched);
      if (at >= 0 && at <= limit) return store.take(at, wanted.length);
      if (at > limit || store.size > limit + wanted.length) throw new TooLong();
      if (gone) return undefined;
      searched = store.size - wanted.length;
      await arrival();
    }
  };

  return {
    get encrypted() {
      return encrypted;
    },
    until,
    line: async (limit = lineLimit) => {
      const taken = await until('\n', limit);
      return taken?.toString('latin1').replace(/\r$/, '');
    },
    bytes: async (count) => {
      while (store.size < count) {
        if (gone) return undefined;
        await arrival();
      }
      return store.take(count);
    },
    write: (data) =>
      new Promise((resolve) => {
        if (gone || current.destroyed || !current.writable) {
          resolve();
          return;
        }
        // A failed write is a client that is gone; the reader learns it by itself.
        current.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data, () => resolve());
      }),
    readable: () => (store.size > 0 ? Promise.resolve() : arrival()),
    pause: (milliseconds) =>
      new Promise((resolve) => {
        const paused = current;
        const end = (): void => {
          clearTimeout(timer);
          paused.off('close', end);
          resolve();
        };
        const timer = setTimeout(end, milliseconds);
        paused.once('close', end);
      }),
    startTls: async (context) => {
      if (store.size > 0) return false;
      const plain = current;
      plain.off('data', received);
      plain.off('end', left);
      plain.off('close', left);
      const secured = new TLSSocket(plain, { isServer: true, secureContext: context });
      const shaken = await new Promise<boolean>((resolve) => {
        secured.once('secure', () => resolve(true));
        secured.once('error', () => resolve(false));
        secured.once('close', () => resolve(false));
      });
      if (!shaken) {
        gone = true;
        return false;
      }
      current = secured;
      encrypted = true;
      listen(secured);
      return true;
    },
    end: () => {
      current.end();
    },
    destroy: () => {
      gone = true;
      current.destroy();
      wake();
    },
  };
};
