import type { Position } from '../channels/channel.ts';
import { mailStates, messages } from '../tables.ts';
import {
  type CursorState,
  detailOf,
  judgeCursor,
  type MoveDetail,
  positionFromNow,
  readDetail,
  writeDetail,
} from './cursor.ts';
import { type FetchRun, subjectOf } from './fetch-types.ts';
import { receiveNotices } from './notices.ts';
import { knownKeys, rowsIn, seenRow } from './records.ts';
import { readState, writeState } from './state.ts';

/** From where a fetch goes on. `afterReset`: what is listed may have been taken before. */
export type Beginning =
  | { readonly kind: 'held' }
  | { readonly kind: 'go'; readonly position: Position | undefined; readonly afterReset: boolean };

const foundText = ({ reason, uidValidity, uidNext, messages: count }: MoveDetail): string =>
  `${reason}, UIDVALIDITY ${uidValidity || '-'}, UIDNEXT ${uidNext}, ${count}`;

const hold = async (run: FetchRun, state: CursorState, detail: MoveDetail): Promise<Beginning> => {
  await run.db.write(async (trx) => {
    await run.fence(trx);
    // Only as it was read: a person may have answered since, and the answer counts.
    await trx.update(mailStates, { cursor_state: 'moved', cursor_detail: writeDetail(detail) }, (query) =>
      query.where({ account: run.account.id, cursor_state: state }),
    );
  });
  const facts = { account: run.account.name, found: foundText(detail) };
  run.notices.push(receiveNotices.MAIL_MAILBOX_MOVED(facts, subjectOf(run.account)));
  return { kind: 'held' };
};

/** POP has no position behind everything: what lies there gets a row that says so. */
const skipAllOfPop = async (run: FetchRun): Promise<void> => {
  for await (const page of run.mailbox.list(undefined)) {
    const keys = page.messages.map(({ key }) => key);
    const known = await knownKeys(run.db, run.account.id, keys);
    const now = run.clock.now();
    const rows = page.messages
      .filter(({ key }) => !known.has(key))
      .map(({ key, size }) =>
        seenRow({ account: run.account.id, key, id: run.random.uuid(), now, size: size ?? 0 }, 'skipped'),
      );
    await run.db.write(async (trx) => {
      await run.fence(trx);
      await trx.insert(messages, rows);
    });
  }
};

const fromNow = async (run: FetchRun, detail: MoveDetail | undefined): Promise<Beginning> => {
  const { facts } = run.mailbox;
  if (facts.protocol === 'pop') await skipAllOfPop(run);
  const position = positionFromNow(detail, facts) ?? (await run.mailbox.now());
  await run.db.write(async (trx) => {
    await run.fence(trx);
    await writeState(trx, run.account, {
      position: { ...position, mailbox: run.account.mailbox },
      position_at: run.clock.now(),
      cursor_state: '',
      cursor_detail: '',
    });
  });
  run.notices.push(receiveNotices.MAIL_FETCHED_FROM_NOW({ account: run.account.name }, subjectOf(run.account)));
  return { kind: 'go', position, afterReset: false };
};

/** Notes that everything is listed again; until a listing has ended, what was probably taken is held back. */
export const listAgain = async (run: FetchRun): Promise<void> => {
  await run.db.write(async (trx) => {
    await run.fence(trx);
    const patch = { position: null, position_at: run.clock.now(), cursor_state: 'fetch-all', cursor_detail: '' };
    await writeState(trx, run.account, patch);
  });
};

/** A POP mailbox whose names are all new, though messages of it were taken: they were named anew (RFC 1939, 7). */
const renamedPop = async (run: FetchRun): Promise<boolean> => {
  if ((await rowsIn(run.db, run.account.id, ['taken'], 1)).length === 0) return false;
  let listed = 0;
  for await (const page of run.mailbox.list(undefined)) {
    const keys = page.messages.map(({ key }) => key);
    if ((await knownKeys(run.db, run.account.id, keys)).size > 0) return false;
    listed += keys.length;
  }
  return listed > 0;
};

/**
 * Notes the attempt and decides from where to read. A mailbox that was found moved stays held until a person answers, even
 * where its UIDs have grown beyond the stored one meanwhile: that is how mail is missed silently (MAIL-05). Each held fetch
 * looks again, so that *from now* begins at the last look before the answer.
 */
export const beginFetch = async (run: FetchRun): Promise<Beginning> => {
  const { account, clock, db, fence, mailbox } = run;
  const stored = await readState(db, account.id);
  await db.write(async (trx) => {
    await fence(trx);
    await writeState(trx, account, { name: account.name, last_attempt_at: clock.now(), last_run: run.runId });
  });
  const state = (stored?.cursor_state ?? '') as CursorState;
  const detail = readDetail(stored?.cursor_detail ?? '');
  const position = stored?.position ?? null;
  if (state === 'from-now') return fromNow(run, detail);
  const verdict = judgeCursor(position, mailbox.facts, account.mailbox);
  if (verdict.kind === 'moved') return hold(run, state, detailOf(verdict.reason, mailbox.facts));
  if (state === 'moved') return hold(run, state, detailOf(detail?.reason ?? 'uid-validity', mailbox.facts));
  if (state === '' && mailbox.facts.protocol === 'pop' && (await renamedPop(run))) {
    await listAgain(run);
    return { kind: 'go', position: undefined, afterReset: true };
  }
  return { kind: 'go', position: position ?? undefined, afterReset: state === 'fetch-all' };
};
