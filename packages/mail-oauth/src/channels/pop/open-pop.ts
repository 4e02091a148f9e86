import type { Socket } from 'node:net';
import { limitsOf } from '../../transport/deadline.ts';
import { openSocket } from '../../transport/open-socket.ts';
import { faultsOf, type MakeFault } from '../../transport/peer.ts';
import { type Credential, signIn } from '../../transport/sign-in.ts';
import { secureSocket, tlsOptions } from '../../transport/tls.ts';
import type { ChannelContext, Login, Mailbox, Server } from '../channel.ts';
import { isChannelFault } from '../fault.ts';
import { popMailbox } from './mailbox.ts';
import { capabilitiesOf, signInPop } from './sign-in-pop.ts';
import { type PopWire, popWire } from './wire.ts';

/** More than a session can list within memory that is worth it. */
const mostMessages = 500_000;

const greeted = async (socket: Socket, context: ChannelContext, fault: MakeFault): Promise<PopWire> => {
  const wire = popWire(socket, { ...context, answerMs: limitsOf(context).connectMs }, fault);
  const greeting = await wire.reply('greeting');
  // A server speaks first, and then not again before it is asked.
  if (greeting.kind === 'ok' && !wire.hasMore()) return wire;
  wire.close();
  throw fault('greeting', { code: 'GARBLED' });
};

const starttlsRefused = (error: unknown, fault: MakeFault): unknown =>
  isChannelFault(error) && error.facts.code === ''
    ? fault('tls', { code: 'STARTTLS_MISSING', reply: error.facts.reply })
    : error;

/** RFC 2595, 4. Nothing but STLS is sent before TLS stands, and nothing the server said before it counts. */
const startTls = async (
  plain: Socket,
  server: Server,
  login: Login,
  context: ChannelContext,
  fault: MakeFault,
): Promise<Socket> => {
  const wire = await greeted(plain, context, fault);
  try {
    await wire.command('STLS', 'tls');
  } catch (error) {
    throw starttlsRefused(error, fault);
  }
  if (wire.hasMore()) throw fault('tls', { code: 'STARTTLS_INJECTION' });
  return secureSocket('pop', plain, server, login, context);
};

/** RFC 1939, 5: `STAT` answers the number of messages and their size. */
const count = async (wire: PopWire, fault: MakeFault): Promise<number> => {
  const { text } = await wire.command('STAT', 'folder');
  const messages = Number(/^(\d{1,9}) \d{1,20}( |$)/.exec(text)?.[1] ?? Number.NaN);
  if (!(messages <= mostMessages)) throw fault('folder', { code: Number.isNaN(messages) ? 'GARBLED' : 'TOO_MANY' });
  return messages;
};

const attempt = async (
  server: Server,
  login: Login,
  credential: Credential,
  context: ChannelContext,
): Promise<Mailbox> => {
  const fault = faultsOf('pop', server);
  const { socket: plain } = await openSocket('pop', server, context);
  const onAbort = (): void => {
    plain.destroy();
  };
  const release = (): void => {
    context.signal.removeEventListener('abort', onAbort);
    plain.destroy();
  };
  context.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const implicit = server.encryption === 'tls';
    const secure = implicit
      ? await secureSocket('pop', plain, server, login, context)
      : await startTls(plain, server, login, context, fault);
    if (implicit) await greeted(secure, context, fault);
    const wire = popWire(secure, context, fault);
    const capabilities = await capabilitiesOf(wire);
    await signInPop(wire, credential, capabilities, fault);
    const messages = await count(wire, fault);
    return popMailbox(wire, { protocol: 'pop', folder: 'INBOX', messages, capabilities }, fault, context, release);
  } catch (error) {
    release();
    throw error;
  }
};

/**
 * Opens a mailbox by POP3 (RFC 1939) over TLS, signed in with XOAUTH2 or a password. Throws faults of the stages `settings`
 * to `folder`, or what the token vault throws; rejects with the signal's reason when aborted. Leaves nothing open then.
 */
export const openPop = async (server: Server, login: Login, context: ChannelContext): Promise<Mailbox> => {
  // A private authority that cannot be read is told before anybody is asked for a token.
  tlsOptions('pop', server, login);
  return signIn(login, context.signal, (credential) => attempt(server, login, credential, context));
};
