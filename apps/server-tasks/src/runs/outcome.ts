import type { ItemState, RunState } from '@itsm-m365/plugin-api';

/** How one item ended, as far as its run is concerned. `outcome` is what its report said. */
export interface ItemEnd {
  readonly state: ItemState;
  readonly outcome: 'succeeded' | 'partial' | 'held' | null;
}

/** Why a run was told to stop: by a person, its time limit, the shutdown of its only node, a restore of the database. */
export type StopReason = 'cancelled' | 'timeout' | 'shutdown' | 'restored';

const isActive = ({ state }: ItemEnd) => state === 'waiting' || state === 'running';

/**
 * The state a run ends with, or undefined while an item is not done (D4). A run without items succeeded. One that was
 * told to stop, but whose items had all ended by themselves, is judged by them.
 */
export const runOutcome = (items: readonly ItemEnd[], stop: StopReason | null): RunState | undefined => {
  if (items.some(isActive)) return undefined;
  const count = (state: ItemState) => items.filter((item) => item.state === state).length;
  if (count('cancelled') > 0 && stop !== null && stop !== 'timeout') return 'cancelled';
  if (items.length > 0 && count('cancelled') === items.length) return 'cancelled';
  if (count('failed') > 0 && count('succeeded') + count('held') === 0) return 'failed';
  return items.every(({ state, outcome }) => state === 'succeeded' && outcome === 'succeeded')
    ? 'succeeded'
    : 'partial';
};

type Counts = Readonly<Record<string, number>>;

/** The counts of a run: those of its items, summed by name. */
export const sumCounts = (counts: readonly (Counts | null)[]): Counts => {
  const sum = new Map<string, number>();
  for (const one of counts)
    for (const [name, value] of Object.entries(one ?? {})) sum.set(name, (sum.get(name) ?? 0) + value);
  return Object.fromEntries(sum);
};
