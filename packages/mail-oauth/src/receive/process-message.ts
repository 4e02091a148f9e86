import type { KnownError } from '@itsm-m365/plugin-api';
import type { Listed } from '../channels/channel.ts';
import type { MessageRow } from '../tables.ts';
import { messages } from '../tables.ts';
import { receiveErrors } from './errors.ts';
import type { FetchRun } from './fetch-types.ts';
import { handOver } from './hand-over.ts';
import type { ReadMessage } from './message.ts';
import { type Reading, readOne } from './read-message.ts';
import { change, record, seenRow, shownOf, twinsOf } from './records.ts';
import type { Spooled } from './spool.ts';

const defaultHandOverMs = 120_000;

const tooLarge = receiveErrors.MAIL_TOO_LARGE().code;

const seen = (run: FetchRun, key: string, size: number) => ({
  account: run.account.id,
  key,
  id: run.random.uuid(),
  now: run.clock.now(),
  size,
});

const read = async (run: FetchRun, key: string): Promise<Reading> => {
  const reading = await readOne(run, key, { most: run.account.maxBytes, ours: run.account.ours });
  if (reading.kind === 'unreadable') {
    run.logger.warn({ account: run.account.id, key, reason: reading.error.details.reason }, 'message not readable');
  }
  return reading;
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

/** Rows of before the cursor was reset, of what may be the same message. */
interface Twins {
  /** The host has it, or a person did not want it. */
  readonly dealt: boolean;
  /** Met before and never confirmed: it is the same message, under its new key. */
  readonly open: MessageRow | undefined;
}

const twins = async (run: FetchRun, message: ReadMessage, spooled: Spooled): Promise<Twins> => {
  const rows = await twinsOf(run.db, run.account.id, spooled.content, message.messageId.slice(0, 998));
  return {
    dealt: rows.some(({ state }) => state === 'taken' || state === 'skipped'),
    open: rows.find(({ state }) => state === 'handing' || state === 'failed' || state === 'aside'),
  };
};

const begin = async (
  run: FetchRun,
  listed: Listed,
  message: ReadMessage,
  spooled: Spooled,
  afterReset: boolean,
): Promise<MessageRow | undefined> => {
  const { dealt, open } = afterReset ? await twins(run, message, spooled) : { dealt: false, open: undefined };
  const fresh = {
    ...seenRow(seen(run, listed.key, spooled.size), 'handing'),
    ...shownOf(message, spooled.content, spooled.size),
  };
  if (open !== undefined) {
    // The row moves to the new key, so that the host gets the id and the attempts that it may know.
    const patch = {
      message_key: listed.key,
      state: 'handing',
      attempts: open.attempts + 1,
      changed_at: fresh.changed_at,
    };
    return (await change(run.db, run.fence, open, patch)) ? { ...open, ...patch } : undefined;
  }
  if (dealt) {
    await record(run.db, run.fence, { ...fresh, state: 'suspect', failed_code: 'MAIL_PROBABLY_TAKEN' });
    run.tally.suspect += 1;
    return undefined;
  }
  const row = { ...fresh, attempts: 1 };
  await record(run.db, run.fence, row);
  return row;
};

/** A message that was never seen. `afterReset`: it may be one that was taken before the cursor was reset. */
export const processNew = async (run: FetchRun, listed: Listed, afterReset: boolean): Promise<void> => {
  const large = async (size: number): Promise<void> => {
    await record(run.db, run.fence, seenRow(seen(run, listed.key, size), 'large', tooLarge));
    run.tally.large += 1;
  };
  if ((listed.size ?? 0) > run.account.maxBytes) return large(listed.size ?? 0);
  const reading = await read(run, listed.key);
  if (reading.kind === 'large') return large(listed.size ?? 0);
  if (reading.kind === 'gone') {
    run.tally.gone += 1;
    return;
  }
  if (reading.kind === 'unreadable') {
    const row = seenRow(seen(run, listed.key, reading.size), 'unreadable', reading.error.code);
    await record(run.db, run.fence, { ...row, content: reading.content });
    run.tally.unreadable += 1;
    return;
  }
  try {
    const row = await begin(run, listed, reading.message, reading.spooled, afterReset);
    if (row !== undefined) await give(run, row, reading.message, reading.spooled);
  } finally {
    await reading.spooled.close();
  }
};

const setAside = async (
  run: FetchRun,
  row: MessageRow,
  state: 'aside' | 'large' | 'unreadable',
  code: string,
): Promise<void> => {
  const patch = { state, failed_code: code, changed_at: run.clock.now() };
  if (await change(run.db, run.fence, row, patch)) run.tally[state] += 1;
};

/** A message that was met before and not confirmed, or that a person wants handed over. */
export const processAgain = async (run: FetchRun, row: MessageRow): Promise<void> => {
  // Only a crash leaves `handing`: a message that ends the process each time must not do so for ever.
  if (row.state === 'handing' && row.attempts >= run.account.maxTries) {
    return setAside(run, row, 'aside', receiveErrors.MAIL_INTERRUPTED().code);
  }
  const reading = await read(run, row.message_key);
  if (reading.kind === 'gone') return setAside(run, row, 'aside', receiveErrors.MAIL_MESSAGE_GONE().code);
  if (reading.kind === 'large') return setAside(run, row, 'large', tooLarge);
  if (reading.kind === 'unreadable') return setAside(run, row, 'unreadable', reading.error.code);
  try {
    const facts = shownOf(reading.message, reading.spooled.content, reading.spooled.size);
    const patch = { ...facts, state: 'handing', attempts: row.attempts + 1, changed_at: run.clock.now() };
    if (await change(run.db, run.fence, row, patch))
      await give(run, { ...row, ...patch }, reading.message, reading.spooled);
  } finally {
    await reading.spooled.close();
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
