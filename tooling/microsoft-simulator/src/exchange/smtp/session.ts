import { type Actor, type Decision, signIn } from '../access.ts';
import type { Mailbox } from '../mailbox.ts';
import { distribute, refusedSubmission, type Submitted } from '../submission.ts';
import { mayAnswer, type SessionContext, strikes } from '../wire/context.ts';
import { readXoauth2 } from '../wire/sasl.ts';
import { readMessage, sizeLimit } from './data.ts';
import { dataFault, senderFault } from './faults.ts';

interface SmtpState {
  greeted: boolean;
  signedIn: { readonly mailbox: Mailbox; readonly actor: Actor } | undefined;
  from: string | undefined;
  recipients: string[];
  over: boolean;
}

interface SmtpSession {
  readonly context: SessionContext;
  readonly state: SmtpState;
  /** Ends a reply as Exchange does: server, time, number. */
  readonly trace: () => string;
}

/** The reply to a command; undefined: there is none, the connection is gone. */
type Handler = (session: SmtpSession, argument: string) => Promise<string | undefined>;

const reset = (state: SmtpState): void => {
  state.from = undefined;
  state.recipients = [];
};

const ehlo: Handler = async ({ context, state }, argument) => {
  if (argument === '') return '501 5.5.4 Invalid domain name';
  state.greeted = true;
  reset(state);
  // CHUNKING and BINARYMIME, which Exchange has, are not offered since BDAT is not understood here.
  const extensions = [
    `SIZE ${sizeLimit}`,
    'PIPELINING',
    'DSN',
    'ENHANCEDSTATUSCODES',
    context.connection.encrypted ? 'AUTH LOGIN XOAUTH2' : 'STARTTLS',
    '8BITMIME',
    'SMTPUTF8',
  ];
  const lines = [`${context.serverName} Hello [127.0.0.1]`, ...extensions];
  return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
};

const refusedAuthentication = (decision: Exclude<Decision, { readonly kind: 'in' }>, trace: string): string =>
  decision.kind === 'smtp-auth-disabled'
    ? `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the ${decision.for}. Visit https://aka.ms/smtp_auth_disabled for more information. ${trace}`
    : `535 5.7.3 Authentication unsuccessful ${trace}`;

const auth: Handler = async (session, argument) => {
  const { context, state, trace } = session;
  const { connection } = context;
  const [mechanism = '', initial] = argument.split(' ');
  const word = mechanism.toUpperCase();
  if (!state.greeted) return '503 5.5.2 Send hello first';
  if (state.signedIn !== undefined || state.from !== undefined) return '503 5.5.1 Bad sequence of commands';
  if (!connection.encrypted || !['XOAUTH2', 'LOGIN', 'PLAIN'].includes(word)) {
    return '504 5.7.4 Unrecognized authentication type';
  }
  const ask = async (challenge: string): Promise<string | undefined> => {
    await connection.write(`334 ${challenge}\r\n`);
    return connection.line();
  };
  if (word !== 'XOAUTH2') {
    if (initial === undefined && (await ask(word === 'LOGIN' ? 'VXNlcm5hbWU6' : '')) === undefined) return undefined;
    if (word === 'LOGIN' && (await ask('UGFzc3dvcmQ6')) === undefined) return undefined;
    return strikes(context, 'smtp-basic-retired') === undefined
      ? `535 5.7.139 Authentication unsuccessful, basic authentication is disabled. ${trace()}`
      : `550 5.7.30 Basic authentication is not supported for Client Submission. ${trace()}`;
  }
  const response = initial ?? (await ask(''));
  if (response === undefined) return undefined;
  const credentials = readXoauth2(response);
  if (credentials === undefined) return `535 5.7.3 Authentication unsuccessful ${trace()}`;
  const decision = signIn(context.world, 'smtp', credentials.user, credentials.token);
  if (decision.kind !== 'in') return refusedAuthentication(decision, trace());
  state.signedIn = decision;
  return '235 2.7.0 Authentication successful';
};

const addressIn = (argument: string, word: string): { readonly address: string; readonly rest: string } | undefined => {
  const found = new RegExp(`^${word}:\\s*<([^<>]*)>(.*)$`, 'i').exec(argument);
  return found === null ? undefined : { address: found[1] ?? '', rest: found[2] ?? '' };
};

const mail: Handler = async (session, argument) => {
  const { context, state, trace } = session;
  if (!state.greeted) return '503 5.5.2 Send hello first';
  if (!context.connection.encrypted) return `451 5.7.3 STARTTLS is required to send mail ${trace()}`;
  if (state.signedIn === undefined) return `530 5.7.57 Client not authenticated to send mail. ${trace()}`;
  if (state.from !== undefined) return '503 5.5.2 Sender already specified';
  const parsed = addressIn(argument, 'FROM');
  if (parsed === undefined) return '501 5.1.7 Invalid address';
  const size = Number(/\bSIZE=(\d+)/i.exec(parsed.rest)?.[1] ?? 0);
  if (size > sizeLimit) return '552 5.3.4 Message size exceeds fixed maximum message size';
  const fault = senderFault(context, state.signedIn.mailbox.tenantId);
  if (fault !== undefined) {
    state.over = fault.startsWith('421');
    return fault;
  }
  state.from = parsed.address;
  return '250 2.1.0 Sender OK';
};

const rcpt: Handler = async ({ context, state }, argument) => {
  if (state.from === undefined) return '503 5.5.2 Need mail command';
  const parsed = addressIn(argument, 'TO');
  if (parsed === undefined || !/^[^@\s]+@[^@\s]+$/.test(parsed.address)) return '501 5.1.3 Invalid address';
  const tenantId = state.signedIn?.mailbox.tenantId;
  if (strikes(context, 'smtp-greylisted', tenantId) !== undefined) {
    return '450 4.7.1 Greylisted, try again later';
  }
  if (strikes(context, 'smtp-recipient-refused', tenantId) !== undefined) {
    return '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup';
  }
  if (state.recipients.length >= 1_000) return '452 4.5.3 Too many recipients';
  state.recipients.push(parsed.address);
  return '250 2.1.5 Recipient OK';
};

const refusals = {
  'no-sender': () => '554 5.6.0 Invalid message content',
  'unknown-sender': () => '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
  'send-as-denied': ({ login }: Submitted, from: string) =>
    `554 5.2.252 SendAsDenied; ${login.address} not allowed to send as ${from}; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message Cannot submit message.`,
} as const;

const data: Handler = async (session) => {
  const { context, state, trace } = session;
  const { signedIn, from, recipients } = state;
  if (signedIn === undefined || from === undefined) return '503 5.5.2 Need mail command';
  if (recipients.length === 0) return '503 5.5.2 Need rcpt command';
  await context.connection.write('354 Start mail input; end with <CRLF>.<CRLF>\r\n');
  const raw = await readMessage(context.connection);
  if (raw === undefined) return undefined;
  reset(state);
  if (raw === 'too-large') return '552 5.3.4 Message size exceeds fixed maximum message size';
  const { tenantId } = signedIn.mailbox;
  if (strikes(context, 'smtp-lost-when-not-taken', tenantId) !== undefined) return undefined;
  const fault = dataFault(context, tenantId);
  if (fault !== undefined) {
    state.over = fault.startsWith('421');
    return fault;
  }
  const submitted: Submitted = {
    actor: signedIn.actor,
    login: signedIn.mailbox,
    envelopeFrom: from,
    recipients: [...recipients],
    raw,
  };
  const refused = refusedSubmission(context.world, submitted);
  if (refused !== undefined) return `${refusals[refused.kind](submitted, refused.from)} ${trace()}`;
  distribute(context.world, submitted);
  if (strikes(context, 'smtp-lost-when-taken', tenantId) !== undefined) return undefined;
  return `250 2.0.0 OK <${Math.floor(context.world.random() * 1e12).toString(36)}@${context.serverName}> [Hostname=${context.serverName}]`;
};

const commands: Readonly<Record<string, Handler>> = {
  EHLO: ehlo,
  HELO: async ({ context, state }) => {
    state.greeted = true;
    return `250 ${context.serverName} Hello [127.0.0.1]`;
  },
  AUTH: auth,
  MAIL: mail,
  RCPT: rcpt,
  DATA: data,
  RSET: async ({ state }) => {
    reset(state);
    return '250 2.0.0 Resetting';
  },
  NOOP: async () => '250 2.0.0 OK',
  VRFY: async () => '252 2.1.5 Cannot VRFY user',
  QUIT: async ({ state }) => {
    state.over = true;
    return '221 2.0.0 Service closing transmission channel';
  },
};

/** One connection of client submission as Exchange Online holds it (RFC 6409; its words from logs). */
export const runSmtp = async (context: SessionContext): Promise<void> => {
  const { connection, world, serverName } = context;
  const state: SmtpState = { greeted: false, signedIn: undefined, from: undefined, recipients: [], over: false };
  const trace = (): string => `[${serverName} ${new Date(world.clock.now()).toISOString()} 08DEADBEEF000001]`;
  if (!(await mayAnswer(context))) return;
  const date = new Date(world.clock.now()).toUTCString().replace('GMT', '+0000');
  await connection.write(`220 ${serverName} Microsoft ESMTP MAIL Service ready at ${date}\r\n`);
  while (!state.over) {
    const line = await connection.line();
    if (line === undefined || !(await mayAnswer(context, state.signedIn?.mailbox.tenantId))) return;
    const [, word = '', argument = ''] = /^(\S*)\s*(.*)$/s.exec(line) ?? [];
    const name = word.toUpperCase();
    if (name === 'STARTTLS' && !connection.encrypted && state.greeted) {
      await connection.write('220 2.0.0 SMTP server ready\r\n');
      if (!(await connection.startTls(context.tls))) return;
      // What was said before the handshake does not count (RFC 3207 4.2).
      state.greeted = false;
      reset(state);
      continue;
    }
    const handler = Object.hasOwn(commands, name) ? commands[name] : undefined;
    const answer =
      handler === undefined
        ? '500 5.3.3 Unrecognized command'
        : await handler({ context, state, trace }, argument.trim());
    if (answer === undefined) {
      connection.destroy();
      return;
    }
    await connection.write(`${answer}\r\n`);
  }
};
