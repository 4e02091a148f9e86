import { isKnownError, type KnownError } from '@itsm-m365/plugin-api';
import type { Mailbox } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import { isRetired } from './cursor.ts';
import { parseLimits } from './limits.ts';
import { type ReadMessage, readMessage } from './message.ts';
import type { Parser } from './parser.ts';
import { type Spooled, spool } from './spool.ts';

/** How the reading of one message from its mailbox ended. Faults of the connection are thrown, they are no outcome. */
export type Reading =
  | { readonly kind: 'read'; readonly message: ReadMessage; readonly spooled: Spooled }
  | { readonly kind: 'large' }
  | { readonly kind: 'unreadable'; readonly error: KnownError; readonly content: string; readonly size: number }
  | { readonly kind: 'gone' };

export interface ReadingDeps {
  readonly mailbox: Mailbox;
  readonly parser: Parser;
  readonly signal: AbortSignal;
}

export interface ReadingFacts {
  /** Bytes. */
  readonly most: number;
  readonly ours: ReadonlySet<string>;
}

const isGone = (error: unknown): boolean => isChannelFault(error) && error.facts.code === 'MESSAGE_GONE';

const fetched = async (
  { mailbox, signal }: ReadingDeps,
  key: string,
  most: number,
): Promise<Spooled | 'large' | 'gone'> => {
  try {
    return await spool(await mailbox.read(key), most, signal);
  } catch (error) {
    if (isGone(error)) return 'gone';
    throw error;
  }
};

/**
 * Reads one message and takes it apart. The caller closes `spooled`. Rejects with the channel's fault, with
 * `MAIL_SPOOL_FAILED`, or with the signal's reason: none of these is the message's fault, and none is recorded at it.
 */
export const readOne = async (deps: ReadingDeps, key: string, { most, ours }: ReadingFacts): Promise<Reading> => {
  if (isRetired(key)) return { kind: 'gone' };
  const spooled = await fetched(deps, key, most);
  if (spooled === 'large' || spooled === 'gone') return { kind: spooled };
  try {
    const raw = await deps.parser.parse(spooled.fd, spooled.size, parseLimits(most), deps.signal);
    return { kind: 'read', message: readMessage(raw, ours), spooled };
  } catch (error) {
    await spooled.close();
    if (!isKnownError(error, 'MAIL_UNREADABLE')) throw error;
    return { kind: 'unreadable', error, content: spooled.content, size: spooled.size };
  }
};
