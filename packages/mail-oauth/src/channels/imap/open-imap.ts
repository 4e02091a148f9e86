import { isIP } from 'node:net';
import { ImapFlow } from 'imapflow';
import { limitsOf, timed } from '../../transport/deadline.ts';
import { openSocket } from '../../transport/open-socket.ts';
import { faultsOf, type MakeFault } from '../../transport/peer.ts';
import { type Credential, signIn, xoauth2 } from '../../transport/sign-in.ts';
import { tlsOptions } from '../../transport/tls.ts';
import type { ChannelContext, Login, Mailbox, MailboxFacts, Server } from '../channel.ts';
import { isChannelFault } from '../fault.ts';
import { imapMailbox } from './mailbox.ts';
import { type Observer, observer } from './observer.ts';
import { sentHas } from './sent-items.ts';
import { type Session, session } from './session.ts';
import { saysFolderMissing, translate } from './translate.ts';

/** Bytes. A search for all messages of a full mailbox is one line; a piece of a message is 256 KiB. */
const longest = { maxLineLength: 16_000_000, maxLiteralSize: 4_000_000, maxResponseSize: 24_000_000 };

/** imapflow's own limits are a second net, by the machine's clock; they are never to be the first one. */
const slack = 30_000;

const secretsOf = (credential: Credential): readonly string[] => {
  if (credential.kind === 'password')
    return [credential.password, Buffer.from(`\0${credential.user}\0${credential.password}`).toString('base64')];
  const plain = xoauth2(credential.user, credential.token) ?? '';
  return [credential.token, Buffer.from(plain).toString('base64')];
};

const usable = (credential: Credential): boolean =>
  credential.user !== '' &&
  !/\p{Cc}/u.test(credential.user) &&
  (credential.kind === 'password'
    ? credential.password !== '' && !/\p{Cc}/u.test(credential.password)
    : xoauth2(credential.user, credential.token) !== undefined);

/** The connection to give to imapflow: for TLS our own socket, for STARTTLS the address at which somebody answered. */
const route = async (server: Server, login: Login, context: ChannelContext) => {
  const tls = tlsOptions('imap', server, login);
  const { socket, address } = await openSocket('imap', server, context);
  if (server.encryption === 'tls') return { socket, tls: { ...tls, socket } };
  socket.destroy();
  return { socket, tls: { ...tls, host: address.address, port: address.port } };
};

const connect = async (
  client: ImapFlow,
  context: ChannelContext,
  fault: MakeFault,
  watch: Observer,
  secrets: readonly string[],
): Promise<void> => {
  const { connectMs, answerMs } = limitsOf(context);
  const late = () => fault(watch.stage(), { code: 'TIMEOUT' });
  const connecting = client.connect();
  try {
    await timed(context, connectMs, late, () => Promise.race([watch.greeted, connecting]));
    await timed(context, answerMs, late, () => connecting);
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    throw translate(error, watch.stage(), fault, secrets, watch.throttled());
  }
  // RFC 9051, 7.1.4: signed in before anybody said who they are. Whose mailbox this is, nobody knows.
  if (!watch.signedIn()) throw fault('greeting', { code: 'PREAUTH' });
};

const select = async (current: Session, folder: string): Promise<MailboxFacts> => {
  const { client, fault, run } = current;
  const path = folder.trim() === '' ? 'INBOX' : folder;
  if (/\p{Cc}/u.test(path)) throw fault('folder', { code: 'FOLDER_MISSING' });
  let missing = false;
  try {
    const mailbox = await run('folder', async () => {
      try {
        return await client.mailboxOpen(path);
      } catch (error) {
        missing = error instanceof Error && 'mailboxMissing' in error && error.mailboxMissing === true;
        throw error;
      }
    });
    // Without it no message can be named for good (RFC 9051, 2.3.1.1).
    if (typeof mailbox?.uidValidity !== 'bigint') throw fault('folder', { code: 'UIDVALIDITY_MISSING' });
    return {
      protocol: 'imap',
      folder: mailbox.path,
      messages: mailbox.exists ?? 0,
      uidValidity: `${mailbox.uidValidity}`,
      ...(mailbox.uidNext === undefined ? {} : { uidNext: mailbox.uidNext }),
      capabilities: [...client.capabilities.keys()].slice(0, 100).map((name) => name.slice(0, 100)),
    };
  } catch (error) {
    if (!isChannelFault(error) || !(missing || saysFolderMissing(error))) throw error;
    const { reply, reason } = error.facts;
    throw fault('folder', { code: 'FOLDER_MISSING', reply, reason });
  }
};

const attempt = async (
  server: Server,
  login: Login,
  credential: Credential,
  context: ChannelContext,
): Promise<Session> => {
  const fault = faultsOf('imap', server);
  if (!usable(credential)) throw fault('settings', { code: 'LOGIN_INVALID' });
  const secrets = secretsOf(credential);
  const { connectMs, answerMs } = limitsOf(context);
  const { socket, tls } = await route(server, login, context);
  const implicit = server.encryption === 'tls';
  // Not at once: imapflow begins to wait only after it has told its logger.
  const watch = observer(server.encryption, () => client.closeAfter());
  const client: ImapFlow = new ImapFlow({
    ...longest,
    host: server.host,
    port: server.port,
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    secure: implicit,
    ...(implicit ? {} : { doSTARTTLS: true }),
    tls,
    auth:
      credential.kind === 'oauth'
        ? { user: credential.user, accessToken: credential.token }
        : { user: credential.user, pass: credential.password },
    // Else imapflow names itself and its makers (RFC 2971).
    clientInfo: { name: 'mail-oauth', version: '', vendor: '', 'support-url': '' },
    logger: watch.logger,
    emitLogs: false,
    logRaw: false,
    disableAutoIdle: true,
    disableCompression: true,
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    connectionTimeout: connectMs + slack,
    greetingTimeout: connectMs + slack,
    socketTimeout: Math.max(300_000, answerMs + slack),
  });
  // Whoever waits for an answer is told; without a listener it would end the process.
  client.on('error', () => undefined);
  const current = session(client, context, fault, watch, secrets);
  try {
    await connect(client, context, fault, watch, secrets);
    return current;
  } catch (error) {
    // imapflow leaves the socket open after a failed connect.
    current.close();
    socket.destroy();
    throw error;
  }
};

/** Signs in and works on the session; closes it where the work fails. */
const signedIn = async <T>(
  server: Server,
  login: Login,
  context: ChannelContext,
  work: (current: Session) => Promise<T>,
): Promise<T> => {
  // A private authority that cannot be read is told before anybody is asked for a token.
  tlsOptions('imap', server, login);
  return signIn(login, context.signal, async (credential) => {
    const current = await attempt(server, login, credential, context);
    try {
      return await work(current);
    } catch (error) {
      current.close();
      throw error;
    }
  });
};

/**
 * Opens a folder by IMAP (RFC 9051, RFC 3501) over TLS, signed in with XOAUTH2, OAUTHBEARER or a password; `''` is the
 * inbox. Throws faults of the stages `settings` to `folder`, or what the token vault throws; rejects with the signal's
 * reason when aborted. Leaves nothing open then.
 */
export const openImap = (server: Server, login: Login, folder: string, context: ChannelContext): Promise<Mailbox> =>
  signedIn(server, login, context, async (current) => imapMailbox(current, await select(current, folder), context));

/**
 * Whether a message with this Message-ID lies in the Sent Items of whoever signs in. Changes nothing; leaves nothing open.
 * Throws as `openImap` does, and faults of the stage `sent-items`.
 */
export const findSentByImap = (
  server: Server,
  login: Login,
  messageId: string,
  context: ChannelContext,
): Promise<boolean> =>
  signedIn(server, login, context, async (current) => {
    const found = await sentHas(current, messageId);
    await current.run('sent-items', () => current.client.logout()).catch(() => undefined);
    current.close();
    return found;
  });
