import type { Instant } from '@itsm-m365/plugin-api';
import type { Portal } from './connect.ts';
import type { PortalStateRow } from './tables.ts';

const hour = 60 * 60_000;

/** Why the figures of a portal may be old; `''`: they are as fresh as they should be. */
export type Staleness = '' | 'never' | 'held' | 'failed' | 'late';

export interface PortalOverview {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly active: boolean;
  readonly cloud: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly authentication: string;
  readonly exclusions: number;
  readonly asOf: Instant | null;
  readonly lastFullListingAt: Instant | null;
  readonly lastAttemptAt: Instant | null;
  readonly lastRun: string;
  readonly users: number;
  readonly stale: Staleness;
  readonly failure: { readonly code: string; readonly at: Instant } | null;
  readonly held: { readonly kind: string; readonly count: number; readonly of: number; readonly at: Instant } | null;
}

/** How fresh a portal's figures are. Pure. */
export const stalenessOf = (state: PortalStateRow | undefined, now: Instant, staleAfterHours: number): Staleness => {
  if (state?.last_complete_at === undefined || state.last_complete_at === null) return 'never';
  if (state.held_kind !== '') return 'held';
  if (state.failed_code !== '') return 'failed';
  return now - state.last_complete_at > staleAfterHours * hour ? 'late' : '';
};

/** One line of the list and its details (M365-10): settings without secrets, and the state of the imports. */
export const overviewOf = (
  portal: Portal,
  state: PortalStateRow | undefined,
  facts: { readonly now: Instant; readonly staleAfterHours: number },
): PortalOverview => {
  const { name, description, active, cloud, tenantId, clientId, credential, exclusions } = portal.value;
  const failed = state === undefined || state.failed_code === '' || state.failed_at === null ? undefined : state;
  const held = state === undefined || state.held_kind === '' || state.held_at === null ? undefined : state;
  return {
    id: portal.id,
    name,
    description,
    active,
    cloud,
    tenantId,
    clientId,
    authentication: credential.type,
    exclusions: exclusions.length,
    asOf: state?.last_complete_at ?? null,
    lastFullListingAt: state?.last_full_at ?? null,
    // A watch may have met the portal before any import did.
    lastAttemptAt: state === undefined || state.last_run === '' ? null : state.last_attempt_at,
    lastRun: state?.last_run ?? '',
    users: state?.users ?? 0,
    stale: stalenessOf(state, facts.now, facts.staleAfterHours),
    failure: failed === undefined ? null : { code: failed.failed_code, at: failed.failed_at ?? 0 },
    held:
      held === undefined
        ? null
        : { kind: held.held_kind, count: held.held_count, of: held.held_of, at: held.held_at ?? 0 },
  };
};
