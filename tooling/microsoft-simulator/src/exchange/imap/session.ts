import { signIn } from '../access.ts';
import { mayAnswer, type SessionContext, strikes } from '../wire/context.ts';
import { readXoauth2 } from '../wire/sasl.ts';
import { folderCommands } from './folders.ts';
import { keepsNumbers, messageCommands } from './messages.ts';
import { type Handler, type ImapSession, type ImapState, Refusal, tellNews } from './state.ts';
import { ArgumentError, type Command, readCommand, textOf } from './syntax.ts';

const extensions = 'SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+';

/** As seen in logs (MailKit #1494); MOVE is told after the sign-in. */
const capabilities = ({ context, state }: ImapSession): string => {
  if (state.signedIn !== undefined || state.notConnected) {
    return `IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 ${extensions.replace('ID ', 'MOVE ID ')} CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE`;
  }
  return context.connection.encrypted
    ? `IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 ${extensions}`
    : 'IMAP4 IMAP4rev1 LOGINDISABLED STARTTLS SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+';
};

const refusedSignIn = 'NO AUTHENTICATE failed.';

const authenticate: Handler = async (session, { args }) => {
  const { context, state } = session;
  if (state.signedIn !== undefined || state.notConnected) return 'BAD Command received in Invalid state.';
  if (!context.connection.encrypted) return 'BAD Command received in Invalid state.';
  const mechanism = textOf(args[0]).toUpperCase();
  if (mechanism !== 'XOAUTH2' && mechanism !== 'PLAIN') return 'NO Unsupported authentication mechanism.';
  let response = args[1] === undefined ? undefined : textOf(args[1]);
  if (response === undefined) {
    await context.connection.write('+ \r\n');
    response = await context.connection.line();
  }
  // Passwords are off since 2022-10 (MAIL-01), whatever they are.
  const credentials = mechanism === 'PLAIN' ? undefined : readXoauth2(response ?? '');
  if (credentials === undefined) return refusedSignIn;
  const decision = signIn(context.world, 'imap', credentials.user, credentials.token);
  if (decision.kind === 'not-connected') state.notConnected = true;
  else if (decision.kind === 'in') {
    state.signedIn = decision;
    state.leave = decision.mailbox.watch((event) => {
      if (event !== 'moved' || state.over) return;
      state.over = true;
      context.connection
        .write('* BYE Connection is closed. 13\r\n')
        .then(context.connection.end, context.connection.destroy);
    });
  } else return refusedSignIn;
  return 'OK AUTHENTICATE completed.';
};

const anyTime: Readonly<Record<string, Handler>> = {
  CAPABILITY: async (session) => {
    await session.say(`* CAPABILITY ${capabilities(session)}`);
    return 'OK CAPABILITY completed.';
  },
  ID: async ({ say }) => {
    await say('* ID ("name" "Microsoft.Exchange.Imap4.Imap4Server" "version" "15.20")');
    return 'OK ID completed';
  },
  NOOP: async () => 'OK NOOP completed.',
  LOGOUT: async ({ say, state }) => {
    await say('* BYE Microsoft Exchange Server IMAP4 server signing off.');
    state.over = true;
    return 'OK LOGOUT completed.';
  },
  LOGIN: async () => 'NO LOGIN failed.',
  AUTHENTICATE: authenticate,
};

/** Faults that a signed-in client meets instead of an answer. */
const faultAnswer = ({ context, state }: ImapSession, { name }: Command): string | undefined => {
  const tenantId = state.signedIn?.mailbox.tenantId;
  if (tenantId === undefined || Object.hasOwn(anyTime, name)) return undefined;
  const throttled = strikes(context, 'imap-throttled', tenantId);
  if (throttled !== undefined) {
    return `BAD Request is throttled. Suggested Backoff Time: ${throttled.milliseconds ?? 1_500} milliseconds`;
  }
  const refused = strikes(context, 'imap-not-connected', tenantId);
  return refused === undefined ? undefined : 'BAD User is authenticated but not connected.';
};

const own = <H>(table: Readonly<Record<string, H>>, name: string): H | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const carryOut = async (session: ImapSession, command: Command): Promise<string> => {
  const { state } = session;
  const { name } = command;
  const general = own(anyTime, name);
  if (general !== undefined) return general(session, command);
  const onFolder = own(folderCommands, name);
  const onMessages = own(messageCommands, name);
  if (onFolder === undefined && onMessages === undefined) return 'BAD Command Error. 10';
  if (state.notConnected) return 'BAD User is authenticated but not connected.';
  if (state.signedIn === undefined) return 'BAD Command received in Invalid state.';
  const opened = { ...session, mailbox: state.signedIn.mailbox };
  if (onFolder !== undefined) return onFolder(opened, command);
  const { view } = state;
  if (view === undefined || onMessages === undefined) return 'BAD Command received in Invalid state.';
  return onMessages({ ...opened, view }, command);
};

const answered = async (session: ImapSession, command: Command): Promise<string> => {
  try {
    return faultAnswer(session, command) ?? (await carryOut(session, command));
  } catch (problem) {
    if (problem instanceof Refusal) return problem.message;
    if (problem instanceof ArgumentError) return 'BAD Command Argument Error. 12';
    throw problem;
  }
};

const converse = async (session: ImapSession): Promise<void> => {
  const { context, state, say } = session;
  const { connection } = context;
  while (!state.over) {
    const command = await readCommand(connection);
    if (command === undefined) return;
    if (command instanceof ArgumentError) {
      await say(`${command.message} BAD Command Argument Error. 12`);
      continue;
    }
    const tenantId = state.signedIn?.mailbox.tenantId;
    if (!(await mayAnswer(context, tenantId))) return;
    if (tenantId !== undefined && strikes(context, 'imap-bye', tenantId) !== undefined) {
      await say('* BYE Connection is closed. 13');
      return;
    }
    if (command.name === 'STARTTLS' && !connection.encrypted) {
      await say(`${command.tag} OK Begin TLS negotiation now.`);
      if (!(await connection.startTls(context.tls))) return;
      continue;
    }
    const answer = await answered(session, command);
    if (answer === '') return;
    if (!keepsNumbers.has(command.name)) await tellNews(session);
    await say(`${command.tag} ${answer}`);
  }
};

/** One IMAP4rev1 connection as Exchange Online holds it (RFC 3501; its words from logs). */
export const runImap = async (context: SessionContext): Promise<void> => {
  const { connection } = context;
  const state: ImapState = {
    signedIn: undefined,
    notConnected: false,
    view: undefined,
    over: false,
    leave: () => undefined,
  };
  const say = (line: string): Promise<void> => connection.write(`${line}\r\n`);
  const session: ImapSession = { context, state, say };
  if (!(await mayAnswer(context))) return;
  await say(
    `* OK The Microsoft Exchange IMAP4 service is ready. [${Buffer.from(context.serverName).toString('base64')}]`,
  );
  try {
    await converse(session);
  } finally {
    state.leave();
  }
};
