import { describe, expect, it } from 'vitest';
import type { SyncReason, SyncState } from '../model.ts';
import { nextSyncState, type SyncFacts } from './sync-state.ts';

const synced: SyncState = { state: 'synced' };
const unsynced = (reason: SyncReason): SyncState => ({ state: 'unsynced', reason });
const facts = (word: string): SyncFacts => ({
  portalDeleted: word.includes('deleted'),
  excluded: word.includes('excluded'),
  seen: word.includes('seen'),
});

type Row = readonly [from: SyncState | undefined, facts: string, to: SyncState | undefined];

/** Every state with every set of facts: D2 as a table. */
const table: readonly Row[] = [
  [undefined, 'seen', synced],
  [undefined, 'seen excluded', undefined],
  [undefined, '', undefined],
  [undefined, 'excluded', undefined],
  [undefined, 'seen deleted', undefined],
  [synced, 'seen', synced],
  [synced, '', unsynced('missing-in-portal')],
  [synced, 'seen excluded', unsynced('excluded')],
  [synced, 'excluded', unsynced('excluded')],
  [synced, 'seen deleted', unsynced('portal-deleted')],
  [synced, 'excluded deleted', unsynced('portal-deleted')],
  [unsynced('missing-in-portal'), 'seen', synced],
  [unsynced('missing-in-portal'), '', unsynced('missing-in-portal')],
  [unsynced('missing-in-portal'), 'excluded', unsynced('excluded')],
  [unsynced('missing-in-portal'), 'deleted', unsynced('portal-deleted')],
  [unsynced('excluded'), 'seen', synced],
  [unsynced('excluded'), '', unsynced('missing-in-portal')],
  [unsynced('excluded'), 'seen excluded', unsynced('excluded')],
  [unsynced('excluded'), 'excluded deleted', unsynced('portal-deleted')],
  [unsynced('portal-deleted'), 'seen', unsynced('portal-deleted')],
  [unsynced('portal-deleted'), 'excluded', unsynced('portal-deleted')],
  [unsynced('portal-deleted'), '', unsynced('portal-deleted')],
];

const name = (state: SyncState | undefined): string =>
  state === undefined ? 'none' : state.state === 'synced' ? 'synced' : state.reason;

describe('the state machine of products and licences', () => {
  it.each(
    table.map(([from, word, to]) => ({ from, word, to, title: `${name(from)} and [${word}] gives ${name(to)}` })),
  )('COMP-10: $title', ({ from, word, to }) => {
    expect(nextSyncState(from, facts(word))).toEqual(to);
  });
});
