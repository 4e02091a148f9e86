import type { PeerCertificate } from 'node:tls';
import type { ChannelContext, Server } from '../channels/channel.ts';
import type { FaultFacts } from '../channels/fault.ts';
import { openSocket } from '../transport/open-socket.ts';
import { secureSocket } from '../transport/tls.ts';
import { shown } from './shown.ts';

export interface ProbeTarget {
  readonly protocol: FaultFacts['protocol'];
  readonly server: Server;
}

/** What the network shows of a server before anybody signs in. */
export interface ProbeFacts {
  /** The address that answered. */
  readonly address: string;
  readonly tls?: {
    readonly version: string;
    readonly subject: string;
    readonly issuer: string;
    /** As the certificate writes it. */
    readonly validTo: string;
    readonly fingerprint256: string;
  };
}

const nameOf = ({ CN, O: organisation }: PeerCertificate['subject']): string =>
  [CN, organisation]
    .flat()
    .filter((part) => part !== undefined)
    .map((part) => shown(part, 100))
    .join(', ');

/**
 * Resolves the server's name, connects, and with implicit TLS looks at the certificate; sends nothing else. With STARTTLS
 * encryption begins only within the protocol, so that the channel's own stage tells of it. Throws `ChannelFault` of stage
 * `address`, `connect` or `tls`; rejects with the signal's reason. The connection is closed in every case. Safe to repeat.
 */
export const probeServer = async ({ protocol, server }: ProbeTarget, context: ChannelContext): Promise<ProbeFacts> => {
  const { socket, address } = await openSocket(protocol, server, context);
  socket.on('error', () => undefined);
  try {
    if (server.encryption === 'starttls') return { address: address.address };
    // As an account with OAuth would: a certificate that is let pass for a password is told all the same.
    const secure = await secureSocket(protocol, socket, server, { kind: 'oauth' }, context);
    secure.on('error', () => undefined);
    const certificate = secure.getPeerCertificate();
    const version = secure.getProtocol() ?? '';
    secure.destroy();
    return {
      address: address.address,
      tls: {
        version,
        subject: nameOf(certificate.subject),
        issuer: nameOf(certificate.issuer),
        validTo: shown(certificate.valid_to, 40),
        fingerprint256: shown(certificate.fingerprint256, 100),
      },
    };
  } finally {
    socket.destroy();
  }
};
