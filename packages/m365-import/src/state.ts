import type { Database, Instant, Transaction } from '@itsm-m365/plugin-api';
import { importErrors } from './errors.ts';
import { type PortalSkuRow, type PortalStateRow, portalSkus, portalStates } from './tables.ts';

/** What is remembered of a portal between imports. */
export interface PortalMemory {
  readonly state: PortalStateRow | undefined;
  readonly skus: readonly PortalSkuRow[];
}

export const readMemory = (db: Database, portal: string): Promise<PortalMemory> =>
  db.read(async (trx) => ({
    state: (await trx.rows(portalStates, (query) => query.where({ portal })))[0],
    skus: await trx.rows(portalSkus, (query) => query.where({ portal })),
  }));

const freshState = (portal: string, now: Instant): PortalStateRow => ({
  portal,
  name: '',
  tenant: '',
  cloud: '',
  first_seen_at: now,
  last_attempt_at: now,
  last_run: '',
  last_complete_at: null,
  last_full_at: null,
  delta_link: '',
  fingerprint: '',
  users: 0,
  failed_code: '',
  failed_at: null,
  held_kind: '',
  held_count: 0,
  held_of: 0,
  held_at: null,
  removed_at: null,
});

/** Writes a part of a portal's state, creating the row where there is none. Harmless when it runs twice. */
export const writeState = async (
  trx: Transaction,
  portal: string,
  patch: Partial<PortalStateRow>,
  now: Instant,
): Promise<void> => {
  const changed = await trx.update(portalStates, patch, (query) => query.where({ portal }));
  if (changed === 0) await trx.insert(portalStates, [{ ...freshState(portal, now), ...patch }]);
};

/**
 * Holds the portal's row for the rest of the transaction: a deletion of the portal waits, and then marks what this
 * published. Throws `PORTAL_UNKNOWN` where it was deleted before.
 */
export const holdPortal = async (trx: Transaction, portal: string, now: Instant): Promise<void> => {
  const alive = await trx.update(portalStates, { last_attempt_at: now }, (query) =>
    query.where({ portal }).whereNull('removed_at'),
  );
  if (alive === 0) throw importErrors.PORTAL_UNKNOWN({ portal });
};

export const notHeld = { held_kind: '', held_count: 0, held_of: 0, held_at: null } as const;
export const notFailed = { failed_code: '', failed_at: null } as const;

/** Inserts, updates and leaves alone: an unchanged run changes only the rows that changed. */
export const writeSkus = async (
  trx: Transaction,
  before: readonly PortalSkuRow[],
  after: readonly PortalSkuRow[],
): Promise<void> => {
  const known = new Map(before.map((row) => [row.sku, row]));
  const fresh: PortalSkuRow[] = [];
  for (const row of after) {
    const old = known.get(row.sku);
    if (old === undefined) fresh.push(row);
    else if (
      old.part_number !== row.part_number ||
      old.applies_to !== row.applies_to ||
      old.listed !== row.listed ||
      old.imported !== row.imported ||
      old.consumed !== row.consumed ||
      old.counted !== row.counted
    ) {
      await trx.update(portalSkus, row, (query) => query.where({ portal: row.portal, sku: row.sku }));
    }
  }
  if (fresh.length > 0) await trx.insert(portalSkus, fresh);
};
