import { guidOf } from '../random.ts';
import { type GraphCall, strike } from './call.ts';
import type { PageToken } from './page-token.ts';
import type { Projection, Spelling } from './user-properties.ts';

/** One page of a delta round. */
export interface Slice {
  readonly items: readonly string[];
  /** Place of the next page; undefined at the end of the round. */
  readonly next: number | undefined;
}

const removedItem = (id: string, reason: 'changed' | 'deleted'): string =>
  `{"id":"${id}","@removed":{"reason":"${reason}"}}`;

/** A page of the first round: users in the order of the listing. */
export const initialSlice = (
  call: GraphCall,
  state: PageToken,
  size: number,
  projection: Projection,
  spelling: Spelling,
): Slice => {
  const { directory } = call.tenant;
  const items: string[] = [];
  if (state.page === 0 && strike(call, 'removed-in-initial-round') !== undefined) {
    items.push(removedItem(guidOf(7, 7, 77), 'changed'));
  }
  let index = state.position;
  for (; index < directory.places() && items.length < size; index += 1) {
    const user = directory.at(index);
    if (user === undefined || (state.ids !== undefined && !state.ids.includes(user.facts.id))) continue;
    items.push(projection.writeSparse(user, spelling));
  }
  while (index < directory.places() && directory.at(index) === undefined) index += 1;
  return { items, next: index < directory.places() ? index : undefined };
};

/** Changed users of the window, each once, in the order of their last change, with the union of what changed. */
const coalesced = (call: GraphCall, state: PageToken, projection: Projection): [number, ReadonlySet<string>][] => {
  const { directory } = call.tenant;
  const site = { endpoint: call.endpoint, tenantId: call.tenant.tenantId, page: state.page };
  const surfacesStates = call.world.faults.inForce('delta-surfaces-assignment-states', site) !== undefined;
  const tracked = new Set(projection.names.filter((name) => name !== 'licenseAssignmentStates'));
  let surfaced = false;
  const changed = new Map<number, ReadonlySet<string>>();
  for (const change of directory.log.between(state.from ?? 0, state.to ?? 0)) {
    const whole = change.properties.size === 0;
    if (!whole && ![...change.properties].some((name) => tracked.has(name))) {
      if (!surfacesStates || !projection.names.includes('licenseAssignmentStates')) continue;
      surfaced = true;
    }
    if (state.ids !== undefined && !state.ids.includes(directory.recordAt(change.index).facts.id)) continue;
    const before = changed.get(change.index);
    changed.delete(change.index);
    const everything = whole || before?.size === 0;
    changed.set(change.index, everything ? new Set() : new Set([...(before ?? []), ...change.properties]));
  }
  if (surfaced) strike(call, 'delta-surfaces-assignment-states', state.page);
  return [...changed];
};

/** A page of a later round: changed and removed users. */
export const changeSlice = (
  call: GraphCall,
  state: PageToken,
  size: number,
  projection: Projection,
  spelling: Spelling,
): Slice => {
  const { directory } = call.tenant;
  const minimal = /\breturn=minimal\b/i.test(call.headers.prefer ?? '');
  const changed = coalesced(call, state, projection);
  const items = changed.slice(state.position, state.position + size).map(([index, properties]) => {
    const presence = directory.presenceAt(index);
    const record = directory.recordAt(index);
    if (presence !== 'present') return removedItem(record.facts.id, presence === 'purged' ? 'deleted' : 'changed');
    return projection.writeSparse(record, spelling, minimal ? properties : undefined);
  });
  const next = state.position + size;
  return { items, next: next < changed.length ? next : undefined };
};
