import { connect, type Socket } from 'node:net';
import { DriverFault } from './faults.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
}

const headerLength = 8;
const encryptionToken = 0x01;
const lastToken = 0xff;
/** ENCRYPT_ON and ENCRYPT_REQ. */
const encrypting: readonly (number | undefined)[] = [0x01, 0x03];

/**
 * What the server's answer to PRELOGIN says of encryption (MS-TDS 2.2.6.5): options of five bytes each, which point to
 * their values. Undefined as long as the answer is not complete.
 */
export const offersEncryption = (answer: Buffer): boolean | undefined => {
  if (answer.length < headerLength || answer.length < answer.readUInt16BE(2)) return undefined;
  const payload = answer.subarray(headerLength, answer.readUInt16BE(2));
  for (let at = 0; at + 5 <= payload.length && payload[at] !== lastToken; at += 5) {
    if (payload[at] === encryptionToken) return encrypting.includes(payload[payload.readUInt16BE(at + 1)]);
  }
  return false;
};

/** Ends the connection before anything is sent on it, where the first answer offers no encryption. */
const guard = (socket: Socket): Socket => {
  let answer = Buffer.alloc(0);
  const look = (bytes: Buffer): void => {
    answer = Buffer.concat([answer, bytes]);
    const offered = offersEncryption(answer);
    if (offered === undefined) return;
    socket.off('data', look);
    if (!offered) socket.destroy(new DriverFault('the server offers no encryption', { code: 'ENOENCRYPTION' }));
  };
  // Before tedious' own listener; it cannot write to what is destroyed.
  return socket.prependListener('data', look);
};

/**
 * Connects where encryption is asked for. tedious takes `encrypt: true` for a wish: it signs in without encryption on a
 * server that offers none, or on whoever answers in its place, and the password could be read on the way.
 *
 * @param milliseconds after which a connection that does not come about is given up
 */
export const encryptedConnector =
  (configured: Place, milliseconds: number) =>
  // tedious names the place, which is another than the configured one where Azure SQL sends the client on.
  (place: Place = configured): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: place.host, port: place.port });
      const failed = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      socket.setTimeout(milliseconds, () => failed(new DriverFault('no connection in time', { code: 'ETIMEDOUT' })));
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.setTimeout(0);
        socket.removeAllListeners('timeout');
        socket.off('error', failed);
        resolve(guard(socket));
      });
    });
