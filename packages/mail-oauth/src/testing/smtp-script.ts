import { type Peer, type ScriptedOptions, type ScriptedServer, scriptedServer } from './scripted-server.ts';

/** What an SMTP server says to each command; `drop` ends the connection instead. Defaults: Exchange, content with all. */
export interface SmtpReplies {
  greeting?: string;
  ehlo?: readonly string[];
  starttls?: string;
  /** Announced by EHLO once TLS is spoken. Default `LOGIN XOAUTH2`, as Exchange; `''`: nothing. */
  mechanisms?: string;
  /** By the number of the sign-in over all connections, from 1. */
  auth?: (line: string, number: number) => string;
  mail?: (line: string) => string;
  rcpt?: (line: string) => string;
  data?: string;
  /** To the end of a message; the message is in `taken` first where `takes` says so. */
  end?: string;
  takes?: boolean;
}

export const drop = 'drop';
/** Before a reply: it has no end, and the connection has one. */
export const cut = 'cut:';

export interface SmtpScript extends ScriptedServer {
  /** Messages as they came, between DATA and the dot. */
  readonly taken: readonly string[];
}

/** RFC 5321, 4.5.3.1.4, without its line end; AUTH is no exception (RFC 4954, 4), though Exchange takes longer ones. */
const longestCommand = 510;

const upper = (line: string): string => line.slice(0, 4).toUpperCase();

/** A submission server of scripted replies, for what no real one can be made to say. */
export const smtpScript = async (
  replies: SmtpReplies = {},
  options: ScriptedOptions = { encryption: 'starttls' },
): Promise<SmtpScript> => {
  const taken: string[] = [];
  let signIns = 0;
  const ehlo = ['smtp.example.test Hello', 'SIZE 157286400', 'PIPELINING', 'DSN', 'ENHANCEDSTATUSCODES', '8BITMIME'];
  const say = (peer: Peer, reply: string): boolean => {
    if (reply === drop) peer.socket.destroy();
    else if (reply.startsWith(cut)) peer.socket.end(reply.slice(cut.length));
    else peer.send(`${reply}\r\n`);
    return reply !== drop && !reply.startsWith(cut);
  };
  const mechanisms = replies.mechanisms ?? 'LOGIN XOAUTH2';
  const signIn = mechanisms === '' ? [] : [`AUTH ${mechanisms}`];
  const announce = (lines: readonly string[]): string =>
    lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
  const readMessage = async (peer: Peer): Promise<string> => {
    const lines: string[] = [];
    for (let line = await peer.line(); line !== undefined && line !== '.'; line = await peer.line()) lines.push(line);
    return lines.join('\r\n');
  };
  const server = await scriptedServer(async (peer) => {
    let secure = options.encryption !== 'starttls';
    let challenged = false;
    let awaited = false;
    if (!say(peer, replies.greeting ?? '220 smtp.example.test Microsoft ESMTP MAIL Service ready')) return;
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      const verb = upper(line);
      let reply = '500 5.3.3 Unrecognized command';
      if (verb === 'EHLO') reply = announce([...(replies.ehlo ?? ehlo), ...(secure ? signIn : ['STARTTLS'])]);
      if (verb === 'STAR' && replies.starttls !== undefined) reply = replies.starttls;
      else if (verb === 'STAR') {
        peer.upgrade('220 2.0.0 SMTP server ready\r\n');
        secure = true;
        continue;
      }
      if (verb === 'AUTH' && line.length > longestCommand) reply = '500 5.5.2 Line too long';
      else if (line === 'AUTH XOAUTH2') {
        awaited = true;
        reply = '334 ';
      } else if (verb === 'AUTH' || awaited || challenged) {
        signIns += challenged ? 0 : 1;
        reply =
          replies.auth?.(awaited ? `AUTH XOAUTH2 ${line}` : line, signIns) ?? '235 2.7.0 Authentication successful';
        awaited = false;
        challenged = reply.startsWith('334');
      }
      if (verb === 'MAIL') reply = replies.mail?.(line) ?? '250 2.1.0 Sender OK';
      if (verb === 'RCPT') reply = replies.rcpt?.(line) ?? '250 2.1.5 Recipient OK';
      if (verb === 'RSET') reply = '250 2.0.0 Resetting';
      if (verb === 'QUIT') reply = '221 2.0.0 Service closing';
      if (verb === 'DATA') {
        reply = replies.data ?? '354 Start mail input';
        if (!say(peer, reply)) return;
        if (!reply.startsWith('3')) continue;
        const message = await readMessage(peer);
        if (replies.takes !== false) taken.push(message);
        reply = replies.end ?? '250 2.0.0 OK <1@example.test> [Hostname=X]';
      }
      if (!say(peer, reply)) return;
    }
  }, options);
  return { ...server, taken };
};
