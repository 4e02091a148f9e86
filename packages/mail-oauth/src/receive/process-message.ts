import type { KnownError } from '@itsm-m365/plugin-api';
import type { Listed } from '../channels/channel.ts';
import type { MessageRow } from '../tables.ts';
import { messages } from '../tables.ts';
import { beginMessage, probablyTaken, seen, twins } from './begin-message.ts';
import { receiveErrors } from './errors.ts';
import type { FetchRun } from './fetch-types.ts';
import { handOver } from './hand-over.ts';
import type { ReadMessage } from './message.ts';
import { notReadCode, readOrNote } from './not-read.ts';
import { type Reading, readOne } from './read-message.ts';
import { change, record, seenRow, shownOf } from './records.ts';
import type { Spooled } from './spool.ts';

const defaultHandOverMs = 120_000;

const tooLarge = receiveErrors.MAIL_TOO_LARGE().code;

const reading = async (run: FetchRun, key: string): Promise<Reading> => {
  const found = await readOne(run, key, { most: run.account.maxBytes, ours: run.account.ours });
  if (found.kind === 'unreadable') {
    run.logger.warn({ account: run.account.id, key, reason: found.error.details.reason }, 'message not readable');
  }
  return found;
};

/** After the host answered: the row's new state. A message that is worn out is set aside when the fetch ends. */
const settle = async (run: FetchRun, row: MessageRow, error: KnownError | undefined): Promise<void> => {
  const now = run.clock.now();
  if (error === undefined) {
    await change(run.db, run.fence, row, { state: 'taken', failed_code: '', changed_at: now, acknowledged: false });
    run.tally.taken += 1;
    return;
  }
  const code = error.code.slice(0, 80);
  await change(run.db, run.fence, row, { state: 'failed', failed_code: code, changed_at: now });
  run.tally.failed += 1;
  run.logger.warn({ account: run.account.id, message: row.id, attempt: row.attempts, code }, 'message not taken');
  if (row.attempts >= run.account.maxTries) run.worn.push({ key: row.message_key, attempts: row.attempts });
};

const give = async (run: FetchRun, row: MessageRow, message: ReadMessage, spooled: Spooled): Promise<void> => {
  const { id, name, mailbox } = run.account;
  const facts = { id: row.id, attempt: row.attempts, account: { id, name, mailbox } };
  const error = await handOver({ ...run, handOverMs: run.handOverMs ?? defaultHandOverMs }, message, facts, spooled);
  await settle(run, row, error);
};

/** A message that was never seen. `afterReset`: it may be one that was taken before the cursor was reset. */
export const processNew = async (run: FetchRun, listed: Listed, afterReset: boolean): Promise<void> => {
  const large = async (size: number): Promise<void> => {
    await record(run.db, run.fence, seenRow(seen(run, listed.key, size), 'large', tooLarge));
    run.tally.large += 1;
  };
  if ((listed.size ?? 0) > run.account.maxBytes) return large(listed.size ?? 0);
  const note = () => {
    const row = seenRow(seen(run, listed.key, listed.size ?? 0), 'failed', notReadCode);
    return record(run.db, run.fence, { ...row, attempts: 1 });
  };
  const found = await readOrNote(run, () => reading(run, listed.key), note);
  if (found === undefined) return;
  if (found.kind === 'large') return large(listed.size ?? 0);
  if (found.kind === 'gone') {
    run.tally.gone += 1;
    return;
  }
  if (found.kind === 'unreadable') {
    const row = seenRow(seen(run, listed.key, found.size), 'unreadable', found.error.code);
    await record(run.db, run.fence, { ...row, content: found.content });
    run.tally.unreadable += 1;
    return;
  }
  try {
    const row = await beginMessage(run, listed.key, found.message, found.spooled, afterReset);
    if (row !== undefined) await give(run, row, found.message, found.spooled);
  } finally {
    await found.spooled.close();
  }
};

const setAside = async (
  run: FetchRun,
  row: MessageRow,
  state: 'aside' | 'large' | 'unreadable' | 'suspect',
  code: string,
  facts: Partial<MessageRow> = {},
): Promise<void> => {
  const patch = { ...facts, state, failed_code: code, changed_at: run.clock.now() };
  if (await change(run.db, run.fence, row, patch)) run.tally[state] += 1;
};

/** Set aside only where other messages could be read: a server that gives none out is ill, and its messages are not. */
const noteAgain = async (run: FetchRun, row: MessageRow): Promise<void> => {
  const attempts = row.attempts + 1;
  const worn = attempts >= run.account.maxTries && run.reads.done > 0;
  const patch = { state: worn ? 'aside' : 'failed', attempts, failed_code: notReadCode, changed_at: run.clock.now() };
  if ((await change(run.db, run.fence, row, patch)) && worn) run.tally.aside += 1;
};

/**
 * A message that was met before and not confirmed, or that a person wants handed over. `afterReset` as in `processNew`, for
 * what could not be read when it was new.
 */
export const processAgain = async (run: FetchRun, row: MessageRow, afterReset: boolean): Promise<void> => {
  // Only a crash leaves `handing`: a message that ends the process each time must not do so for ever.
  if (row.state === 'handing' && row.attempts >= run.account.maxTries) {
    return setAside(run, row, 'aside', receiveErrors.MAIL_INTERRUPTED().code);
  }
  const found = await readOrNote(
    run,
    () => reading(run, row.message_key),
    () => noteAgain(run, row),
  );
  if (found === undefined) return;
  if (found.kind === 'gone') return setAside(run, row, 'aside', receiveErrors.MAIL_MESSAGE_GONE().code);
  if (found.kind === 'large') return setAside(run, row, 'large', tooLarge);
  if (found.kind === 'unreadable') return setAside(run, row, 'unreadable', found.error.code);
  const { message, spooled } = found;
  try {
    const isNew = row.content === '';
    const facts = shownOf(message, spooled.content, spooled.size);
    if (afterReset && isNew && row.failed_code === notReadCode) {
      const { dealt, open } = await twins(run, message, spooled);
      if (dealt || open !== undefined) return setAside(run, row, 'suspect', probablyTaken, facts);
    }
    const attempts = isNew ? 1 : row.attempts + 1;
    const patch = { ...facts, state: 'handing', attempts, changed_at: run.clock.now() };
    if (await change(run.db, run.fence, row, patch)) await give(run, { ...row, ...patch }, message, spooled);
  } finally {
    await spooled.close();
  }
};

/** Sets the worn-out ones aside, in one transaction. */
export const setWornAside = async (run: FetchRun): Promise<void> => {
  if (run.worn.length === 0) return;
  const now = run.clock.now();
  const moved = await run.db.write(async (trx) => {
    await run.fence(trx);
    let count = 0;
    for (const { key, attempts } of run.worn) {
      count += await trx.update(messages, { state: 'aside', changed_at: now }, (query) =>
        query.where({ account: run.account.id, message_key: key, state: 'failed', attempts }),
      );
    }
    return count;
  });
  run.tally.aside += moved;
  run.tally.failed -= moved;
};
