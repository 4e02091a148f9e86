import type { Page, Position } from '../channels/channel.ts';
import { isChannelFault } from '../channels/fault.ts';
import type { MessageRow } from '../tables.ts';
import { acknowledgeByClosing, acknowledgeTaken } from './acknowledge.ts';
import { beginFetch, listAgain } from './begin-fetch.ts';
import { type FetchDeps, type FetchReport, type FetchRun, subjectOf } from './fetch-types.ts';
import { receiveNotices } from './notices.ts';
import { processAgain, processNew, setWornAside } from './process-message.ts';
import { knownKeys, rowsIn } from './records.ts';
import { writeState } from './state.ts';

/** So many refusals, and nothing taken: it is the host that is ill, and not the messages. */
const refusalsInARow = 5;
/** Messages of earlier fetches that are tried again in one fetch. */
const mostAgain = 500;

const phase = { en: 'Handing messages over', de: 'Nachrichten werden übergeben' };

const hostIsIll = ({ tally }: FetchRun): boolean => tally.taken === 0 && tally.failed >= refusalsInARow;

const advance = (run: FetchRun, position: Position): Promise<void> =>
  run.db.write(async (trx) => {
    await run.fence(trx);
    const read = { ...position, mailbox: run.account.mailbox };
    await writeState(trx, run.account, { position: read, position_at: run.clock.now() });
  });

const onePage = async (run: FetchRun, page: Page, afterReset: boolean): Promise<void> => {
  const known = await knownKeys(
    run.db,
    run.account.id,
    page.messages.map(({ key }) => key),
  );
  for (const listed of page.messages) {
    run.signal.throwIfAborted();
    if (hostIsIll(run)) return;
    if (known.has(listed.key)) continue;
    known.add(listed.key);
    await processNew(run, listed, afterReset);
    const { taken, failed, large, unreadable, suspect, notRead } = run.tally;
    run.progress.report({
      phase,
      done: taken + failed + large + unreadable + suspect + notRead,
      total: run.mailbox.facts.messages,
    });
  }
};

/** In lower case; Graph answers 410 with one of them where a delta link has become too old. */
const lostLink = new Set(['syncstatenotfound', 'syncstateinvalid', 'resyncrequired']);

const linkIsLost = (error: unknown): boolean =>
  isChannelFault(error) &&
  error.facts.protocol === 'graph' &&
  (error.facts.status === 410 || lostLink.has(error.facts.reason.toLowerCase()));

const listFrom = async (run: FetchRun, position: Position | undefined, afterReset: boolean): Promise<void> => {
  for await (const page of run.mailbox.list(position)) {
    await onePage(run, page, afterReset);
    await acknowledgeTaken(run);
    // What was not tried is not dealt with: the position stays before it.
    if (hostIsIll(run)) return;
    await advance(run, page.position);
  }
};

/**
 * Lists what is new. A lost delta link needs no person: immutable ids outlive it, so that known messages are left out, and
 * where a mailbox came to be another one and has new ids, what was probably taken is held back as after a reset.
 */
const listNew = async (run: FetchRun, position: Position | undefined, afterReset: boolean): Promise<void> => {
  try {
    await listFrom(run, position, afterReset);
  } catch (error) {
    if (position === undefined || !linkIsLost(error)) throw error;
    await listAgain(run);
    run.notices.push(receiveNotices.MAIL_LISTED_AGAIN({ account: run.account.name }, subjectOf(run.account)));
    await listFrom(run, undefined, true);
  }
};

const tryAgain = async (run: FetchRun, rows: readonly MessageRow[], afterReset: boolean): Promise<void> => {
  for (const row of rows) {
    run.signal.throwIfAborted();
    if (hostIsIll(run)) return;
    await processAgain(run, row, afterReset);
  }
};

const complete = (run: FetchRun): Promise<void> =>
  run.db.write(async (trx) => {
    await run.fence(trx);
    // What could not be read after a reset may have been taken before it: it is not over for as long as there is such.
    const settled = run.tally.notRead > 0 ? {} : { cursor_state: '', cursor_detail: '' };
    await writeState(trx, run.account, {
      ...settled,
      last_complete_at: run.clock.now(),
      failed_code: '',
      failed_at: null,
    });
  });

const report = (run: FetchRun, outcome: FetchReport['outcome']): FetchReport => {
  const { account, tally, notices, acknowledgeFault } = run;
  const subject = subjectOf(account);
  const about = (count: number) => ({ account: account.name, count });
  const megabytes = Math.round(account.maxBytes / 1024 / 1024);
  if (tally.suspect > 0) notices.push(receiveNotices.MAIL_SUSPECTS_LISTED(about(tally.suspect), subject));
  if (tally.large > 0)
    notices.push(receiveNotices.MAIL_TOO_LARGE_LISTED({ ...about(tally.large), megabytes }, subject));
  if (tally.unreadable > 0) notices.push(receiveNotices.MAIL_UNREADABLE_LISTED(about(tally.unreadable), subject));
  if (tally.notRead > 0) notices.push(receiveNotices.MAIL_NOT_GIVEN_OUT(about(tally.notRead), subject));
  if (tally.aside > 0) notices.push(receiveNotices.MAIL_SET_ASIDE(about(tally.aside), subject));
  if (hostIsIll(run)) notices.push(receiveNotices.MAIL_NOTHING_TAKEN(about(tally.failed), subject));
  if (acknowledgeFault !== undefined)
    notices.push(receiveNotices.MAIL_NOT_ACKNOWLEDGED({ account: account.name }, subject));
  const whole = tally.failed + tally.aside + tally.notRead === 0 && acknowledgeFault === undefined;
  return {
    counts: { ...tally },
    notices,
    outcome: outcome === 'succeeded' && !whole ? 'partial' : outcome,
    acknowledgeFault,
  };
};

/**
 * Fetches what is new in a mailbox and hands it to the host: at least once, recorded once, and a second time only with a
 * higher `attempt`. An account that was never fetched is read from its oldest message on, read or unread. Each message is
 * noted before it is handed over and marked taken after it, then acknowledged in the mailbox; the position moves on over
 * what has a row, so that a message that is refused holds nothing up: it is tried again, by its row, at the end of each
 * fetch, and set aside after `maxTries`; so is one that the server does not give out. Where the host refuses five and takes
 * none, the fetch stops and nothing is set aside.
 *
 * May be killed anywhere and run again: nothing is lost, and the next fetch makes good what was left between two steps.
 * Rejects with the channel's fault, with `MAIL_SPOOL_FAILED`, with `LEASE_LOST` of the fence, or with the signal's reason;
 * what was taken by then stays taken. A cancelled hand-over counts as a try.
 */
export const fetchAccount = async (deps: FetchDeps): Promise<FetchReport> => {
  const tally = {
    taken: 0,
    failed: 0,
    aside: 0,
    large: 0,
    unreadable: 0,
    suspect: 0,
    notRead: 0,
    gone: 0,
    acknowledged: 0,
  };
  const run: FetchRun = {
    ...deps,
    tally,
    notices: [],
    worn: [],
    reads: { done: 0, refusedInARow: 0 },
    acknowledgeFault: undefined,
  };
  const beginning = await beginFetch(run);
  if (beginning.kind === 'held') return report(run, 'held');
  // Before the listing: what this fetch leaves behind waits for the next one.
  const again = await rowsIn(run.db, run.account.id, ['handing', 'failed'], mostAgain);
  await acknowledgeTaken(run);
  await listNew(run, beginning.position, beginning.afterReset);
  await tryAgain(run, again, beginning.afterReset);
  await acknowledgeTaken(run);
  await acknowledgeByClosing(run);
  if (hostIsIll(run)) return report(run, 'partial');
  await setWornAside(run);
  await complete(run);
  return report(run, 'succeeded');
};
