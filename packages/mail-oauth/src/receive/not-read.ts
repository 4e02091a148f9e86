import { type ChannelFault, isChannelFault } from '../channels/fault.ts';
import { receiveErrors } from './errors.ts';
import type { FetchRun } from './fetch-types.ts';
import type { Reading } from './read-message.ts';

/** So many in a row: it is the server that is ill, and not the messages. */
const mostInARow = 3;

/** Stands at a row whose message could not be read. */
export const notReadCode = receiveErrors.MAIL_NOT_READ().code;

/** Not a refused token, a missing right or too much load, which every message would meet. */
const isOfOneMessage = ({ facts }: ChannelFault): boolean =>
  facts.stage === 'read' && facts.waitMs === 0 && ![401, 403, 429, 503].includes(facts.status);

/**
 * Reads a message, or notes that the server did not give it out, so that one that it never gives holds up no other: known
 * by its row, it is passed over by the listing and tried again at the end of each fetch. Undefined: noted, and the fetch
 * goes on. Where the connection broke, or the server refuses one after the other, the fault is noted and thrown.
 */
export const readOrNote = async (
  run: FetchRun,
  read: () => Promise<Reading>,
  note: () => Promise<void>,
): Promise<Reading | undefined> => {
  try {
    const reading = await read();
    if (reading.kind !== 'gone') run.reads.done += 1;
    run.reads.refusedInARow = 0;
    return reading;
  } catch (error) {
    run.signal.throwIfAborted();
    if (!isChannelFault(error) || !isOfOneMessage(error)) throw error;
    await note();
    run.tally.notRead += 1;
    run.reads.refusedInARow += 1;
    // Without a code the server answered, and the connection goes on.
    if (error.facts.code !== '' || run.reads.refusedInARow >= mostInARow) throw error;
    run.logger.warn({ account: run.account.id, reason: error.facts.reason }, 'message not given out');
    return undefined;
  }
};
