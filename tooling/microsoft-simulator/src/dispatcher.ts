import { connect } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { microsoftHosts } from './clouds.ts';

export interface DispatcherOptions {
  /** Told about every attempt to reach a host that is not Microsoft's. */
  readonly onRefused?: (host: string) => void;
}

const notFound = (hostname: string): Error =>
  Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
    code: 'ENOTFOUND',
    errno: -3008,
    syscall: 'getaddrinfo',
    hostname,
  });

/**
 * An undici dispatcher that brings requests for Microsoft's real hosts to a simulator, over plain http and with the
 * Host header kept. Any other host fails as an unknown name does (`ENOTFOUND`), so nothing can leave the machine.
 */
export const simulatorDispatcher = (url: string, options: DispatcherOptions = {}): Dispatcher => {
  const target = new URL(url);
  return new Agent({
    connect: ({ hostname }, callback) => {
      const host = hostname.toLowerCase();
      if (!microsoftHosts.has(host)) {
        options.onRefused?.(host);
        // Name resolution is never immediate; undici expects its callback later.
        setImmediate(() => callback(notFound(host), null));
        return;
      }
      const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
      const failed = (error: Error): void => callback(error, null);
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        callback(null, socket);
      });
    },
  });
};
