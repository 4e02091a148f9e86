import type { MailboxFacts } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import type { FetchRun } from './fetch-types.ts';
import { markAcknowledged, rowsIn } from './records.ts';

const batch = 100;

/** IMAP keys of another folder or UIDVALIDITY name nothing in this mailbox, or something else. */
const belongs = (facts: MailboxFacts, key: string): boolean =>
  facts.protocol !== 'imap' || key.startsWith(`${facts.folder};${facts.uidValidity};`);

/**
 * Marks, moves or deletes what was taken and is not yet acknowledged, whenever it was taken: a crash between taking and
 * acknowledging is made good here. A refusal of the server is kept for the report and ends the attempt of this run only,
 * because nothing that was taken is taken twice by it; what else throws is thrown.
 */
export const acknowledgeTaken = async (run: FetchRun): Promise<void> => {
  const { account, clock, db, fence, mailbox } = run;
  while (run.acknowledgeFault === undefined) {
    run.signal.throwIfAborted();
    const rows = await rowsIn(db, account.id, ['taken'], batch, false);
    if (rows.length === 0) return;
    const keys = rows.map(({ message_key }) => message_key);
    const here = keys.filter((key) => belongs(mailbox.facts, key));
    try {
      if (here.length > 0) await mailbox.acknowledge(here, account.after);
    } catch (error) {
      if (!isChannelFault(error)) throw error;
      run.acknowledgeFault = error;
      return;
    }
    await markAcknowledged(db, fence, account.id, keys, clock.now());
    run.tally.acknowledged += here.length;
  }
};
