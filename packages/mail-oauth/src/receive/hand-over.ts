import type { Readable } from 'node:stream';
import { type Clock, isKnownError, type KnownError, type ReceivedMail, type Tickets } from '@itsm-m365/plugin-api';
import { receiveErrors } from './errors.ts';
import type { ReadMessage } from './message.ts';
import type { Spooled } from './spool.ts';

export interface HandOver {
  readonly tickets: Tickets;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds that the host may take. */
  readonly handOverMs: number;
}

/** The raw message, once, while the hand-over lasts. */
const rawOf = (spooled: Spooled) => {
  let given: Readable | undefined;
  let over = false;
  return {
    raw: async (): Promise<Readable> => {
      if (over || given !== undefined) throw receiveErrors.MAIL_RAW_GIVEN();
      given = spooled.stream();
      // Who does not read it does not want to hear of its end.
      given.on('error', () => undefined);
      return given;
    },
    /** Resolves when nobody reads any more, so that the file can be closed. */
    end: async (): Promise<void> => {
      over = true;
      if (given === undefined || given.closed) return;
      const closed = new Promise((resolve) => given?.once('close', resolve));
      given.destroy();
      await closed;
    },
  };
};

/**
 * Gives one message to the host. Undefined: it took it. An error: it did not, or not in time, and may have it all the same.
 * Throws the signal's reason where the hand-over was cut off, with nothing known. What a host throws is told by its code
 * only: its words may quote the message.
 */
export const handOver = async (
  { tickets, clock, signal, handOverMs }: HandOver,
  message: ReadMessage,
  facts: Pick<ReceivedMail, 'id' | 'attempt' | 'account'>,
  spooled: Spooled,
): Promise<KnownError | undefined> => {
  signal.throwIfAborted();
  const over = new AbortController();
  const late = new AbortController();
  const source = rawOf(spooled);
  const inTime = clock.sleep(handOverMs, AbortSignal.any([signal, over.signal])).then(() => {
    const error = receiveErrors.MAIL_NOT_TAKEN_IN_TIME({ seconds: Math.round(handOverMs / 1000) });
    late.abort(error);
    throw error;
  });
  const cut = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over.signal });
  });
  try {
    const mail: ReceivedMail = { ...message, ...facts, size: spooled.size, raw: source.raw };
    // A host may throw before it answers with a promise.
    const taken = (async () => tickets.receive(mail, AbortSignal.any([signal, late.signal])))();
    await Promise.race([taken, inTime, cut]);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (isKnownError(error)) return error;
    return receiveErrors.MAIL_NOT_TAKEN({}, { cause: error });
  } finally {
    over.abort(new Error('the hand-over is over'));
    await source.end();
  }
};
