import { applyCatalogue, keepEvidence, type PublishCounts } from '@itsm-m365/licence-catalog';
import { isKnownError, type Transaction } from '@itsm-m365/plugin-api';
import { useUp } from './confirmations.ts';
import { countHolders } from './count-holders.ts';
import { movedOf } from './gaps.ts';
import type { Held } from './held-notice.ts';
import type { Staged } from './read-portal.ts';
import type { SkuCount } from './reconcile.ts';
import type { PortalImport, Prepared } from './start.ts';
import { holdPortal, notFailed, notHeld, writeSkus, writeState } from './state.ts';
import { type PortalSkuRow, portalSkus } from './tables.ts';

export interface Published {
  readonly counts: PublishCounts;
  /** SKUs whose gap between Microsoft's count and ours is not the one known before. */
  readonly moved: readonly SkuCount[];
}

/** Takes back a publication of changes: counts moved apart, so changes were missed. */
class CountsMoved extends Error {}

const evidenceOf = (run: PortalImport) => [
  { kind: 'subscribedSkus', value: run.answers.raw.skus },
  ...(run.answers.raw.subscriptions === undefined
    ? []
    : [{ kind: 'subscriptions', value: run.answers.raw.subscriptions }]),
];

const keepAnswers = async (trx: Transaction, run: PortalImport, at: number): Promise<void> => {
  for (const { kind, value } of evidenceOf(run)) {
    const bytes = Buffer.from(JSON.stringify(value), 'utf8');
    await keepEvidence(trx, { run: run.context.runId, portal: run.portal.id, kind, bytes, observedAt: at });
  }
};

/** Rows of all SKUs known of the portal. What is no longer listed stays, so that it can be told from what never was. */
const skuRows = (
  run: PortalImport,
  prepared: Prepared,
  counted: ReadonlyMap<string, number>,
  at: number,
): PortalSkuRow[] => {
  const before = new Map(run.memory.skus.map((row) => [row.sku, row]));
  const rows = run.skuPlan.readings.map(
    (sku): PortalSkuRow => ({
      portal: run.portal.id,
      sku: sku.skuId,
      part_number: sku.partNumber,
      applies_to: sku.appliesTo,
      listed: true,
      imported: prepared.licenceOf.has(sku.skuId),
      consumed: sku.units.consumed,
      counted: counted.get(sku.skuId) ?? before.get(sku.skuId)?.counted ?? 0,
      seen_at: at,
    }),
  );
  const listed = new Set(rows.map((row) => row.sku));
  const gone = run.memory.skus.filter((row) => !listed.has(row.sku));
  return [...rows, ...gone.map((row) => ({ ...row, listed: false, imported: false }))];
};

const countBySku = async (trx: Transaction, prepared: Prepared): Promise<Map<string, number>> => {
  const counts = await countHolders(trx, prepared.numbers);
  return new Map([...prepared.licenceOf].map(([sku, number]) => [sku, counts.get(number) ?? 0]));
};

const unchanged = (counts: PublishCounts): boolean =>
  counts.assignmentsOpened + counts.assignmentsChanged + counts.assignmentsEnded === 0;

/** Times a publication is tried again after another portal's inserted the same folder at the same moment. */
const mostCollisions = 3;

/**
 * Publishes what was staged in one transaction: products, assignments, evidence, and the delta link, which belongs to the
 * data it follows (PnP #423 saved it before). A node that lost its lease changes nothing: the fence comes first. Runs
 * again harmlessly after a deadlock. Answers undefined, with nothing published, where the changes do not explain
 * Microsoft's counts: what they are is known only once they are applied.
 */
export const publish = async (
  run: PortalImport,
  prepared: Prepared,
  staged: Staged,
): Promise<Published | undefined> => {
  for (let collisions = 0; ; collisions += 1) {
    try {
      return await publishOnce(run, prepared, staged);
    } catch (error) {
      if (error instanceof CountsMoved) return undefined;
      if (!isKnownError(error, 'DATABASE_CONSTRAINT') || collisions >= mostCollisions) throw error;
    }
  }
};

const publishOnce = (run: PortalImport, prepared: Prepared, staged: Staged): Promise<Published> => {
  const { context, portal, memory } = run;
  return context.db.write(
    async (trx) => {
      await context.fence(trx);
      const at = context.clock.now();
      await holdPortal(trx, portal.id, at);
      await applyCatalogue(trx, prepared.plan, at);
      const counts = await staged.stage.publish(trx, at);
      const known = staged.mode === 'changes' && unchanged(counts);
      const skus = skuRows(run, prepared, known ? new Map() : await countBySku(trx, prepared), at);
      const moved = movedOf(run, skus);
      if (staged.mode === 'changes' && moved.length > 0) throw new CountsMoved();
      await writeSkus(trx, await trx.rows(portalSkus, (query) => query.where({ portal: portal.id })), skus);
      await keepAnswers(trx, run, at);
      await useUp(trx, run.confirmations, context.runId);
      await writeState(
        trx,
        portal.id,
        {
          ...notFailed,
          ...notHeld,
          name: portal.value.name,
          tenant: portal.value.tenantId,
          cloud: portal.value.cloud,
          last_attempt_at: at,
          last_run: context.runId,
          last_complete_at: at,
          delta_link: staged.deltaLink,
          fingerprint: run.fingerprint,
          ...(staged.mode === 'full' ? { last_full_at: at, users: staged.users } : { users: memory.state?.users ?? 0 }),
        },
        at,
      );
      return { counts, moved };
    },
    { signal: context.signal },
  );
};

/** Notes that the import waits for a person. Data, delta link and figures stay as they are. */
export const hold = (run: PortalImport, held: Held): Promise<void> => {
  const { context, portal, memory } = run;
  return context.db.write(async (trx) => {
    await context.fence(trx);
    const at = context.clock.now();
    await holdPortal(trx, portal.id, at);
    await keepAnswers(trx, run, at);
    await useUp(trx, run.confirmations, context.runId);
    // Held since the first run of a row, so that people are told once.
    const since = memory.state?.held_kind === held.kind ? (memory.state.held_at ?? at) : at;
    const what = { held_kind: held.kind, held_count: held.count, held_of: held.of, held_at: since };
    await writeState(trx, portal.id, { ...notFailed, ...what, last_attempt_at: at, last_run: context.runId }, at);
  });
};
