import { Worker } from 'node:worker_threads';
import { receiveErrors } from './errors.ts';
import type { ParseLimits } from './limits.ts';

export interface RawAddress {
  readonly address: string;
  readonly name: string;
}

/** What the thread found, unchecked and uncleaned. Everything in it was written by strangers. */
export interface RawMessage {
  readonly headerLines: readonly string[];
  readonly subject: string;
  readonly from: readonly RawAddress[];
  readonly to: readonly RawAddress[];
  readonly cc: readonly RawAddress[];
  readonly replyTo: readonly RawAddress[];
  readonly text: string;
  readonly html: string;
  readonly parts: readonly {
    readonly contentType: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly disposition: string;
  }[];
  readonly attachments: readonly {
    readonly fileName: string;
    readonly contentType: string;
    readonly contentId: string;
    readonly inline: boolean;
    readonly content: Uint8Array;
  }[];
}

/** Takes messages apart in a thread of its own, one after the other. */
export interface Parser {
  /**
   * The first `size` bytes behind a descriptor. Throws `MAIL_UNREADABLE` for messages beyond a limit, for those that end
   * the thread, and for those that take longer than `limits.parseMs`; rejects with the signal's reason. Neither harms the
   * next message. The descriptor stays open and unmoved.
   */
  parse(fd: number, size: number, limits: ParseLimits, signal: AbortSignal): Promise<RawMessage>;
  /** Ends the thread; what is being parsed then rejects, and is no message's fault. Harmless when it is called twice. */
  close(): Promise<void>;
}

type Answer = { readonly id: number } & ({ readonly message: RawMessage } | { readonly refused: string });

const open = (): Worker => {
  const worker = new Worker(new URL('./parse-worker.js', import.meta.url), {
    // Texts and trees; attachments lie outside of it and are bounded by their bytes.
    resourceLimits: { maxOldGenerationSizeMb: 512 },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  // Whatever a library prints may quote a message, and goes nowhere.
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  return worker;
};

const unreadable = (reason: string) => receiveErrors.MAIL_UNREADABLE({ reason });

/** One job in one thread. Resolves with a reason instead of throwing where the message is to blame. */
const run = (
  worker: Worker,
  job: { readonly id: number; readonly fd: number; readonly size: number; readonly limits: ParseLimits },
  signal: AbortSignal,
): Promise<Answer | 'thread' | 'time'> =>
  new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onError);
      worker.unref();
      settle();
    };
    const onAbort = () => end(() => reject(signal.reason));
    const onMessage = (answer: Answer) => {
      if (answer.id === job.id) end(() => resolve(answer));
    };
    const onError = () => end(() => resolve('thread'));
    // The machine's timer: it guards a thread, which knows no other time.
    const timer = setTimeout(() => end(() => resolve('time')), job.limits.parseMs);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', onMessage).on('error', onError).on('exit', onError);
    worker.ref();
    worker.postMessage(job);
  });

/**
 * Opens a parser. The thread is started with the first message and kept for the next ones; a message that ends it, or is
 * given up, costs a new one. May be shared by many accounts: messages then wait for each other, and so does memory.
 */
export const openParser = (): Parser => {
  let worker: Worker | undefined;
  let line: Promise<unknown> = Promise.resolve();
  let ids = 0;
  let closed = false;
  const assertOpen = (): void => {
    // Not the message's fault: it must not be noted as unreadable.
    if (closed) throw new Error('the parser was closed');
  };
  const drop = async (): Promise<void> => {
    const dropped = worker;
    worker = undefined;
    // An error of a thread that is being ended has nobody to go to, and would end the process.
    dropped?.on('error', () => undefined);
    await dropped?.terminate();
  };
  const one = async (fd: number, size: number, limits: ParseLimits, signal: AbortSignal): Promise<RawMessage> => {
    signal.throwIfAborted();
    assertOpen();
    worker ??= open();
    ids += 1;
    const answer = await run(worker, { id: ids, fd, size, limits }, signal).catch(async (reason: unknown) => {
      await drop();
      throw reason;
    });
    if (typeof answer === 'string') {
      await drop();
      assertOpen();
      throw unreadable(answer);
    }
    if ('message' in answer) return answer.message;
    if (answer.refused === 'spool') throw receiveErrors.MAIL_SPOOL_FAILED({ reason: 'read' });
    throw unreadable(answer.refused);
  };
  return {
    parse: (fd, size, limits, signal) => {
      const next = line.then(() => one(fd, size, limits, signal));
      line = next.catch(() => undefined);
      return next;
    },
    close: () => {
      closed = true;
      return drop();
    },
  };
};
