import type { Socket } from 'node:net';
import SMTPConnection, {
  type SMTPConnectionCustomAuthContext,
  type SMTPConnectionOptions,
} from 'nodemailer/lib/smtp-connection';
import { limitsOf, timed } from '../../transport/deadline.ts';
import type { MakeFault } from '../../transport/peer.ts';
import type { ChannelContext } from '../channel.ts';
import { type ChannelFault, isChannelFault, type Stage } from '../fault.ts';
import { libraryError, replyFacts, stageOf } from './reply.ts';

/** nodemailer's own limits are a second net, by the machine's clock; they are never to be the first one. */
const slack = 30_000;

/** Longest reply that is read: that of EHLO has some hundred bytes. */
const maxReplyBytes = 64 * 1024;

export interface SessionOptions {
  readonly socket: Socket;
  readonly context: ChannelContext;
  readonly fault: MakeFault;
  /** Never shown, should the server echo it. */
  readonly secrets: readonly string[];
  readonly connection: Pick<SMTPConnectionOptions, 'host' | 'port' | 'secure' | 'secured' | 'requireTLS' | 'tls'>;
}

/** What the server said to EHLO. */
export type Announced = Pick<SMTPConnectionCustomAuthContext, 'extensions' | 'authMethods' | 'maxAllowedSize'>;

export interface Exchange<T> {
  resolve(value: T): void;
  /** An error of nodemailer's, which becomes a fault. */
  reject(error: unknown): void;
}

export interface SmtpSession {
  readonly connection: SMTPConnection;
  /** Waits for the greeting and speaks TLS where it is not spoken yet. Once, first. */
  greet(): Promise<Announced>;
  /** One command and its reply, whatever it says. The line must be free of line breaks. */
  command(stage: Stage, line: string): Promise<string>;
  /**
   * Runs one exchange; the connection knows no second at the same time. Rejects with a fault when the connection ends
   * meanwhile, and with the signal's reason when aborted; it is closed then.
   */
  run<T>(stage: Stage, work: (exchange: Exchange<T>) => void): Promise<T>;
  close(): void;
}

/** Makes a fault of an error of nodemailer's. Its `code` is empty only where a whole reply answered a command. */
export const faultFrom = (
  error: unknown,
  stage: Stage,
  { fault, secrets }: Pick<SessionOptions, 'fault' | 'secrets'>,
): ChannelFault => {
  const { code, command, response } = libraryError(error);
  // A reply that the end of the connection cut short says nothing for certain about a message.
  const cut = command === 'CONN' && stage === 'data';
  const said = response === '' ? undefined : replyFacts(response, secrets);
  // RFC 5321, 4.2: a reply begins with three digits. Whoever says something else is no SMTP server.
  const answered = said?.status === 0 ? 'GARBLED' : '';
  const shown = command === 'STARTTLS' ? 'STARTTLS_REFUSED' : said === undefined || cut ? code : answered;
  return fault(stageOf(command, stage), { ...said, code: shown });
};

const capture = 'ANNOUNCED';

/**
 * Holds nodemailer's connection over a socket that is open already, so that no name is looked up again, and turns its
 * events into the outcome of the exchange that is under way. STARTTLS is demanded (RFC 3207): without it nothing goes on.
 */
export const smtpSession = (options: SessionOptions): SmtpSession => {
  const { socket, context } = options;
  const { connectMs, answerMs } = limitsOf(context);
  let spoken: SMTPConnectionCustomAuthContext | undefined;
  const connection = new SMTPConnection({
    ...options.connection,
    connection: socket,
    connectionTimeout: connectMs + slack,
    greetingTimeout: connectMs + slack,
    socketTimeout: answerMs + slack,
    socketCloseTimeout: 1000,
    maxResponseSize: maxReplyBytes,
    // Our host's name is nobody's business; RFC 5321, 4.1.4 allows an address literal.
    name: '[127.0.0.1]',
    // Its logs would hold addresses and, in debug mode, messages.
    logger: false,
    // nodemailer's own sign-in would try a refused token twice; and only such a handler gets to speak plain commands.
    customAuth: {
      [capture]: (handler: SMTPConnectionCustomAuthContext) => {
        spoken = handler;
        handler.resolve();
      },
    },
  });
  let ended: unknown;
  let pending: ((error: unknown) => void) | undefined;
  connection.on('error', (error: unknown) => {
    ended ??= error;
    pending?.(error);
  });
  connection.on('end', () => {
    ended ??= Object.assign(new Error('The connection was closed'), { code: 'CLOSED' });
    // nodemailer closes first and tells the reason afterwards, in the same turn: that one is worth more.
    const failing = pending;
    queueMicrotask(() => failing?.(ended));
  });

  const run = <T>(stage: Stage, work: (exchange: Exchange<T>) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const { signal } = context;
      const settle = (): void => {
        pending = undefined;
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (error: unknown): void => {
        settle();
        // The handshake of STARTTLS has no command of its own.
        reject(faultFrom(error, connection.upgrading === true ? 'tls' : stage, options));
      };
      const onAbort = (): void => {
        settle();
        connection.close();
        socket.destroy();
        reject(signal.reason);
      };
      if (signal.aborted) {
        onAbort();
        return;
      }
      if (ended !== undefined) {
        fail(ended);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      pending = fail;
      const succeed = (value: T): void => {
        settle();
        resolve(value);
      };
      work({ resolve: succeed, reject: fail });
    });

  const within = async <T>(milliseconds: number, stage: () => Stage, work: () => Promise<T>): Promise<T> => {
    try {
      return await timed(context, milliseconds, () => options.fault(stage(), { code: 'TIMEOUT' }), work);
    } catch (error) {
      if (isChannelFault(error) && error.facts.code === 'TIMEOUT') {
        connection.close();
        socket.destroy();
      }
      throw error;
    }
  };

  return {
    connection,
    run,
    greet: async () => {
      const at = (): Stage => (connection.upgrading === true ? 'tls' : 'greeting');
      await within(connectMs, at, () =>
        run<void>('greeting', ({ resolve, reject }) => {
          connection.connect((error) => (error ? reject(error) : resolve()));
        }),
      );
      await run<void>('login', ({ resolve, reject }) => {
        connection.login({ method: capture }, (error) => (error ? reject(error) : resolve()));
      });
      if (spoken === undefined) throw options.fault('greeting', { code: 'UNKNOWN' });
      return spoken;
    },
    command: (stage, line) =>
      within(
        answerMs,
        () => stage,
        () =>
          run<string>(stage, ({ resolve, reject }) => {
            if (/[\r\n]/.test(line) || spoken === undefined) reject(new Error('No such command'));
            else spoken.sendCommand(line, (_, { response }) => resolve(response));
          }),
      ),
    close: () => {
      if (ended === undefined) connection.quit();
      connection.close();
    },
  };
};
