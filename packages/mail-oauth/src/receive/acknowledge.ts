import type { MailboxFacts } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import { isRetired } from './cursor.ts';
import type { FetchRun } from './fetch-types.ts';
import { markAcknowledged, rowsIn } from './records.ts';

const batch = 100;

/** IMAP keys of another folder or UIDVALIDITY name nothing in this mailbox, or something else; so do retired ones. */
const belongs = (facts: MailboxFacts, key: string): boolean =>
  !isRetired(key) && (facts.protocol !== 'imap' || key.startsWith(`${facts.folder};${facts.uidValidity};`));

/** What was taken and is not yet acknowledged, after the first `offset` of it. */
const waiting = async ({ db, account }: FetchRun, offset: number): Promise<readonly string[]> =>
  (await rowsIn(db, account.id, ['taken'], batch, { acknowledged: false, offset })).map(
    ({ message_key }) => message_key,
  );

const ask = async ({ mailbox, account }: FetchRun, keys: readonly string[]): Promise<number> => {
  const here = keys.filter((key) => belongs(mailbox.facts, key));
  if (here.length > 0) await mailbox.acknowledge(here, account.after);
  return here.length;
};

const note = async (run: FetchRun, keys: readonly string[], asked: number): Promise<void> => {
  await markAcknowledged(run.db, run.fence, run.account.id, keys, run.clock.now());
  run.tally.acknowledged += asked;
};

/** A refusal of the server is kept for the report, and ends the attempts of this run. */
const unlessRefused = async (run: FetchRun, work: () => Promise<void>): Promise<void> => {
  if (run.acknowledgeFault !== undefined) return;
  try {
    await work();
  } catch (error) {
    if (!isChannelFault(error)) throw error;
    run.acknowledgeFault = error;
  }
};

/** POP deletes when the connection is closed in order, and nothing before (RFC 1939, 6). */
const deletesAtClose = ({ mailbox, account }: FetchRun): boolean =>
  mailbox.facts.protocol === 'pop' && account.after.kind === 'delete';

/**
 * Marks, moves or deletes what was taken and is not yet acknowledged, whenever it was taken: a crash between taking and
 * acknowledging is made good here. A refusal costs nothing but the mark: what was taken is not taken twice by it. Does
 * nothing where POP deletes, see {@link acknowledgeByClosing}.
 */
export const acknowledgeTaken = async (run: FetchRun): Promise<void> => {
  if (deletesAtClose(run)) return;
  await unlessRefused(run, async () => {
    for (;;) {
      run.signal.throwIfAborted();
      const keys = await waiting(run, 0);
      if (keys.length === 0) return;
      await note(run, keys, await ask(run, keys));
    }
  });
};

/**
 * Where POP deletes: asks for all that was taken, closes the mailbox, and notes it only then. A connection that breaks
 * before has deleted nothing, and the next fetch asks again. The mailbox is of no more use afterwards.
 */
export const acknowledgeByClosing = async (run: FetchRun): Promise<void> => {
  if (!deletesAtClose(run)) return;
  await unlessRefused(run, async () => {
    const asked: { readonly keys: readonly string[]; readonly count: number }[] = [];
    for (let offset = 0; ; offset += batch) {
      run.signal.throwIfAborted();
      const keys = await waiting(run, offset);
      if (keys.length === 0) break;
      asked.push({ keys, count: await ask(run, keys) });
    }
    if (asked.length === 0) return;
    await run.mailbox.close();
    for (const { keys, count } of asked) await note(run, keys, count);
  });
};
