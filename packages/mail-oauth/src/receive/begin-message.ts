import type { MessageRow } from '../tables.ts';
import { receiveErrors } from './errors.ts';
import type { FetchRun } from './fetch-types.ts';
import type { ReadMessage } from './message.ts';
import { change, record, seenRow, shownOf, twinsOf } from './records.ts';
import type { Spooled } from './spool.ts';

export const probablyTaken = receiveErrors.MAIL_PROBABLY_TAKEN().code;

export const seen = (run: FetchRun, key: string, size: number) => ({
  account: run.account.id,
  key,
  id: run.random.uuid(),
  now: run.clock.now(),
  size,
});

/** Rows of before the cursor was reset, of what may be the same message. */
interface Twins {
  /** The host has it, or a person did not want it. */
  readonly dealt: boolean;
  /** Met before and never confirmed: it is the same message, under its new key. */
  readonly open: MessageRow | undefined;
}

export const twins = async (run: FetchRun, message: ReadMessage, spooled: Spooled): Promise<Twins> => {
  const rows = await twinsOf(run.db, run.account.id, spooled.content, message.messageId.slice(0, 998));
  return {
    dealt: rows.some(({ state }) => state === 'taken' || state === 'skipped'),
    open: rows.find(({ state }) => state === 'handing' || state === 'failed' || state === 'aside'),
  };
};

/**
 * Notes a message that was just read for the first time, and gives the row to hand over by; undefined where it is held back
 * as probably taken. `afterReset`: it may be one that was met before the cursor was reset.
 */
export const beginMessage = async (
  run: FetchRun,
  key: string,
  message: ReadMessage,
  spooled: Spooled,
  afterReset: boolean,
): Promise<MessageRow | undefined> => {
  const { dealt, open } = afterReset ? await twins(run, message, spooled) : { dealt: false, open: undefined };
  const fresh = {
    ...seenRow(seen(run, key, spooled.size), 'handing'),
    ...shownOf(message, spooled.content, spooled.size),
  };
  if (open !== undefined) {
    // The row moves to the new key, so that the host gets the id and the attempts that it may know.
    const patch = {
      message_key: key,
      state: 'handing',
      attempts: open.attempts + 1,
      changed_at: fresh.changed_at,
    };
    if (await change(run.db, run.fence, open, patch)) return { ...open, ...patch };
    // Somebody decided about it meanwhile: it is another state that counts now.
    return beginMessage(run, key, message, spooled, afterReset);
  }
  if (dealt) {
    await record(run.db, run.fence, { ...fresh, state: 'suspect', failed_code: probablyTaken });
    run.tally.suspect += 1;
    return undefined;
  }
  const row = { ...fresh, attempts: 1 };
  await record(run.db, run.fence, row);
  return row;
};
