import { signIn } from '../access.ts';
import type { Folder } from '../folder.ts';
import type { Mailbox } from '../mailbox.ts';
import { headerText, type StoredMessage } from '../message.ts';
import { mayAnswer, type SessionContext } from '../wire/context.ts';
import { readXoauth2 } from '../wire/sasl.ts';

interface Drop {
  readonly mailbox: Mailbox;
  readonly inbox: Folder;
  /** As they were at the sign-in (RFC 1939 4). */
  readonly messages: readonly StoredMessage[];
  readonly deleted: Set<StoredMessage>;
}

const refusedSignIn = '-ERR Authentication failure: unknown user name or bad password.';
const wrongState = '-ERR Command is not valid in this state.';
const protocolError = '-ERR Protocol error. 14';

const present = (drop: Drop): readonly (readonly [number, StoredMessage])[] =>
  drop.messages.flatMap((message, at) => (drop.deleted.has(message) ? [] : [[at + 1, message] as const]));

/** Lines that begin with a dot get another one (RFC 1939 3). */
const multiline = (content: Buffer): Buffer => {
  const text = content.toString('latin1');
  const ended = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
  return Buffer.from(`${ended.replaceAll(/^\./gm, '..')}.\r\n`, 'latin1');
};

const topOf = (raw: Buffer, lines: number): Buffer => {
  const header = headerText(raw);
  const body = raw.subarray(Buffer.byteLength(header, 'latin1')).toString('latin1').split('\r\n').slice(0, lines);
  return Buffer.from(`${header}${body.map((line) => `${line}\r\n`).join('')}`, 'latin1');
};

const messageAt = (drop: Drop, text: string | undefined): readonly [number, StoredMessage] | undefined =>
  /^\d+$/.test(text ?? '') ? present(drop).find(([number]) => number === Number(text)) : undefined;

const missing = '-ERR The specified message is out of range.';

type Handler = (drop: Drop, args: readonly string[]) => string | Buffer;

const listing =
  (write: (message: StoredMessage) => string | number): Handler =>
  (drop, [wanted]) => {
    if (wanted === undefined) {
      return ['+OK', ...present(drop).map(([number, message]) => `${number} ${write(message)}`), '.'].join('\r\n');
    }
    const found = messageAt(drop, wanted);
    return found === undefined ? missing : `+OK ${found[0]} ${write(found[1])}`;
  };

const content = (message: Buffer): Buffer => Buffer.concat([Buffer.from('+OK\r\n'), multiline(message)]);

const commands: Readonly<Record<string, Handler>> = {
  STAT: (drop) => {
    const messages = present(drop);
    return `+OK ${messages.length} ${messages.reduce((sum, [, { raw }]) => sum + raw.length, 0)}`;
  },
  LIST: listing(({ raw }) => raw.length),
  UIDL: listing(({ uidl }) => uidl),
  RETR: (drop, [wanted]) => {
    const found = messageAt(drop, wanted);
    return found === undefined ? missing : content(found[1].raw);
  },
  TOP: (drop, [wanted, lines]) => {
    const found = messageAt(drop, wanted);
    if (!/^\d+$/.test(lines ?? '')) return protocolError;
    return found === undefined ? missing : content(topOf(found[1].raw, Number(lines)));
  },
  DELE: (drop, [wanted]) => {
    const found = messageAt(drop, wanted);
    if (found === undefined) return missing;
    drop.deleted.add(found[1]);
    return '+OK';
  },
  RSET: (drop) => {
    drop.deleted.clear();
    return '+OK';
  },
  NOOP: () => '+OK',
};

const authenticate = async (context: SessionContext, args: readonly string[]): Promise<Drop | string | undefined> => {
  const [mechanism = '', initial] = args;
  // Exchange page: Authenticate an IMAP, POP or SMTP connection using OAuth. The response comes on a line of its own.
  if (mechanism.toUpperCase() !== 'XOAUTH2' || initial !== undefined) return protocolError;
  await context.connection.write('+ \r\n');
  const response = await context.connection.line();
  if (response === undefined) return undefined;
  const credentials = readXoauth2(response);
  if (credentials === undefined) return refusedSignIn;
  const decision = signIn(context.world, 'pop', credentials.user, credentials.token);
  const inbox = decision.kind === 'in' ? decision.mailbox.folder('INBOX') : undefined;
  if (decision.kind !== 'in' || inbox === undefined) return refusedSignIn;
  return { mailbox: decision.mailbox, inbox, messages: [...inbox.messages], deleted: new Set() };
};

const capabilities = ['+OK', 'TOP', 'UIDL', 'SASL PLAIN XOAUTH2', 'USER', '.'].join('\r\n');

/** One POP3 connection as Exchange Online holds it (RFC 1939, RFC 5034). Deleted is what QUIT finds marked. */
export const runPop = async (context: SessionContext): Promise<void> => {
  const { connection, serverName } = context;
  let drop: Drop | undefined;
  if (!(await mayAnswer(context))) return;
  await connection.write(
    `+OK The Microsoft Exchange POP3 service is ready. [${Buffer.from(serverName).toString('base64')}]\r\n`,
  );
  for (;;) {
    const line = await connection.line(512 * 1024);
    if (line === undefined || !(await mayAnswer(context, drop?.mailbox.tenantId))) return;
    const [word = '', ...args] = line.trim().split(/ +/);
    const name = word.toUpperCase();
    let answer: string | Buffer;
    if (name === 'QUIT') {
      if (drop !== undefined && drop.deleted.size > 0) drop.mailbox.remove(drop.inbox, [...drop.deleted]);
      await connection.write('+OK Microsoft Exchange Server POP3 server signing off.\r\n');
      return;
    }
    if (name === 'CAPA') answer = capabilities;
    else if (name === 'AUTH' && drop === undefined) {
      const result = await authenticate(context, args);
      if (result === undefined) return;
      if (typeof result !== 'string') drop = result;
      answer = typeof result === 'string' ? result : '+OK User successfully authenticated.';
    } else if (name === 'USER' && drop === undefined) answer = '+OK';
    else if (name === 'PASS' && drop === undefined) answer = refusedSignIn;
    else {
      const handler = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (handler === undefined) answer = protocolError;
      else answer = drop === undefined ? wrongState : handler(drop, args);
    }
    await connection.write(typeof answer === 'string' ? `${answer}\r\n` : answer);
  }
};
