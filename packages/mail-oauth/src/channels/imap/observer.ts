import type { Stage } from '../fault.ts';

/** What imapflow tells its logger and nobody else. */
export interface Observer {
  /** To be given to imapflow as its logger. Keeps nothing of what was sent or received, and writes nothing anywhere. */
  readonly logger: Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', (entry: unknown) => void>>;
  /** How far the connection is. */
  stage(): Stage;
  /** Resolves once the server has greeted, under TLS. */
  readonly greeted: Promise<void>;
  /** The server has taken what was sent to it in confidence; false too where it asked for nothing. */
  signedIn(): boolean;
  /** Milliseconds that the server asked to wait; 0 where it did not. */
  throttled(): number;
  /** The last error of a command that imapflow answers with `false`. */
  refusal(): unknown;
  forget(): void;
}

const field = (entry: unknown, name: string): unknown =>
  typeof entry === 'object' && entry !== null ? Object.entries(entry).find(([key]) => key === name)?.[1] : undefined;

/**
 * Watches an imapflow client (2.1.2) by its log: its errors do not tell how far it came, methods like `messageMove` answer
 * `false` without the server's words, and a throttled command is held back as long as the server likes. `onThrottle` closes
 * the client then.
 */
export const observer = (encryption: 'tls' | 'starttls', onThrottle: () => void): Observer => {
  let stage: Stage = encryption === 'tls' ? 'tls' : 'connect';
  let signedIn = false;
  let throttled = 0;
  let refusal: unknown;
  let greet: () => void = () => undefined;
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const received = (entry: unknown): void => {
    if (stage !== 'greeting' || field(entry, 'src') !== 's') return;
    stage = encryption === 'tls' ? 'login' : 'tls';
    if (stage === 'login') greet();
  };
  const failed = (entry: unknown): void => {
    if (field(entry, 'msg') === 'Throttling detected') {
      throttled = Number(field(entry, 'throttleDelay')) || 1;
      onThrottle();
    }
    refusal = field(entry, 'err') ?? refusal;
  };
  return {
    logger: {
      trace: received,
      debug: received,
      info: (entry) => {
        if (field(entry, 'src') === 'connection') stage = 'greeting';
        if (field(entry, 'src') === 'auth') signedIn = true;
        if (field(entry, 'src') !== 'tls') return;
        stage = 'login';
        greet();
      },
      warn: failed,
      error: failed,
      fatal: failed,
    },
    stage: () => stage,
    greeted,
    signedIn: () => signedIn,
    throttled: () => throttled,
    refusal: () => refusal,
    forget: () => {
      refusal = undefined;
    },
  };
};
