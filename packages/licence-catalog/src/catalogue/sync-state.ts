import type { SyncReason, SyncState } from '../model.ts';

/** What is known of a SKU when its state is decided. */
export interface SyncFacts {
  readonly portalDeleted: boolean;
  readonly excluded: boolean;
  /** A complete, successful listing has the SKU, and not as `Deleted`. */
  readonly seen: boolean;
}

const reasonOf = ({ portalDeleted, excluded, seen }: SyncFacts): SyncReason | undefined => {
  if (portalDeleted) return 'portal-deleted';
  if (excluded) return 'excluded';
  return seen ? undefined : 'missing-in-portal';
};

/**
 * The state machine D2. `current` undefined: there is no item, or the user deleted it; the answer undefined says that
 * none is to be made. A deleted portal is final (rule 5): a new portal of the same name is another one.
 */
export const nextSyncState = (current: SyncState | undefined, facts: SyncFacts): SyncState | undefined => {
  if (current?.state === 'unsynced' && current.reason === 'portal-deleted') return current;
  const reason = reasonOf(facts);
  if (reason === undefined) return { state: 'synced' };
  return current === undefined ? undefined : { state: 'unsynced', reason };
};

export const stateColumns = (state: SyncState): { readonly sync_state: string; readonly sync_reason: string } => ({
  sync_state: state.state,
  sync_reason: state.state === 'synced' ? '' : state.reason,
});

const reasons: readonly SyncReason[] = ['portal-deleted', 'excluded', 'missing-in-portal'];

export const stateOf = (row: { readonly sync_state: string; readonly sync_reason: string }): SyncState => {
  const reason = reasons.find((known) => known === row.sync_reason);
  return row.sync_state === 'synced' || reason === undefined ? { state: 'synced' } : { state: 'unsynced', reason };
};
