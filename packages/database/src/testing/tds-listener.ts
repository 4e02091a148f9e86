import { createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type Loopback, onLoopback } from './loopback.ts';

/** What a server says of encryption in its answer to PRELOGIN (MS-TDS 2.2.6.5). */
export const encryption = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;

export interface TdsListener extends Loopback {
  /** Types of the packets that arrived in the clear: 18 is PRELOGIN and carries the TLS handshake too, 16 is LOGIN7. */
  readonly inTheClear: readonly number[];
  /** Types of the packets that arrived encrypted. */
  readonly encrypted: readonly number[];
}

export interface TdsListenerOptions {
  readonly encryption: number;
  readonly key?: string;
  readonly certificate?: string;
  /** Sends the answer to PRELOGIN byte by byte. */
  readonly dribbles?: boolean;
}

const preloginType = 0x12;
const headerLength = 8;

const packet = (type: number, payload: Buffer): Buffer => {
  const header = Buffer.from([type, 0x01, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(headerLength + payload.length, 2);
  return Buffer.concat([header, payload]);
};

/** VERSION and ENCRYPTION: two options of five bytes, the end mark, and their values. */
const preloginAnswer = (says: number): Buffer =>
  packet(
    0x04,
    Buffer.concat([
      Buffer.from([0x00, 0, 11, 0, 6, 0x01, 0, 17, 0, 1, 0xff]),
      Buffer.from([15, 0, 0, 0, 0, 0]),
      Buffer.from([says]),
    ]),
  );

/** Takes whole packets off what has arrived. */
const packetsOf = (bytes: Buffer): { readonly packets: readonly Buffer[]; readonly rest: Buffer } => {
  const packets: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= headerLength && rest.length >= rest.readUInt16BE(2)) {
    packets.push(rest.subarray(0, rest.readUInt16BE(2)));
    rest = rest.subarray(rest.readUInt16BE(2));
  }
  return { packets, rest };
};

/** A server that gets as far as the login, and ends there: for what a client sends, and on which connection. */
export const openTdsListener = async (options: TdsListenerOptions): Promise<TdsListener> => {
  const inTheClear: number[] = [];
  const encrypted: number[] = [];
  const sockets = new Set<Socket>();

  /** The handshake travels inside of PRELOGIN packets, one for each that came; what follows it is bare. */
  const secure = (socket: Socket): Duplex => {
    let flight: Buffer[] = [];
    const answer = (): void => {
      if (flight.length > 0) socket.write(packet(preloginType, Buffer.concat(flight)));
      flight = [];
    };
    const raw = new Duplex({
      read: () => undefined,
      write(bytes: Buffer, _, done) {
        // Nothing is said after the handshake.
        if (flight.push(bytes) === 1) setImmediate(answer);
        done();
      },
    });
    const tls = new TLSSocket(raw, {
      isServer: true,
      key: options.key,
      cert: options.certificate,
      maxVersion: 'TLSv1.2',
    });
    tls.on('error', () => socket.destroy());
    tls.on('data', (bytes: Buffer) => {
      encrypted.push(bytes[0] ?? 0);
      socket.destroy();
    });
    return raw;
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let waiting: Buffer = Buffer.alloc(0);
    let tunnel: Duplex | undefined;
    socket.on('data', (bytes: Buffer) => {
      // After the handshake records are bare; they begin with their own types, from 20 to 23.
      if (tunnel !== undefined && waiting.length === 0 && (bytes[0] ?? 0) >= 20) return void tunnel.push(bytes);
      const { packets, rest } = packetsOf(Buffer.concat([waiting, bytes]));
      waiting = rest;
      for (const one of packets) {
        inTheClear.push(one[0] ?? 0);
        if (tunnel !== undefined) tunnel.push(one.subarray(headerLength));
        else if (one[0] === preloginType) {
          const answer = preloginAnswer(options.encryption);
          if (options.key !== undefined) tunnel = secure(socket);
          if (options.dribbles === true) void dribble(socket, answer);
          else socket.write(answer);
        } else socket.destroy();
      }
    });
  });

  const dribble = async (socket: Socket, answer: Buffer): Promise<void> => {
    socket.setNoDelay(true);
    for (const byte of answer) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { ...(await onLoopback(server, cut)), inTheClear, encrypted };
};
