import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { ChannelContext, Login, Server } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import { limitsOf, timed } from './deadline.ts';
import { codeOf, faultsOf, type Protocol } from './peer.ts';

const certificates = (pem: string): readonly string[] | undefined => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g);
  try {
    return blocks?.map((block) => new X509Certificate(block).toString());
  } catch {
    return undefined;
  }
};

const oldest = 'TLSv1.2';

/** Node trusts nothing besides what `ca` lists. */
export const trusted = (own: readonly string[]): string[] => [...rootCertificates, ...own];

const mostContexts = 100;
const contexts = new Map<string, SecureContext>();

/** Reading some 150 certificates takes 20 ms of the event loop: once for each private authority, not for each connection. */
const contextWith = (own: readonly string[]): SecureContext => {
  const key = own.join('');
  const known = contexts.get(key);
  if (known !== undefined) return known;
  const made = createSecureContext({ ca: trusted(own), minVersion: oldest });
  if (contexts.size >= mostContexts) contexts.clear();
  contexts.set(key, made);
  return made;
};

/**
 * How TLS is spoken with a server: 1.2 at least (MAIL-03), its name checked whatever address was connected to, its private
 * authority trusted besides the public ones. A certificate error ends the connection before anything is sent, unless the
 * account accepts untrusted certificates (MAIL-17), which with OAuth it never does, whatever `server` says. Throws a fault
 * of stage `settings` and code `AUTHORITY_INVALID`.
 */
export const tlsOptions = (protocol: Protocol, server: Server, login: Pick<Login, 'kind'>): ConnectionOptions => {
  const own = server.authority.trim() === '' ? [] : certificates(server.authority);
  if (own === undefined) throw faultsOf(protocol, server)('settings', { code: 'AUTHORITY_INVALID' });
  return {
    host: server.host,
    // RFC 6066, 3: an address is no server name; it is compared with the certificate's addresses all the same.
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    minVersion: oldest,
    rejectUnauthorized: !(server.acceptUntrusted && login.kind === 'password'),
    ...(own.length === 0 ? {} : { secureContext: contextWith(own) }),
  };
};

/**
 * Speaks TLS on an open connection, from now on. Throws a fault of stage `tls`, its code Node's or OpenSSL's: `TIMEOUT`,
 * `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`, `ERR_SSL_UNSUPPORTED_PROTOCOL` (older than 1.2)… The connection is
 * closed then.
 */
export const secureSocket = async (
  protocol: Protocol,
  socket: Socket,
  server: Server,
  login: Pick<Login, 'kind'>,
  context: ChannelContext,
): Promise<TLSSocket> => {
  const fault = faultsOf(protocol, server);
  try {
    const options = tlsOptions(protocol, server, login);
    const late = () => fault('tls', { code: 'TIMEOUT' });
    return await timed(
      context,
      limitsOf(context).connectMs,
      late,
      (signal) =>
        new Promise<TLSSocket>((resolve, reject) => {
          const secure = connect({ ...options, socket });
          // An error that nobody listens to would end the process; whoever reads next finds it in `errored`.
          secure.on('error', () => undefined);
          const onAbort = (): void => {
            secure.destroy();
            reject(signal.reason);
          };
          signal.addEventListener('abort', onAbort, { once: true });
          secure.once('error', reject);
          secure.once('secureConnect', () => {
            signal.removeEventListener('abort', onAbort);
            secure.removeListener('error', reject);
            resolve(secure);
          });
        }),
    );
  } catch (error) {
    socket.destroy();
    if (context.signal.aborted) throw context.signal.reason;
    throw isChannelFault(error) ? error : fault('tls', { code: codeOf(error) });
  }
};
