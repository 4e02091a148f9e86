import { openSocket } from '../../transport/open-socket.ts';
import { faultsOf } from '../../transport/peer.ts';
import { type Credential, signIn } from '../../transport/sign-in.ts';
import { secureSocket, tlsOptions } from '../../transport/tls.ts';
import type { ChannelContext, Login, Server, Submission } from '../channel.ts';
import { authenticate, secretsOf } from './authenticate.ts';
import { smtpSession } from './session.ts';
import { smtpSubmission } from './submission.ts';

const connectWith = async (server: Server, credential: Credential, context: ChannelContext): Promise<Submission> => {
  const fault = faultsOf('smtp', server);
  const secrets = secretsOf(credential);
  const { socket } = await openSocket('smtp', server, context);
  // Between two owners of the socket nobody else would listen, and an error without a listener ends the process.
  socket.on('error', () => undefined);
  try {
    const { host, port } = server;
    const tls = server.encryption === 'tls';
    const session = smtpSession({
      socket: tls ? await secureSocket('smtp', socket, server, credential, context) : socket,
      context,
      fault,
      secrets,
      connection: tls
        ? { host, port, secure: true, secured: true }
        : { host, port, secure: false, requireTLS: true, tls: tlsOptions('smtp', server, credential) },
    });
    const announced = await session.greet();
    await authenticate(session, announced, credential, fault);
    return smtpSubmission({ session, announced, fault, secrets, context });
  } catch (error) {
    socket.destroy();
    throw error;
  }
};

/**
 * Connects, speaks TLS 1.2 at least, and signs in (MAIL-27: SMTP for sending). With `starttls` the server has to take it
 * before anything else is said; a certificate error ends the connection before a token or password leaves this machine.
 * A refused token is replaced once, over a new connection. Throws `ChannelFault` of the stages address, connect, tls,
 * greeting and login, or what the token vault throws; holds no connection then. Stops at the context's signal.
 */
export const openSmtp = (server: Server, login: Login, context: ChannelContext): Promise<Submission> =>
  signIn(login, context.signal, (credential) => connectWith(server, credential, context));
